package dev.tenon.compression.quantize.weights;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the second moments of layers' inputs, group by group in the order of the graph. Layers with one weight are a
 * group. Groups with one input share a pass over the samples.
 *
 * <p>The weights that are to be rounded may be others than those of the model: with the inputs x' that the compressed
 * model computes and the inputs x before compression, {@code W' = W + W D (H + d I)^-1} makes {@code |W x - W' x'|^2}
 * least, where D = sum of (x - x') x'^T, H = sum of x' x'^T, and d is the mean of the diagonal of H.
 */
final class SequentialLayers {
    /**
     * The damping of H for the corrected weights, as a share of the mean of its diagonal. It is more than for rounding,
     * since the errors of few samples would be fitted otherwise.
     */
    private static final double CORRECTION_DAMPING = 1;

    private final Model model;
    private final List<List<LinearLayer>> groups;
    private final StepContext context;
    private final boolean isSequential;
    private final Map<Value, Tensor> changed = new LinkedHashMap<>();

    /** Rounds the weights of a group. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Rounds weights.
         *
         * @param group layers with one weight
         * @param gptq the prepared second moments of their inputs
         * @param importance the diagonal of the second moments
         * @param matrix the weights to round, [outputs, terms]
         * @return the rounded weights, as the model stores them
         */
        Tensor round(List<LinearLayer> group, Gptq gptq, double[] importance, float[] matrix);
    }

    /**
     * Prepares a visit.
     *
     * @param model the model before compression
     * @param groups layers of its graph, MatMul or Gemm, in groups that share a weight
     * @param context gives the samples
     * @param isSequential whether inputs are those that the rounded layers before give
     * @param tables constants of the graph that were rounded before
     */
    SequentialLayers(
            Model model,
            List<List<LinearLayer>> groups,
            StepContext context,
            boolean isSequential,
            Map<Value, Tensor> tables) {
        this.model = model;
        this.groups = groups;
        this.context = context;
        this.isSequential = isSequential;
        changed.putAll(tables);
    }

    /** Visits all groups. */
    void visit(Visitor visitor) {
        List<List<LinearLayer>> stage = new ArrayList<>();
        int done = 0;
        for (List<LinearLayer> group : groups) {
            if (!stage.isEmpty() && !inputs(stage.getFirst()).equals(inputs(group))) {
                done += stage.size();
                run(stage, visitor, (double) done / groups.size());
                stage.clear();
            }
            stage.add(group);
        }
        if (!stage.isEmpty()) {
            run(stage, visitor, 1);
        }
    }

    private static Set<Value> inputs(List<LinearLayer> group) {
        Set<Value> inputs = new LinkedHashSet<>();
        group.forEach(layer -> inputs.add(layer.input()));
        return inputs;
    }

    private void run(List<List<LinearLayer>> stage, Visitor visitor, double share) {
        Set<Value> inputs = inputs(stage.getFirst());
        int terms = stage.getFirst().getFirst().terms();
        boolean hasErrors = isSequential && !changed.isEmpty();
        PairedMoments moments = new PairedMoments(terms, hasErrors);
        Session after = model.withGraph(upTo(inputs, changed)).session();
        Session before = hasErrors ? model.withGraph(upTo(inputs, Map.of())).session() : after;
        Samples.Calls calls = context.samples().orElseThrow();
        calls.forEach(call -> {
            context.progress("GPTQ", share);
            Map<String, Tensor> found = values(after, inputs, call);
            Map<String, Tensor> expected = hasErrors ? values(before, inputs, call) : found;
            for (Value input : inputs) {
                moments.add(
                        found.get(input.name()).toFloatArray(),
                        expected.get(input.name()).toFloatArray());
            }
        });
        double[] h = moments.moments();
        double[] importance = new double[terms];
        for (int i = 0; i < terms; i++) {
            importance[i] = h[i * terms + i];
        }
        Gptq gptq = new Gptq(h, terms, GptqRounding.DAMPING, false);
        for (List<LinearLayer> group : stage) {
            LinearLayer first = group.getFirst();
            float[] matrix = first.matrix();
            if (hasErrors) {
                matrix = corrected(matrix, terms, moments.errors(), new Gptq(h, terms, CORRECTION_DAMPING, false));
            }
            Tensor rounded = visitor.round(group, gptq, importance, matrix);
            if (isSequential) {
                changed.put(first.weight(), rounded);
            }
        }
    }

    /** The graph with other weights, whose outputs are some of its values. */
    private Graph upTo(Set<Value> values, Map<Value, Tensor> weights) {
        GraphEditor editor = new GraphEditor(model.graph());
        weights.forEach(editor::replaceConstant);
        model.graph().outputNames().forEach(editor::removeOutput);
        for (Value v : values) {
            if (v.producer() != null) {
                editor.addOutput(v.name(), v);
            }
        }
        return editor.build();
    }

    private static Map<String, Tensor> values(Session session, Set<Value> values, Samples.Call call) {
        Map<String, Tensor> found = new LinkedHashMap<>(call.inputs());
        if (values.stream().anyMatch(v -> v.producer() != null)) {
            session.predict(call.inputs()).forEach((name, value) -> found.put(name, (Tensor) value));
        }
        return found;
    }

    private static float[] corrected(float[] matrix, int terms, double[][] errors, Gptq gptq) {
        float[] corrected = new float[matrix.length];
        double[] row = new double[terms];
        for (int at = 0; at < matrix.length; at += terms) {
            Arrays.fill(row, 0);
            for (int i = 0; i < terms; i++) {
                Gptq.add(row, matrix[at + i], errors[i], 0, terms);
            }
            double[] change = gptq.solved(row);
            for (int i = 0; i < terms; i++) {
                corrected[at + i] = (float) (matrix[at + i] + change[i]);
            }
        }
        return corrected;
    }
}
