package dev.tenon.benchmarks.cases;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.OnnxRuntimeRun;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.TenonRun;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A chain of additions to eight floats, each a step of its own. The steps have almost no work, so a call measures the
 * overhead of steps. Tenon runs it without optimisation, which would fuse all steps into one. ONNX Runtime has no such
 * fusion.
 *
 * @param steps the number of additions, at least 1
 */
public record ChainCase(int steps) implements BenchmarkCase {
    private static final int FLOATS = 8;
    /** An operator set that all releases of ONNX Runtime read. */
    private static final int OPERATOR_SET = 17;

    /**
     * Parses a case.
     *
     * @param steps a number, at least 1
     * @return the case
     * @throws IllegalArgumentException if the text is not such a number
     */
    public static ChainCase of(String steps) {
        if (!steps.matches("[1-9]\\d{0,4}")) {
            throw new IllegalArgumentException("steps '" + steps + "' is not a number from 1 to 99999");
        }
        return new ChainCase(Integer.parseInt(steps));
    }

    @Override
    public String model() {
        return "add_f32";
    }

    @Override
    public String sizes() {
        return steps + " steps";
    }

    @Override
    public String shapes() {
        return Integer.toString(FLOATS);
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public double flops() {
        return (double) FLOATS * steps;
    }

    @Override
    public double leastCosine() {
        return 0.99999;
    }

    private static Tensor numbers(float first) {
        float[] values = new float[FLOATS];
        for (int i = 0; i < FLOATS; i++) {
            values[i] = first * (i + 1);
        }
        return Tensor.of(values);
    }

    private Graph graph() {
        GraphBuilder b = new GraphBuilder("chain");
        Value v = b.input("x", new TensorType(DType.FLOAT32, Shape.of(FLOATS)));
        Value addend = b.constant("addend", numbers(1f / steps));
        for (int i = 0; i < steps; i++) {
            v = b.add(new Add(), v, addend);
        }
        return b.output("y", v).build();
    }

    @Override
    public PreparedRun prepare(String engine) {
        Model model = Model.of(graph());
        Map<String, Tensor> inputs = Map.of("x", numbers(1));
        return switch (engine) {
            case Engines.TENON -> {
                Session session =
                        model.session(SessionOptions.standard().threads(1).optimize(false));
                int planned = session.inspect().steps(inputs).size();
                if (planned != steps) {
                    throw new IllegalStateException("a chain of " + steps + " is planned in " + planned + " steps");
                }
                yield new TenonRun(session, inputs);
            }
            case Engines.ONNXRUNTIME -> peer(model, inputs);
            default -> throw Engines.unknown(engine, engines());
        };
    }

    private static PreparedRun peer(Model model, Map<String, Tensor> inputs) {
        try {
            Path file = Files.createTempFile("chain", ".onnx");
            try {
                model.save(file, SaveOptions.standard().operatorSet(OPERATOR_SET));
                return new OnnxRuntimeRun(file, 1, inputs);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
