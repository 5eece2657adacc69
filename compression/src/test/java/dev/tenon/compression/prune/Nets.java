package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Literals;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes small networks with random weights and samples for tests, and compares what they compute with ONNX Runtime. */
public final class Nets {
    private final GraphBuilder builder = new GraphBuilder("net");
    private final Random random;

    /** A network of no layers, with random numbers of a seed. */
    public Nets(long seed) {
        this.random = new Random(seed);
    }

    /** The input {@code x}; -1 stands for the batch. */
    public Value input(long... dims) {
        Dim[] of = Arrays.stream(dims)
                .mapToObj(d -> d < 0 ? Dim.symbol("batch") : Dim.of(d))
                .toArray(Dim[]::new);
        return builder.input("x", new TensorType(DType.FLOAT32, Shape.of(of)));
    }

    /** Normal random numbers, whose size suits a sum of a number of terms. */
    public Tensor normal(int terms, long... dims) {
        return normal(random, 1 / Math.sqrt(terms), dims);
    }

    static Tensor normal(Random random, double deviation, long... dims) {
        return Literals.normal(random, deviation, DType.FLOAT32, dims);
    }

    /** A constant. */
    public Value constant(Tensor t) {
        return builder.constant(t);
    }

    /** A node with a name. */
    public Value node(String name, Op op, Value... operands) {
        return builder.add(op, name, Arrays.asList(operands), List.of(name)).getFirst();
    }

    /** A convolution of same size with a bias and a random window. */
    public Value conv(String name, Value x, int outputs, int size, int groups) {
        long inputs = x.tensorType().shape().dim(1).value() / groups;
        long pad = size / 2;
        Conv conv = new Conv(
                new WindowAttributes(
                        AutoPad.NOTSET,
                        List.of((long) size, (long) size),
                        List.of(),
                        List.of(pad, pad, pad, pad),
                        List.of(),
                        false),
                groups);
        return node(
                name,
                conv,
                x,
                constant(normal((int) inputs * size * size, outputs, inputs, size, size)),
                constant(normal(4, outputs)));
    }

    /** The model with an output {@code y}. */
    public Model model(Value y) {
        return Model.of(builder.output("y", y).build());
    }

    GraphBuilder builder() {
        return builder;
    }

    /** Random samples for the input x. */
    public static List<Map<String, Tensor>> calls(long seed, int count, long... dims) {
        Random random = new Random(seed);
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Map.of("x", normal(random, 1, dims)));
        }
        return calls;
    }

    /** A context with samples. */
    public static StepContext context(Model model, List<Map<String, Tensor>> calls) {
        return StepContext.of(Samples.of(calls).bind(model.inputs()), 0);
    }

    /** The largest difference of two outputs, as a share of the largest output. */
    public static double difference(Tensor a, Tensor b) {
        assertThat(a.dims()).isEqualTo(b.dims());
        double largest = 0;
        double difference = 0;
        for (long i = 0; i < a.size(); i++) {
            largest = Math.max(largest, Math.abs(b.getDouble(i)));
            difference = Math.max(difference, Math.abs(a.getDouble(i) - b.getDouble(i)));
        }
        return difference / Math.max(largest, 1e-30);
    }

    /** The sum of the squares of the differences of two models' outputs. */
    public static double error(Model a, Model b, List<Map<String, Tensor>> calls) {
        double error = 0;
        for (Map<String, Tensor> call : calls) {
            Tensor x = a.predict(call).tensor("y");
            Tensor y = b.predict(call).tensor("y");
            for (long i = 0; i < x.size(); i++) {
                double d = x.getDouble(i) - y.getDouble(i);
                error += d * d;
            }
        }
        return error;
    }

    /** Checks that ONNX Runtime gives the same output, with its optimisations and without. */
    public static void checkInOnnxRuntime(Model model, Map<String, Tensor> call) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Tensor x = call.get("x");
        Tensor y = model.predict(call).tensor("y");
        for (OrtSession.SessionOptions.OptLevel level : new OrtSession.SessionOptions.OptLevel[] {
            OrtSession.SessionOptions.OptLevel.NO_OPT, OrtSession.SessionOptions.OptLevel.ALL_OPT
        }) {
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setOptimizationLevel(level);
                options.setIntraOpNumThreads(1);
                try (OrtSession session = environment.createSession(SavedModel.bytes(model), options);
                        OnnxTensor in =
                                OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloatArray()), x.dims());
                        OrtSession.Result result = session.run(Map.of("x", in))) {
                    OnnxTensor out = (OnnxTensor) result.get(0);
                    float[] found = new float[(int) y.size()];
                    out.getFloatBuffer().get(found);
                    assertThat(out.getInfo().getShape()).isEqualTo(y.dims());
                    assertThat(difference(Tensor.of(found, y.dims()), y))
                            .as("%s", level)
                            .isLessThan(1e-5);
                }
            }
        }
    }
}
