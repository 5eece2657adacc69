package dev.tenon.compression.prune;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Gives the layers of a model new weights one after the other, in the order of the graph. A layer sees its inputs as the
 * changed model computes them, and is to give the outputs of the model before: so errors of earlier layers are made good
 * where they can be. Layers of the same input are done in one pass over the samples. A pass runs only the part of the graph
 * that the layer needs.
 */
final class LayerwiseFit {
    private final Model before;
    private final StepContext context;
    private final Map<String, int[]> keptOutputs;

    /**
     * A fit.
     *
     * @param before the model whose outputs are wanted
     * @param context the samples
     * @param keptOutputs the outputs of a layer that are left, by the name of its output; a layer that is not here has all
     */
    LayerwiseFit(Model before, StepContext context, Map<String, int[]> keptOutputs) {
        this.before = before;
        this.context = context;
        this.keptOutputs = keptOutputs;
    }

    /** The effect on a layer: its name, the signal to noise ratio of its output in dB, and how many weights are not 0. */
    record Fitted(String name, double sqnr, long nonZero) {}

    /** {@return whether the weights of a layer can be changed without a change of another} */
    static boolean isFree(LinearLayer layer) {
        boolean isScaled = layer.node().op() instanceof Gemm gemm && (gemm.alpha() != 1 || gemm.beta() != 1);
        return !layer.isShared() && !isScaled && layer.node().output() != null;
    }

    /**
     * Runs a solver on layers.
     *
     * @param start the model that is changed
     * @param names the names of the outputs of the layers
     * @param solver finds the weights
     * @param action receives the effect on each layer
     * @return the changed model
     */
    Model run(Model start, List<String> names, LayerSolver solver, BiConsumer<LinearLayer, Fitted> action) {
        Model model = start;
        List<List<String>> stages = stages(start.graph(), names);
        for (int i = 0; i < stages.size(); i++) {
            int stage = i;
            List<RowSums> sums = sums(
                    model,
                    stages.get(i),
                    share -> context.progress(
                            "weights of " + String.join(", ", stages.get(stage)), (stage + share) / stages.size()));
            model = solve(model, sums, solver, action);
        }
        return model;
    }

    /** Layers of the same input together, in the order of the graph. */
    private static List<List<String>> stages(Graph graph, List<String> names) {
        Map<String, List<String>> byInput = new LinkedHashMap<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            String name =
                    layer.node().output() == null ? "" : layer.node().output().name();
            if (names.contains(name)) {
                byInput.computeIfAbsent(layer.input().name(), input -> new ArrayList<>())
                        .add(name);
            }
        }
        return List.copyOf(byInput.values());
    }

    /** Receives the share of a pass that is done. */
    private interface Pass {
        void at(double share);
    }

    private List<RowSums> sums(Model model, List<String> names, Pass pass) {
        List<LinearLayer> layers = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            if (layer.node().output() != null
                    && names.contains(layer.node().output().name())) {
                layers.add(layer);
            }
        }
        Samples.Calls calls = calls(context);
        GraphIndex index = new GraphIndex(model.graph());
        List<RowSums> sums = new ArrayList<>();
        for (LinearLayer layer : layers) {
            sums.add(new RowSums(layer, true, calls.samples(), context.seed(), Saturation.of(layer, index)));
        }
        String input = layers.getFirst().input().name();
        Session changed = session(model, List.of(input));
        Session wanted = session(before, names);
        long[] done = {0};
        calls.forEach(call -> {
            Tensor x = changed.predict(call.inputs()).tensor(input);
            Outputs outputs = wanted.predict(call.inputs());
            for (RowSums sum : sums) {
                String name = sum.layer().node().output().name();
                sum.add(x, kept(outputs.tensor(name), keptOutputs.get(name), sum.layer()));
            }
            done[0] += call.samples();
            pass.at((double) done[0] / Math.max(done[0], calls.samples()));
        });
        return sums;
    }

    /** The samples of a step. */
    static Samples.Calls calls(StepContext context) {
        return context.samples()
                .orElseThrow(() -> new CompressionException(
                        "pruning", "no samples", "samples for calibration", "give them to Compressor.calibrate"));
    }

    /** A session that computes some values of a graph and nothing else. */
    static Session session(Model model, List<String> values) {
        Graph graph = model.graph();
        GraphEditor editor = new GraphEditor(graph);
        graph.outputNames().forEach(editor::removeOutput);
        for (String name : new TreeSet<>(values)) {
            editor.addOutput(name, editor.index().value(name));
        }
        Graph part = new DeadCodeElimination().apply(editor.build());
        return model.withGraph(part).session(SessionOptions.standard());
    }

    /** The outputs that are left, along the axis of the layer's outputs. */
    private static Tensor kept(Tensor wanted, int[] kept, LinearLayer layer) {
        if (kept == null) {
            return wanted;
        }
        int axis = layer.node().op() instanceof Conv ? 1 : wanted.rank() - 1;
        return Shrinking.select(wanted, axis, kept);
    }

    private Model solve(Model model, List<RowSums> sums, LayerSolver solver, BiConsumer<LinearLayer, Fitted> action) {
        GraphEditor editor = new GraphEditor(model.graph());
        GraphIndex index = editor.index();
        for (RowSums sum : sums) {
            LinearLayer layer = sum.layer();
            BiasPlace bias = BiasPlace.of(layer, index);
            float[] matrix = layer.matrix();
            int outputs = layer.outputs() / layer.groups();
            int size = outputs * layer.terms();
            float[] biases = new float[layer.outputs()];
            double signal = 0;
            double noise = 0;
            for (int g = 0; g < layer.groups(); g++) {
                double[] old = new double[size];
                for (int i = 0; i < size; i++) {
                    old[i] = matrix[g * size + i];
                }
                LayerSolver.Solution solution = solver.solve(old, sum, g, bias.isFree());
                double[] found = solution.weights();
                for (int i = 0; i < size; i++) {
                    matrix[g * size + i] = (float) found[i];
                }
                LeastSquaresSums all = sum.all(g);
                signal += all.yy(bias.isFree());
                noise += all.error(found, bias.isFree());
                biases(solution, all, biases, g * outputs);
            }
            editor.replaceConstant(layer.weight(), layer.stored(matrix));
            bias.set(editor, layer, biases);
            action.accept(layer, new Fitted(layer.name(), decibels(signal, noise), nonZero(matrix)));
        }
        return model.withGraph(editor.build());
    }

    private static void biases(LayerSolver.Solution solution, LeastSquaresSums all, float[] to, int at) {
        double[] weights = solution.weights();
        if (solution.bias() != null) {
            for (int o = 0; o < all.outputs(); o++) {
                to[at + o] = (float) solution.bias()[o];
            }
            return;
        }
        double[] x = all.meanX();
        double[] y = all.meanY();
        int terms = all.terms();
        for (int o = 0; o < all.outputs(); o++) {
            double bias = y[o];
            for (int i = 0; i < terms; i++) {
                bias -= weights[o * terms + i] * x[i];
            }
            to[at + o] = (float) bias;
        }
    }

    /** A ratio in dB, infinite if there is no noise. */
    static double decibels(double signal, double noise) {
        return noise <= 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    }

    /** The number of weights that are not 0. */
    static long nonZero(float[] weights) {
        long count = 0;
        for (float w : weights) {
            count += w == 0 ? 0 : 1;
        }
        return count;
    }

    /** The name of a layer's output. */
    static String output(LinearLayer layer) {
        Value output = layer.node().output();
        return output == null ? "" : output.name();
    }
}
