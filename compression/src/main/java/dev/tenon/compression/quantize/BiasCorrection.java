package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Adds to each bias what quantisation takes from the mean of the output: {@code b += E[y - y^]}, where y is the output before
 * quantisation and y^ that of the quantised model (M. Nagel et al., Data-Free Quantization Through Weight Equalization and
 * Bias Correction, 2019). Layers are corrected in order, so that a layer sees what the layers before it give after their
 * correction. Each takes a pass over the samples through the part of the graph before it.
 */
final class BiasCorrection {
    private final Model model;
    private final StepContext context;

    BiasCorrection(Model model, StepContext context) {
        this.model = model;
        this.context = context;
    }

    /** The graph, where each Conv and Gemm that has no bias gets one of zeros. */
    static Graph withBiases(Graph graph, Set<String> excluded) {
        GraphEditor editor = new GraphEditor(graph);
        for (LinearLayer layer : LinearLayer.of(graph)) {
            Node node = layer.node();
            boolean hasOwn = node.op() instanceof Conv || node.op() instanceof Gemm;
            if (hasOwn && node.input(Biases.OPERAND) == null && !excluded.contains(layer.name())) {
                Tensor zeros = Tensor.allocate(DType.FLOAT32, layer.outputs());
                List<String> names = List.of("");
                editor.replaceNode(
                        node,
                        editor.add(
                                node.op(),
                                layer.name(),
                                List.of(node.input(0), node.input(1), editor.constant(zeros)),
                                names));
            }
        }
        return editor.build();
    }

    /**
     * Corrects the biases of layers.
     *
     * @param graph the graph before quantisation
     * @param layers the quantised layers, in the order of the graph
     * @param biases receives the biases, by the constants of the graph
     * @param quantized makes the quantised graph with the biases so far
     */
    void run(Graph graph, List<LinearLayer> layers, Map<Value, float[]> biases, Supplier<Graph> quantized) {
        GraphIndex index = new GraphIndex(graph);
        List<LinearLayer> corrected = new ArrayList<>();
        Map<String, ChannelMeans> means = new LinkedHashMap<>();
        for (LinearLayer layer : layers) {
            Value bias = Biases.of(layer, index);
            if (bias != null && index.consumers(bias).size() == 1 && !index.isOutput(bias)) {
                corrected.add(layer);
                means.put(layer.node().output().name(), new ChannelMeans(layer));
            }
        }
        if (corrected.isEmpty()) {
            return;
        }
        context.observe(
                model.withGraph(graph),
                means.keySet(),
                "means",
                (name, value) -> means.get(name).add((Tensor) value));
        for (LinearLayer layer : corrected) {
            String output = layer.node().output().name();
            ChannelMeans found = new ChannelMeans(layer);
            context.observe(
                    model.withGraph(cut(quantized.get(), output)),
                    List.of(output),
                    "bias of " + layer.name(),
                    (name, value) -> found.add((Tensor) value));
            Value bias = Biases.of(layer, index);
            float[] numbers = Biases.numbers(bias, layer);
            for (int o = 0; o < numbers.length; o++) {
                numbers[o] = (float) (numbers[o] + means.get(output).of(o) - found.of(o));
            }
            biases.put(bias, numbers);
        }
    }

    /** The part of a graph that computes a value. */
    private static Graph cut(Graph graph, String value) {
        GraphEditor editor = new GraphEditor(graph);
        List.copyOf(graph.outputNames()).forEach(editor::removeOutput);
        editor.addOutput(value, editor.index().value(value));
        return new DeadCodeElimination().apply(editor.build());
    }

    /** The mean of each output of a layer. */
    private static final class ChannelMeans {
        private final LinearLayer layer;
        private final double[] sums;
        private long count;

        private ChannelMeans(LinearLayer layer) {
            this.layer = layer;
            this.sums = new double[layer.outputs()];
        }

        private void add(Tensor output) {
            float[] y = output.toFloatArray();
            int channels = sums.length;
            int inner = 1;
            if (layer.node().op() instanceof Conv) {
                for (int i = 2; i < output.rank(); i++) {
                    inner *= Math.toIntExact(output.dim(i));
                }
            }
            for (int i = 0; i < y.length; i++) {
                sums[i / inner % channels] += y[i];
            }
            count += y.length / channels;
        }

        private double of(int output) {
            return count == 0 ? 0 : sums[output] / count;
        }
    }
}
