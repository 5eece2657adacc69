package dev.tenon.fuzz;

import com.sun.management.ThreadMXBean;
import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.ProcessMemory;
import dev.tenon.formats.Limits;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.fuzz.Outcome.Kind;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Judges a file: it is refused by a typed exception, or it gives a model that runs; within the time and the memory
 * allowed; and in the same way a second time. Runs on the thread that it judges.
 */
final class Oracle {
    /** The processor time that a file may take. */
    private static final long MOST_NANOS = 2_000_000_000;

    /** The memory that a file may take, on the heap or beside it, garbage included. */
    private static final long MOST_BYTES = 512L << 20;

    private static final Duration TIME_LIMIT = Duration.ofMillis(500);
    private static final long MOST_TENSOR_BYTES = 1 << 22;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Limits LIMITS = Limits.defaults()
            .withMaxExpandedBytes(1 << 22)
            .withMaxRecords(1 << 20)
            .withMaxTensorBytes(1 << 24);

    private static final LoadOptions LOADING = LoadOptions.standard().limits(LIMITS);
    private static final SessionOptions CAREFUL = SessionOptions.standard()
            .maxTensorBytes(MOST_TENSOR_BYTES)
            .maxIterations(1000)
            .timeLimit(TIME_LIMIT)
            .threads(1);

    private Oracle() {}

    /** Judges a model, ONNX or a package. The number chooses its inputs. */
    static Outcome model(byte[] file, long seed) {
        return twice(() -> runModel(file, seed));
    }

    /** Judges a tensor of ONNX. */
    static Outcome tensor(byte[] file) {
        return twice(() -> read(file, in -> TensorFiles.readTensor(in, LIMITS)));
    }

    /** Judges an array of NumPy. */
    static Outcome npy(byte[] file) {
        return twice(() -> read(file, in -> Npy.read(in, LIMITS)));
    }

    /** Some work that says how it ended, or throws. */
    @FunctionalInterface
    private interface Work {
        Outcome run() throws TenonException;
    }

    private static Outcome read(byte[] file, Function<ByteArrayInputStream, Tensor> reader) {
        try {
            return new Outcome(Kind.RAN, "", Digest.of(reader.apply(new ByteArrayInputStream(file))));
        } catch (TenonException e) {
            return typed(Kind.REFUSED_AT_LOADING, e);
        }
    }

    private static Outcome runModel(byte[] file, long seed) {
        Model model;
        try {
            model = Model.load(ByteBuffer.wrap(file), LOADING);
        } catch (TenonException e) {
            return typed(Kind.REFUSED_AT_LOADING, e);
        }
        Session session;
        try {
            session = model.session(CAREFUL);
        } catch (TenonException e) {
            return typed(Kind.REFUSED_BY_SESSION, e);
        }
        Map<String, Datum> inputs = Inputs.of(model, new SplittableRandom(seed));
        if (inputs == null) {
            return new Outcome(Kind.WITHOUT_INPUTS, "", "");
        }
        try {
            Outputs outputs = session.predict(inputs);
            return new Outcome(Kind.RAN, "", isRandom(model.graph()) ? "" : Digest.of(outputs));
        } catch (TenonException e) {
            return typed(Kind.REFUSED_AT_RUN, e);
        }
    }

    private static Outcome typed(Kind kind, TenonException e) {
        boolean says = e.thing() != null
                && !e.thing().isBlank()
                && e.found() != null
                && !e.found().isBlank();
        if (!says) {
            return new Outcome(Kind.UNTYPED, "says nothing: " + e, "");
        }
        String text = e.getClass().getSimpleName() + " " + e.getMessage();
        return new Outcome(e instanceof InterruptedPredictionException ? Kind.OUT_OF_TIME : kind, text, "");
    }

    private static boolean isRandom(Graph graph) {
        for (Node node : graph.nodes()) {
            if (!node.op().deterministic()) {
                return true;
            }
            if (node.op() instanceof GraphOp control
                    && control.bodies().stream().anyMatch(Oracle::isRandom)) {
                return true;
            }
        }
        return false;
    }

    private static Outcome twice(Work work) {
        Outcome first = measured(work);
        if (first.isFault()) {
            return first;
        }
        Outcome second = measured(work);
        if (second.isFault()) {
            return second;
        }
        boolean timed = first.kind() == Kind.OUT_OF_TIME || second.kind() == Kind.OUT_OF_TIME;
        boolean same = first.endsLike(second) && first.results().equals(second.results());
        return timed || same ? first : new Outcome(Kind.DIFFERENT, first + " then " + second, "");
    }

    private static Outcome measured(Work work) {
        long time = THREADS.getCurrentThreadCpuTime();
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long direct = ProcessMemory.directBytes();
        Outcome outcome;
        try {
            outcome = work.run();
        } catch (RuntimeException | Error e) {
            outcome = new Outcome(Kind.UNTYPED, trace(e), "");
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - time;
        long bytes =
                THREADS.getCurrentThreadAllocatedBytes() - heap + Math.max(0, ProcessMemory.directBytes() - direct);
        if (outcome.kind() != Kind.UNTYPED && (nanos > MOST_NANOS || bytes > MOST_BYTES)) {
            String text = nanos / 1_000_000 + " ms, " + (bytes >> 20) + " MiB, after: " + outcome.signature();
            return new Outcome(Kind.TOO_MUCH, text, "");
        }
        return outcome;
    }

    private static String trace(Throwable e) {
        StringBuilder text = new StringBuilder(e.toString());
        StackTraceElement[] frames = e.getStackTrace();
        for (int i = 0; i < Math.min(12, frames.length); i++) {
            text.append("\n    at ").append(frames[i]);
        }
        return text.toString();
    }
}
