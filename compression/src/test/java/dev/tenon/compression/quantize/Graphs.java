package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Node;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small graphs with random weights, and samples for them. */
final class Graphs {
    private Graphs() {}

    /** A graph of a text. A constant {@code @name} in it has normal numbers, which depend on its name alone. */
    static Model model(String text, Map<String, long[]> weights) {
        return Model.of(GraphText.parse(
                text, StandardOperators.set(), name -> normal(weights.get(name), name.hashCode(), 0.3)));
    }

    static Tensor normal(long[] dims, long seed, double deviation) {
        Random random = new Random(seed);
        int size = 1;
        for (long d : dims) {
            size *= Math.toIntExact(d);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return Tensor.of(values, dims);
    }

    /** Calls with one input x. */
    static List<Map<String, Tensor>> calls(int count, long... dims) {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Map.of("x", normal(dims, 1000 + i, 1)));
        }
        return calls;
    }

    static StepContext context(Model model, List<Map<String, Tensor>> calls) {
        return StepContext.of(Samples.of(calls).bind(model.inputs()), 0);
    }

    static Model apply(Step step, Model model, List<Map<String, Tensor>> calls) {
        return step.apply(model, context(model, calls));
    }

    /** The names of operators, in order. */
    static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(node -> node.op().schema().name()).toList();
    }

    /** The node of an operator, the i-th one. */
    static Node node(Graph graph, String operator, int i) {
        return graph.nodes().stream()
                .filter(node -> node.op().schema().name().equals(operator))
                .toList()
                .get(i);
    }

    static long channels(Node node) {
        return ((TensorType) node.output().type()).shape().dim(1).value();
    }

    /** The ratio of signal to noise between the outputs y of two models, in dB. */
    static double sqnr(Model before, Model after, List<Map<String, Tensor>> calls) {
        double signal = 0;
        double noise = 0;
        for (Map<String, Tensor> call : calls) {
            float[] y = before.predict(call).tensor("y").toFloatArray();
            float[] z = after.predict(call).tensor("y").toFloatArray();
            for (int i = 0; i < y.length; i++) {
                signal += (double) y[i] * y[i];
                noise += ((double) y[i] - z[i]) * ((double) y[i] - z[i]);
            }
        }
        return 10 * Math.log10(signal / noise);
    }
}
