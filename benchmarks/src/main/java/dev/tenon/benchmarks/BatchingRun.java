package dev.tenon.benchmarks;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Batcher;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Measures how much faster a row is when several run together, on one thread: {@code n t(1) / t(n)}, the largest of which
 * is the most that batching can gain. It also asks the batcher whether rows have the same bits together and alone. All
 * numbers of rows take turns; each time is the shortest of its turns.
 */
final class BatchingRun {
    static final String NAME = "batching";

    private static final int[] ROWS = {1, 2, 3, 4, 8, 16, 32, 64};
    private static final int TURNS = 15;
    private static final long TURN_NANOS = 30_000_000;
    private static final int WORD = 2;
    private static final double NANOS_PER_MICRO = 1e3;

    /** A model and the shapes of its inputs, where n is the number of rows: {@code x=nx3x8}, or {@code *=nx8}. */
    private record Entry(String name, String file, String shapes) {}

    private static final String MINILM = "input_ids=%1$s attention_mask=%1$s token_type_ids=%1$s";

    private static final List<Entry> LIST = List.of(
            new Entry("mnist_cnn", "shared:mnist_cnn", "*=nx1x28x28"),
            new Entry("digits_mlp", "shared:digits_mlp", "*=nx1x8x8"),
            new Entry("digits_vit", "shared:digits_vit", "*=nx1x8x8"),
            new Entry("digits_mobile", "shared:digits_mobile", "*=nx1x8x8"),
            new Entry("MiniLM, 16 tokens", "all-minilm-l6-v2", MINILM.formatted("nx16")),
            new Entry("MiniLM, 128 tokens", "all-minilm-l6-v2", MINILM.formatted("nx128")),
            new Entry("MiniLM INT8, 16 tokens", "all-minilm-l6-v2-q", MINILM.formatted("nx16")),
            new Entry("text direction (PP-OCR)", "ch_ppocr_mobile_v2.0_cls_infer", "x=nx3x48x192"),
            new Entry("speech embedding", "embedding_model", "input_1=nx76x32x1"),
            new Entry("char_gru", "shared:char_gru", "*=nx96"),
            new Entry("digits_rf100", "shared:digits_rf100", "*=nx64"),
            new Entry("xgb_1000x8", "shared:xgb_1000x8", "*=nx50"),
            new Entry("silero_vad_v5", "silero_vad_v5", "input=nx576 state=2xnx128 sr="));

    private BatchingRun() {}

    /**
     * The command line of this suite.
     *
     * @return a line of help
     */
    static String help() {
        return "benchmarks/run batching [MODEL SHAPES]   what rows gain by running together; SHAPES as x=nx3x8";
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite, and a model with its shapes, or none for a list
     * @throws UsageException if a model or shape is missing
     */
    static void run(PrintStream out, String... arguments) throws UsageException {
        if (arguments.length != 1 && arguments.length < 1 + WORD) {
            throw new UsageException(help());
        }
        out.println("one thread; t(1) in microseconds, then n t(1) / t(n)");
        out.printf(Locale.ROOT, "%-26s %9s", "model", "t(1)");
        for (int i = 1; i < ROWS.length; i++) {
            out.printf(Locale.ROOT, " %6d", ROWS[i]);
        }
        out.println("     g*  same bits");
        if (arguments.length > 1) {
            String shapes = String.join(" ", Arrays.copyOfRange(arguments, WORD, arguments.length));
            measure(out, arguments[1], Path.of(arguments[1]), shapes);
            return;
        }
        for (Entry entry : LIST) {
            measure(out, entry.name(), path(entry.file()), entry.shapes());
        }
    }

    private static Path path(String file) {
        String shared = "shared:";
        if (!file.startsWith(shared)) {
            return Path.of(System.getProperty(MiniLmCase.FOLDER_PROPERTY, "target/models"))
                    .resolve(file + ".onnx");
        }
        String given = System.getProperty("tenon.shared", "");
        Path folder = given.isEmpty()
                ? Path.of(System.getProperty("tenon.root", ".")).resolveSibling("shared")
                : Path.of(given);
        return folder.resolve("models/trained").resolve(file.substring(shared.length())).resolve("model.onnx");
    }

    private static void measure(PrintStream out, String name, Path file, String shapes) throws UsageException {
        if (!Files.exists(file)) {
            throw new UsageException(file + " is missing");
        }
        Session session = Model.load(file).session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (int rows : ROWS) {
            inputs.add(inputs(session.model(), shapes, rows));
        }
        long[] nanos = shortest(session, inputs);
        out.printf(Locale.ROOT, "%-26s %9.1f", name, nanos[0] / NANOS_PER_MICRO);
        double most = 1;
        for (int i = 1; i < ROWS.length; i++) {
            double gain = (double) ROWS[i] * nanos[0] / nanos[i];
            most = Math.max(most, gain);
            out.printf(Locale.ROOT, " %6.2f", gain);
        }
        out.printf(Locale.ROOT, " %6.2f  %s%n", most, sameBits(session, inputs.getLast()));
        out.flush();
    }

    private static long[] shortest(Session session, List<Map<String, Tensor>> inputs) {
        long[] shortest = new long[inputs.size()];
        Arrays.fill(shortest, Long.MAX_VALUE);
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = 0; i < shortest.length; i++) {
                long end = System.nanoTime() + TURN_NANOS;
                long before = System.nanoTime();
                do {
                    Outputs outputs = session.predict(inputs.get(i));
                    long after = System.nanoTime();
                    shortest[i] = Math.min(shortest[i], after - before);
                    before = after;
                    if (outputs.isEmpty()) {
                        throw new IllegalStateException("the model has no outputs");
                    }
                } while (before < end);
            }
        }
        return shortest;
    }

    private static String sameBits(Session session, Map<String, Tensor> rows) {
        try {
            Batcher.of(session, BatchOptions.standard().samples(List.of(rows)));
            return "yes";
        } catch (NotBatchableException e) {
            return "no: " + e.getMessage();
        }
    }

    private static Map<String, Tensor> inputs(Model model, String shapes, int rows) throws UsageException {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String part : shapes.split(" ")) {
            int at = part.indexOf('=');
            if (at < 0) {
                throw new UsageException("a shape reads name=nx3x8, not " + part);
            }
            byName.put(part.substring(0, at), part.substring(at + 1));
        }
        SplittableRandom random = new SplittableRandom(rows);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            String shape = byName.getOrDefault(input.name(), byName.get("*"));
            if (shape == null) {
                throw new UsageException("no shape for input " + input);
            }
            inputs.put(input.name(), random(((TensorType) input.type()).dtype(), dims(shape, rows), random));
        }
        return inputs;
    }

    private static long[] dims(String shape, int rows) {
        return shape.isEmpty()
                ? new long[0]
                : Arrays.stream(shape.split("x"))
                        .mapToLong(d -> d.equals("n") ? rows : Long.parseLong(d))
                        .toArray();
    }

    private static Tensor random(DType dtype, long[] dims, SplittableRandom random) {
        Tensor t = Tensor.allocate(dtype, dims);
        for (long i = 0; i < t.size(); i++) {
            if (dtype.isFloating()) {
                t.setDouble(i, random.nextDouble());
            } else {
                // A sampling rate, a mask, or a token.
                t.setLong(i, dims.length == 0 ? 16_000 : 1);
            }
        }
        return t;
    }
}
