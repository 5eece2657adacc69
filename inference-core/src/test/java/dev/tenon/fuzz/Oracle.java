package dev.tenon.fuzz;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.tensor.Datum;
import dev.tenon.testkit.fuzz.Outcome;
import dev.tenon.testkit.fuzz.Outcome.Kind;
import dev.tenon.testkit.fuzz.Trial;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;

/** Judges a file by a {@link Trial}: it is refused by a typed exception, or it gives a model that runs, or a value. */
final class Oracle {
    private static final Duration TIME_LIMIT = Duration.ofMillis(500);
    private static final long MOST_TENSOR_BYTES = 1 << 22;

    private static final Limits LIMITS =
            Limits.standard().maxExpandedBytes(1 << 22).maxRecords(1 << 20).maxTensorBytes(1 << 24);

    private static final LoadOptions LOADING = LoadOptions.standard().limits(LIMITS);
    private static final SessionOptions CAREFUL = SessionOptions.standard()
            .maxTensorBytes(MOST_TENSOR_BYTES)
            .maxIterations(1000)
            .timeLimit(TIME_LIMIT)
            .threads(1);

    private Oracle() {}

    /** Judges a model, ONNX or a package. The number chooses its inputs. */
    static Outcome model(byte[] file, long seed) {
        return Trial.twice(() -> runModel(file, seed));
    }

    /** Judges a tensor of ONNX. */
    static Outcome tensor(byte[] file) {
        return Trial.reading(() -> Digest.of(TensorFiles.readTensor(new ByteArrayInputStream(file), LIMITS)));
    }

    /** Judges an array of NumPy. */
    static Outcome npy(byte[] file) {
        return Trial.reading(() -> Digest.of(Npy.read(new ByteArrayInputStream(file), LIMITS)));
    }

    private static Outcome runModel(byte[] file, long seed) {
        Model model;
        try {
            model = Model.load(ByteBuffer.wrap(file), LOADING);
        } catch (TenonException e) {
            return Trial.typed(Kind.REFUSED_AT_LOADING, e);
        }
        Session session;
        try {
            session = model.session(CAREFUL);
        } catch (TenonException e) {
            return Trial.typed(Kind.REFUSED_BY_SESSION, e);
        }
        Map<String, Datum> inputs = Inputs.of(model, new SplittableRandom(seed));
        if (inputs == null) {
            return new Outcome(Kind.WITHOUT_INPUTS, "", "");
        }
        try {
            Outputs outputs = session.predict(inputs);
            return new Outcome(Kind.RAN, "", isRandom(model.graph()) ? "" : Digest.of(outputs));
        } catch (TenonException e) {
            return Trial.typed(Kind.REFUSED_AT_RUN, e);
        }
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
}
