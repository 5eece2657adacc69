package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.compression.calibrate.GramMatrix;
import dev.tenon.compression.calibrate.Histogram;
import dev.tenon.compression.calibrate.Histograms;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.Softmax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run of a {@link StaticQuantization}. */
final class StaticQuantizer {
    /** Biases stay below this share of the largest int32, so that the sums of products have room beside them. */
    private static final double MOST_BIAS = 1 << 30;

    private final StaticQuantization options;
    private final Model model;
    private final StepContext context;
    /** Names of nodes that stay in float. */
    private final Set<String> excluded;
    /** Why layers stay in float, by their names. */
    private final Map<String, String> reasons = new LinkedHashMap<>();

    private Graph graph;
    private Placement placement;
    private Map<Value, Grid> grids;
    private List<LinearLayer> layers;

    StaticQuantizer(StaticQuantization options, Model model, StepContext context) {
        this.options = options;
        this.model = model;
        this.context = context;
        this.excluded = GraphPreparation.excluded(model.graph(), options.filter());
        excluded.forEach(name -> reasons.put(name, "it was not selected"));
    }

    Model run() {
        graph = GraphPreparation.apply(model.graph());
        if (options.isEqualized()) {
            graph = Equalization.apply(model.withGraph(graph), excluded, context);
        }
        if (options.isSmoothed()) {
            graph = new Smoothing(options.smoothing(), options.maxWeight(), options.isPerChannel())
                    .apply(model.withGraph(graph), excluded, context);
        }
        if (options.isBiasCorrected()) {
            graph = BiasCorrection.withBiases(graph, excluded);
        }
        place();
        calibrate();
        if (layers.isEmpty()) {
            report(Map.of());
            return model;
        }
        Map<Value, QuantizedWeights> weights = weights();
        Map<Value, float[]> biases = new IdentityHashMap<>();
        if (options.isBiasCorrected()) {
            new BiasCorrection(model, context).run(graph, layers, biases, () -> written(weights, biases));
        }
        Graph result = written(weights, biases);
        report(weights);
        if (options.areTablesQuantized()) {
            result = new Tables(result, excluded).quantized(options.name(), context);
        }
        return model.withGraph(options.isOperatorForm() ? OperatorForm.of(result) : result);
    }

    /** Finds the layers that can be quantised, and decides what is quantised around them. */
    private void place() {
        Map<Node, LinearLayer> candidates = new IdentityHashMap<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            if (!excluded.contains(layer.name())) {
                candidates.put(layer.node(), layer);
            }
        }
        SharedWeights.exclude(graph, candidates, reasons);
        placement = new Placement(graph, candidates, excluded);
        layers = LinearLayer.of(graph).stream()
                .filter(layer -> placement.kind(layer.node()) == Operators.Kind.LINEAR)
                .toList();
    }

    /** Chooses the grids of values. Values without numbers, or with infinite ones, stay in float. */
    private void calibrate() {
        Set<String> names = new LinkedHashSet<>();
        placement.paired().forEach(v -> names.add(placement.scaleSource(v).name()));
        Map<String, Histogram> histograms = Histograms.of(model.withGraph(graph), names, context);
        Set<String> unfit = new LinkedHashSet<>();
        histograms.forEach((name, h) -> {
            if (h.nonFinite() > 0 || h.count() == 0) {
                unfit.add(name);
            }
        });
        if (!unfit.isEmpty()) {
            for (Value v : placement.paired()) {
                if (unfit.contains(placement.scaleSource(v).name())) {
                    exclude(v, histograms.get(placement.scaleSource(v).name()));
                }
            }
            place();
        }
        grids = new IdentityHashMap<>();
        Set<String> told = new LinkedHashSet<>();
        for (Value v : placement.paired()) {
            Value source = placement.scaleSource(v);
            Histogram h = histograms.get(source.name());
            grids.put(v, h == null ? null : grid(source, h));
            if (h != null && told.add(source.name())) {
                context.report(grids.get(v).range(source.name(), h));
            }
        }
    }

    private void exclude(Value v, Histogram h) {
        String reason = h.count() == 0 && h.nonFinite() == 0
                ? "the samples gave no values of " + v.name()
                : h.nonFinite() + " values of " + v.name() + " are not finite";
        List<Node> around = new ArrayList<>(placement.users(v));
        if (v.producer() != null) {
            around.add(v.producer());
            placement.bounds(v).stream()
                    .map(b -> b.input(0).producer())
                    .filter(n -> n != null)
                    .forEach(around::add);
        }
        for (Node node : around) {
            if (excluded.add(LinearLayer.name(node))) {
                reasons.put(LinearLayer.name(node), reason);
            }
        }
    }

    private Grid grid(Value v, Histogram h) {
        if (v.producer() != null && v.producer().op() instanceof Softmax) {
            return Grid.ofShares(options.activations(), options.isSymmetric());
        }
        int levels = 1 << options.activations().bits();
        return Grid.of(
                options.calibration().range(h, levels, options.isSymmetric(), Tail.of(v, placement.index())),
                options.activations(),
                options.isSymmetric());
    }

    private Map<Value, QuantizedWeights> weights() {
        Map<Value, List<LinearLayer>> users = new LinkedHashMap<>();
        layers.forEach(layer ->
                users.computeIfAbsent(layer.weight(), w -> new ArrayList<>()).add(layer));
        Map<Value, QuantizedWeights> weights = new IdentityHashMap<>();
        List<LinearLayer> first = users.values().stream().map(List::getFirst).toList();
        if (options.rounding().needsGram()) {
            GramMatrices.forEach(
                    model.withGraph(graph),
                    first,
                    context,
                    (layer, gram) -> weights.put(layer.weight(), rounded(layer, users.get(layer.weight()), gram)));
        } else {
            first.forEach(layer -> weights.put(layer.weight(), rounded(layer, users.get(layer.weight()), null)));
        }
        return weights;
    }

    private QuantizedWeights rounded(LinearLayer layer, List<LinearLayer> users, GramMatrix gram) {
        WeightScales search = new WeightScales(layer, options.minWeight(), options.maxWeight());
        boolean isExact = options.weightBits() == Byte.SIZE;
        float[] scales = isExact
                ? search.largest(options.isPerChannel())
                : search.leastError(options.isPerChannel(), importance(layer, gram));
        users.forEach(user -> makeRoom(user, scales));
        float[] each = scales;
        if (scales.length == 1) {
            each = new float[layer.outputs()];
            Arrays.fill(each, scales[0]);
        }
        int[] integers =
                options.rounding().round(layer, layer.matrix(), each, options.minWeight(), options.maxWeight(), gram);
        return new QuantizedWeights(layer, integers, scales, options.weightBits());
    }

    /** The second moment of each term: the diagonal of the matrix. */
    private static double[][] importance(LinearLayer layer, GramMatrix gram) {
        if (gram == null) {
            return null;
        }
        double[][] importance = new double[layer.groups()][layer.terms()];
        for (int g = 0; g < importance.length; g++) {
            double[] moments = gram.of(g);
            for (int t = 0; t < layer.terms(); t++) {
                importance[g][t] = moments[t * layer.terms() + t];
            }
        }
        return importance;
    }

    /** Widens the scales of weights that would make a bias overflow int32. */
    private void makeRoom(LinearLayer layer, float[] scales) {
        Value bias = Biases.own(layer);
        if (bias == null) {
            return;
        }
        float[] numbers = Biases.numbers(bias, layer);
        double unit = grids.get(layer.input()).scale();
        for (int o = 0; o < numbers.length; o++) {
            int at = scales.length == 1 ? 0 : o;
            scales[at] = (float) Math.max(scales[at], Math.abs(numbers[o]) / (unit * MOST_BIAS));
        }
    }

    private Graph written(Map<Value, QuantizedWeights> weights, Map<Value, float[]> biases) {
        return new QdqWriter(graph, placement, grids, weights, biases).write(layers);
    }

    private void report(Map<Value, QuantizedWeights> weights) {
        for (LinearLayer layer : LinearLayer.of(graph)) {
            boolean isQuantized = placement.kind(layer.node()) == Operators.Kind.LINEAR;
            QuantizedWeights w = isQuantized ? weights.get(layer.weight()) : null;
            context.report(
                    w == null
                            ? LayerReport.kept(
                                    layer.name(),
                                    options.name(),
                                    reasons.getOrDefault(layer.name(), "its input is a constant"))
                            : options.report(w));
        }
    }
}
