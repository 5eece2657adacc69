package dev.tenon.benchmarks.operators;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.StepInfo;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.OneDnnRun;
import dev.tenon.benchmarks.engine.OnnxRuntimeRun;
import dev.tenon.benchmarks.engine.OpenBlasProduct;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.TenonRun;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An operator as a model that engines run, or the two operands of a product. It is an operator that
 * {@link OperatorText} parses, one with a name of {@link KernelOperators} or of {@link NarrowOperators}, or a float32 operator
 * with one of these names: {@code gemm_MxKxN} (constant right operand), {@code conv3x3_CxM_HW}, {@code conv7x7s2_CxM_HW} and
 * {@code depthwise3x3_C_HW} (constant weights, followed by Relu), {@code convadd1x1_CxM_HW} (the same, with an addition of
 * another image before Relu), these with {@code last} before them (images have their channels last, as most convolutions of a
 * network find them), {@code layernorm_RxC}, {@code softmax_DIMS}, {@code gelu_DIMS} (expressed by Erf, as exporters do).
 *
 * @param model one of these names, or the name of the operator
 * @param graph the model
 * @param inputs a tensor for each input, by name
 * @param right the constant right operand of a product whose left operand is the input {@code x}; otherwise null
 * @param operatorSet the operator set of the model that is written for ONNX Runtime
 */
public record OperatorCase(String model, Graph graph, Map<String, Tensor> inputs, Tensor right, int operatorSet)
        implements BenchmarkCase {
    private static final long SEED = 20260211;
    /** An operator set that all releases of ONNX Runtime read. */
    private static final int OPERATOR_SET = 17;

    private static final String LAST = "last";

    private static final Pattern TEXT = Pattern.compile(
            "(gemm|(?:last)?(?:conv|convadd|depthwise)|layernorm|softmax|gelu)(?:([1-9])x[1-9](s2)?)?((?:_\\d+(?:x\\d+)*)+)");

    /**
     * Parses a case.
     *
     * @param text such as {@code conv3x3_64x64_56}
     * @return the case
     * @throws IllegalArgumentException if the text has none of the forms above
     */
    public static OperatorCase of(String text) {
        OperatorCase listed = KernelOperators.find(text);
        if (listed != null) {
            return listed;
        }
        if (NarrowOperators.text(text) != null) {
            return OperatorText.read(text, NarrowOperators.text(text));
        }
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("operator '" + text + "' is not of a form such as conv3x3_64x64_56");
        }
        String[] parts = m.group(4).substring(1).split("_");
        long[] dims = numbers(parts[0]);
        GraphBuilder b = new GraphBuilder(text);
        SplittableRandom random = new SplittableRandom(SEED);
        return switch (m.group(1)) {
            case "gemm" -> {
                need(text, dims.length == 3 && parts.length == 1);
                Tensor x = random(random, dims[0], dims[1]);
                Tensor right = random(random, dims[1], dims[2]);
                Value product = b.add(new MatMul(), input(b, x), b.constant("b", right));
                yield finished(text, b, x, product, right);
            }
            case "layernorm", "softmax", "gelu" -> {
                need(text, parts.length == 1);
                Tensor x = random(random, dims);
                yield finished(text, b, x, rowwise(m.group(1), b, input(b, x), dims[dims.length - 1], random));
            }
            default -> {
                need(text, m.group(2) != null && parts.length == 2);
                yield convolution(text, b, random, m, dims, numbers(parts[1])[0]);
            }
        };
    }

    private static OperatorCase convolution(
            String text, GraphBuilder b, SplittableRandom random, Matcher m, long[] channels, long size) {
        boolean depthwise = m.group(1).endsWith("depthwise");
        boolean last = m.group(1).startsWith(LAST);
        need(text, channels.length == (depthwise ? 1 : 2));
        long kernel = Long.parseLong(m.group(2));
        long stride = m.group(3) == null ? 1 : 2;
        long pad = kernel / 2;
        long in = channels[0];
        long out = channels[channels.length - 1];
        Op conv = Conv.of(Attributes.none()
                .with("group", depthwise ? in : 1L)
                .with("strides", List.of(stride, stride))
                .with("pads", List.of(pad, pad, pad, pad)));
        Tensor x = last ? random(random, 1, size, size, in) : random(random, 1, in, size, size);
        Value weights = b.constant("w", random(random, out, depthwise ? 1 : in, kernel, kernel));
        Value bias = b.constant("bias", random(random, out));
        Value y = b.add(last ? new ChannelsLast(conv) : conv, input(b, x), weights, bias);
        if (!m.group(1).endsWith("convadd")) {
            return finished(text, b, x, b.add(new Relu(), y));
        }
        Tensor other = random(random, y.tensorType().shape().toArray());
        Value sum = b.add(new Add(), y, b.input("other", other.type()));
        return new OperatorCase(
                text,
                b.output("y", b.add(new Relu(), sum)).build(),
                Map.of("x", x, "other", other),
                null,
                OPERATOR_SET);
    }

    private static Value rowwise(String name, GraphBuilder b, Value x, long width, SplittableRandom random) {
        return switch (name) {
            case "layernorm" ->
                b.add(
                        LayerNormalization.of(Attributes.none()),
                        x,
                        b.constant("scale", random(random, width)),
                        b.constant("shift", random(random, width)));
            case "softmax" -> b.add(new Softmax(-1), x);
            default -> {
                Value root = b.constant("root2", Tensor.scalar((float) Math.sqrt(2)));
                Value one = b.constant("one", Tensor.scalar(1f));
                Value half = b.constant("half", Tensor.scalar(0.5f));
                Value erf = b.add(new Add(), b.add(new Erf(), b.add(new Div(), x, root)), one);
                yield b.add(new Mul(), b.add(new Mul(), x, erf), half);
            }
        };
    }

    private static OperatorCase finished(String text, GraphBuilder b, Tensor x, Value y) {
        return finished(text, b, x, y, null);
    }

    private static OperatorCase finished(String text, GraphBuilder b, Tensor x, Value y, Tensor right) {
        return new OperatorCase(text, b.output("y", y).build(), Map.of("x", x), right, OPERATOR_SET);
    }

    private static Value input(GraphBuilder b, Tensor x) {
        return b.input("x", new TensorType(DType.FLOAT32, Shape.of(x.dims())));
    }

    private static void need(String text, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("operator '" + text + "' has too many or too few numbers");
        }
    }

    private static long[] numbers(String text) {
        String[] parts = text.split("x");
        long[] numbers = new long[parts.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(parts[i]);
        }
        return numbers;
    }

    private static Tensor random(SplittableRandom random, long... dims) {
        return uniform(random, -1, 1, dims);
    }

    /** Numbers from least to most. An array is filled, which is fast before the JVM has compiled anything. */
    static Tensor uniform(SplittableRandom random, double least, double most, long... dims) {
        float[] values = new float[Math.toIntExact(Shape.of(dims).knownElements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(least, most);
        }
        return Tensor.wrap(values, dims);
    }

    @Override
    public String sizes() {
        return "";
    }

    @Override
    public String shapes() {
        return BenchmarkCase.shapes(inputs);
    }

    @Override
    public List<String> engines() {
        List<String> engines = new ArrayList<>(List.of(Engines.TENON));
        if (!isLast() && inputs.values().stream().allMatch(x -> OnnxRuntimeRun.takes(x.dtype()))) {
            engines.add(Engines.ONNXRUNTIME);
        }
        if (right != null || NarrowOperators.isReduced(graph)) {
            engines.add(Engines.OPENBLAS);
        }
        if (OneDnnRun.takes(graph, inputs)) {
            engines.add(Engines.ONEDNN);
        }
        return engines;
    }

    /** The kernel of the step with the most arithmetic. */
    @Override
    public String kernel() {
        return steps().stream()
                .max(Comparator.comparingDouble(s -> s.cost().orElseThrow().flops()))
                .map(StepInfo::kernel)
                .orElseThrow();
    }

    /** Whether images have their channels last. The standard has no such convolution: a peer would transpose its images. */
    private boolean isLast() {
        return KernelOperators.find(model) == null && graph.nodes().getFirst().op() instanceof ChannelsLast;
    }

    private List<StepInfo> steps() {
        return session().inspect().steps(inputs);
    }

    Session session() {
        return Model.of(graph).session(SessionOptions.standard().threads(1));
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public double flops() {
        return steps().stream().mapToDouble(s -> s.cost().orElseThrow().flops()).sum();
    }

    /** Peers that compute a product in float32 where Tenon rounds its operands differ by the rounding. */
    @Override
    public double leastCosine() {
        return NarrowOperators.isReduced(graph) ? 0.999 : 0.99999;
    }

    @Override
    public PreparedRun prepare(String engine) {
        boolean reduced = NarrowOperators.isReduced(graph);
        if (engine.equals(Engines.TENON) && (reduced || isLast())) {
            return new TenonRun(session(), inputs);
        }
        if (engine.equals(Engines.ONEDNN) && OneDnnRun.takes(graph, inputs)) {
            return new OneDnnRun(graph, inputs);
        }
        if (engine.equals(Engines.OPENBLAS) && (right != null || reduced)) {
            return new OpenBlasProduct(
                    inputs.values().iterator().next(), reduced ? NarrowOperators.weights(graph) : right);
        }
        try {
            Path file = Files.createTempFile("operator", ".onnx");
            try {
                Model.of(reduced ? NarrowOperators.inFloat(graph) : graph)
                        .save(file, SaveOptions.standard().operatorSet(operatorSet));
                return switch (engine) {
                    case Engines.TENON -> new TenonRun(file, 1, inputs);
                    case Engines.ONNXRUNTIME -> new OnnxRuntimeRun(file, 1, inputs);
                    default -> throw Engines.unknown(engine, engines());
                };
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
