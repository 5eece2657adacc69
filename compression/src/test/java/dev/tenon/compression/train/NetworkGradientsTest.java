package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.SessionOptions;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.gradient.Gradients;
import dev.tenon.graph.gradient.Trainables;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Gradients of trained networks by all of their weights: against central differences in float64, and by kernels in float32
 * against the references in float64.
 */
@Tag("vector")
class NetworkGradientsTest {
    /** How far weights are moved in a direction, for differences that are compared with the gradient. */
    private static final double STEP = 1e-6;

    private static final double TOLERANCE = 1e-5;

    /**
     * The difference from another library that computes in float64, relative to the sum of the magnitudes of the terms. Factors
     * of activations and attention are rounded to float32 in the file.
     */
    private static final double PEER = 1e-6;

    /** Exponents, factors and ratios. */
    private static final Pattern NO_WEIGHT = Pattern.compile("Constant|ratio");

    /** The error of a float32 gradient: many layers, each with the bound of its operators. */
    private static final Numerics KERNELS = new Numerics(64, 512);

    /** A network whose weights are inputs, with a loss. */
    private record Network(Graph graph, Map<String, Tensor> inputs, List<String> weights) {}

    private static Network network(String model, String file, long... dims) {
        Path path = TestData.shared("models", "trained", model).resolve(file);
        Graph graph = Model.load(path).graph();
        String input = graph.inputs().getFirst().name();
        Trainables trainables = Trainables.of(
                graph, Map.of(input, dims), name -> !NO_WEIGHT.matcher(name).find());
        GraphEditor editor = new GraphEditor(trainables.graph());
        Value output = trainables.graph().outputs().getFirst();
        Tensor factors = random(1, -1, 1, output.tensorType().shape().toArray());
        editor.addOutput(
                "loss",
                editor.add(new ReduceSum(false, false), editor.add(new Mul(), output, editor.constant(factors))));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(input, random(2, -1, 1, dims));
        inputs.putAll(trainables.initial());
        Graph simple = Pipeline.standard().simplify(editor.build(), RewriteTrace.none());
        return new Network(simple, inputs, List.copyOf(trainables.initial().keySet()));
    }

    private static Tensor random(long seed, double least, double most, long... dims) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextDouble(least, most));
        }
        return t;
    }

    private static Tensor wide(Tensor t) {
        return t.dtype() == DType.FLOAT32 ? Tensor.convert(DType.FLOAT64, t.toDoubleArray(), t.dims()) : t;
    }

    /** The same graph in float64. */
    private static Graph wide(Graph graph) {
        GraphBuilder b = new GraphBuilder(graph.name());
        Map<Value, Value> copies = new HashMap<>();
        for (Value v : graph.inputs()) {
            ValueType type = v.tensorType().dtype() == DType.FLOAT32
                    ? new TensorType(DType.FLOAT64, v.tensorType().shape())
                    : v.type();
            copies.put(v, b.input(v.name(), type));
        }
        graph.constants().forEach(v -> copies.put(v, b.constant(v.name(), wide(v.constant()))));
        for (Node node : graph.nodes()) {
            List<Value> operands = new ArrayList<>();
            node.inputs().forEach(v -> operands.add(copies.get(v)));
            List<String> names = new ArrayList<>();
            node.outputs().forEach(v -> names.add(v == null ? null : v.name()));
            Op op = node.op() instanceof Cast cast && cast.to() == DType.FLOAT32 ? new Cast(DType.FLOAT64) : node.op();
            List<Value> results = b.add(op, node.name(), operands, names);
            for (int i = 0; i < results.size(); i++) {
                copies.put(node.outputs().get(i), results.get(i));
            }
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            b.output(graph.outputNames().get(i), copies.get(graph.outputs().get(i)));
        }
        return b.build();
    }

    /** The same loss in PyTorch, which adds up in other orders: its gradients are in resources. */
    @ParameterizedTest
    @CsvSource({
        "digits_vit, model.onnx, 1, 8, 8",
        "digits_mobile, model_bn.onnx, 1, 8, 8",
        "mnist_cnn, model.onnx, 1, 28, 28"
    })
    void gradientsAreThoseOfPyTorch(String model, String file, long channels, long height, long width)
            throws IOException {
        Network network = network(model, file, 2, channels, height, width);
        List<Datum> results = gradients(network);
        Map<String, String[]> expected = expected(model);
        assertThat(network.weights()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        int first = network.graph().outputs().size();
        for (int i = 0; i < network.weights().size(); i++) {
            String[] row = expected.get(network.weights().get(i));
            Tensor gradient = (Tensor) results.get(first + i);
            Tensor direction = random(3, -1, 1, gradient.dims());
            double product = 0;
            double magnitude = 0;
            double largest = 0;
            for (long e = 0; e < gradient.size(); e++) {
                product += gradient.getDouble(e) * direction.getDouble(e);
                magnitude += Math.abs(gradient.getDouble(e) * direction.getDouble(e));
                largest = Math.max(largest, Math.abs(gradient.getDouble(e)));
            }
            assertThat(product).as(row[0]).isCloseTo(Double.parseDouble(row[1]), Offset.offset(PEER * magnitude));
            assertThat(largest).as(row[0]).isCloseTo(Double.parseDouble(row[2]), Offset.offset(PEER * magnitude));
        }
    }

    /** The results of the references in float64, with the gradients. */
    private static List<Datum> gradients(Network network) {
        Graph wide = wide(network.graph());
        return Interpreter.run(
                Gradients.of(wide, "loss", network.weights()),
                wide.inputs().stream()
                        .<Datum>map(v -> wide(network.inputs().get(v.name())))
                        .toList());
    }

    /** Rows of a weight's name, its gradient times a random direction, and the largest element of its gradient. */
    private static Map<String, String[]> expected(String model) throws IOException {
        Map<String, String[]> rows = new LinkedHashMap<>();
        try (InputStream in = NetworkGradientsTest.class.getResourceAsStream(model + ".tsv")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    rows.put(line.split("\t")[0], line.split("\t"));
                }
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource({"digits_vit, model.onnx, 1, 8, 8", "digits_mobile, model_bn.onnx, 1, 8, 8"})
    void smallNetworks(String model, String file, long channels, long height, long width) {
        check(network(model, file, 2, channels, height, width));
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @CsvSource({
        "mnist_cnn, model.onnx, 1, 28, 28",
        "mnist_cnn, model_folded.onnx, 1, 28, 28",
        "digits_mobile, model.onnx, 1, 8, 8",
        "digits_vit, model_opset14.onnx, 1, 8, 8"
    })
    void otherNetworks(String model, String file, long channels, long height, long width) {
        check(network(model, file, 2, channels, height, width));
    }

    private static void check(Network network) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        network.inputs().forEach((name, t) -> inputs.put(name, wide(t)));
        Graph wide = wide(network.graph());
        List<Datum> exact = gradients(network);
        int first = wide.outputs().size();
        int step = Exhaustive.step(Math.max(1, network.weights().size() / 4));
        for (int i = 0; i < network.weights().size(); i += step) {
            derivative(wide, inputs, network.weights().get(i), (Tensor) exact.get(first + i));
        }
        kernels(network, exact);
    }

    /** Moves a weight in a random direction. */
    private static void derivative(Graph graph, Map<String, Tensor> inputs, String weight, Tensor gradient) {
        Tensor w = inputs.get(weight);
        Tensor direction = wide(random(3, -1, 1, w.dims()));
        double product = 0;
        double magnitude = 1;
        for (long i = 0; i < w.size(); i++) {
            product += direction.getDouble(i) * gradient.getDouble(i);
            magnitude = Math.max(magnitude, Math.abs(product));
        }
        double difference =
                (loss(graph, inputs, weight, direction, STEP) - loss(graph, inputs, weight, direction, -STEP))
                        / (2 * STEP);
        assertThat(Math.abs(difference - product))
                .as("%s: %s by differences, %s by the gradient", weight, difference, product)
                .isLessThanOrEqualTo(TOLERANCE * magnitude);
    }

    private static double loss(Graph graph, Map<String, Tensor> inputs, String weight, Tensor direction, double step) {
        Tensor before = inputs.get(weight);
        Tensor moved = before.copy();
        for (long i = 0; i < moved.size(); i++) {
            moved.setDouble(i, moved.getDouble(i) + step * direction.getDouble(i));
        }
        List<Datum> values = graph.inputs().stream()
                .<Datum>map(v -> v.name().equals(weight) ? moved : inputs.get(v.name()))
                .toList();
        return ((Tensor) Interpreter.run(graph, values).get(graph.outputNames().indexOf("loss"))).getDouble(0);
    }

    private static void kernels(Network network, List<Datum> exact) {
        Graph gradients = Gradients.of(network.graph(), "loss", network.weights());
        Outputs alone = run(gradients, network, 1);
        Outputs together = run(gradients, network, 3);
        for (int i = 0; i < gradients.outputNames().size(); i++) {
            String name = gradients.outputNames().get(i);
            Tensor found = alone.tensor(name);
            Tensor expected = (Tensor) exact.get(i);
            double largest = 0;
            for (long e = 0; e < expected.size(); e++) {
                largest = Math.max(largest, Math.abs(expected.getDouble(e)));
            }
            for (long e = 0; e < expected.size(); e++) {
                assertThat(Math.abs(found.getDouble(e) - expected.getDouble(e)))
                        .as("%s, element %s: %s for %s", name, e, found.getDouble(e), expected.getDouble(e))
                        .isLessThanOrEqualTo(KERNELS.tolerance(DType.FLOAT32, expected.getDouble(e), largest));
            }
            assertThat(together.tensor(name).contentEquals(found))
                    .as("%s has the same bits with more threads", name)
                    .isTrue();
        }
    }

    private static Outputs run(Graph gradients, Network network, int threads) {
        return Model.of(gradients)
                .session(SessionOptions.standard().threads(threads))
                .predict(network.inputs());
    }
}
