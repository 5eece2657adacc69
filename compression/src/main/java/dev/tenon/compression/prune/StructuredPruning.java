package dev.tenon.compression.prune;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.prune.ChannelFamilies.Channel;
import dev.tenon.compression.prune.ChannelFamilies.Family;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.ConstantFolding;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.options.Settings;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Removes output channels of convolutions, neurons of products and whole attention heads, and all that belongs to them: the
 * weights of the layers that use them, biases, normalisations, depthwise filters, the same channels of what they are added
 * to. Shapes inside the model get smaller, those of its inputs and outputs stay. Each family of channels that the same
 * layers make loses the same share. Immutable; each method returns a changed copy. Made by {@link Prune}.
 *
 * <p>Channels that reach an operator that can't follow them are left, and the report names the reason: an output of the
 * model, a normalisation over channels, an operator without a rule.
 *
 * <p>The neurons that only the last layer uses stay, unless {@link #lastHidden} says otherwise.
 *
 * <p>Then the layers get new weights by least squares, in the order of the graph, so that they give the outputs of the model
 * before as well as they can with the inputs that are left.
 */
public final class StructuredPruning implements Step {
    private static final class Values extends Settings<Values> {
        private final double share;
        private Saliency saliency = Saliency.SECOND_ORDER;
        private LayerFilter filter = LayerFilter.all();
        private int multiple = 8;
        private int leastWidth = 16;
        private boolean isReconstructed = true;
        private boolean hasLastHidden;

        Values(double share) {
            this.share = share;
        }
    }

    private final Values settings;

    private StructuredPruning(Values settings) {
        this.settings = settings;
    }

    private StructuredPruning with(Consumer<Values> change) {
        return new StructuredPruning(settings.with(change));
    }

    static StructuredPruning of(double share) {
        return new StructuredPruning(new Values(share));
    }

    /**
     * How channels are chosen.
     *
     * @param way {@link Saliency#SECOND_ORDER}, the default: the error of the layers that use a channel once their other
     *     weights are corrected; {@link Saliency#ACTIVATIONS}: the same without correction; {@link Saliency#MAGNITUDE}: the
     *     squared weights that make a channel
     * @return the changed copy
     */
    public StructuredPruning by(Saliency way) {
        return with(s -> s.saliency = way);
    }

    /**
     * The layers whose outputs may go away. Layers that use those outputs get smaller too.
     *
     * @param layers the filter; all layers if this is not called
     * @return the changed copy
     */
    public StructuredPruning layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * The number whose multiples the widths that are left are. A width is rounded up. Heads are not rounded.
     *
     * @param channels at least 1; 8 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is less than 1
     */
    public StructuredPruning multipleOf(int channels) {
        if (channels < 1) {
            throw new InvalidOptionException("StructuredPruning.multipleOf", channels + "", "at least 1", null);
        }
        return with(s -> s.multiple = channels);
    }

    /**
     * The least width that a layer is cut to. A layer of fewer channels stays as it is. Kernels work on vectors of channels,
     * so that a narrower layer is no faster, and often slower.
     *
     * @param channels at least 1; 16 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is less than 1
     */
    public StructuredPruning leastWidth(int channels) {
        if (channels < 1) {
            throw new InvalidOptionException("StructuredPruning.leastWidth", channels + "", "at least 1", null);
        }
        return with(s -> s.leastWidth = channels);
    }

    /**
     * Whether the layers get new weights after the removal.
     *
     * @param on true if this is not called; false for the removal alone
     * @return the changed copy
     */
    public StructuredPruning reconstruct(boolean on) {
        return with(s -> s.isReconstructed = on);
    }

    /**
     * Whether the neurons of a MatMul or Gemm go away too if only the last layers of the model use them. A loss there
     * reaches the output as it is: no layer after the last one makes it good.
     *
     * @param on false if this is not called
     * @return the changed copy
     */
    public StructuredPruning lastHidden(boolean on) {
        return with(s -> s.hasLastHidden = on);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return "prune-structured-" + Math.round(settings.share * 100);
    }

    @Override
    public boolean needsSamples() {
        return settings.isReconstructed || settings.saliency != Saliency.MAGNITUDE;
    }

    @Override
    public Model apply(Model whole, StepContext context) {
        settings.filter.check(whole.graph());
        Model model = folded(whole);
        AxisIndices axes = AxisIndices.of(model.graph());
        ChannelFamilies channels = ChannelFamilies.of(model.graph(), axes, settings.filter, settings.hasLastHidden);
        Set<Integer> removed = new HashSet<>();
        Map<String, ChannelMerge> merges = new LinkedHashMap<>();
        List<Family> families = channels.families();
        for (int i = 0; i < families.size(); i++) {
            context.progress("choice of channels", 0.4 * i / families.size());
            Family family = families.get(i);
            int count = count(family);
            if (count > 0) {
                Map<LinearLayer, RowSums> inputs = inputs(model, family, context);
                new ChannelChoice(settings.saliency, inputs)
                        .choose(family, count)
                        .forEach(channel -> removed.add(channel.root()));
                if (settings.isReconstructed) {
                    inputs.forEach((layer, sums) -> merges.computeIfAbsent(
                            LayerwiseFit.output(layer), name -> new ChannelMerge(layer, axes, sums)));
                }
            }
        }
        keepAxes(model.graph(), axes, removed);
        Shrinking shrinking = new Shrinking(axes, removed);
        Graph smaller = shrinking.apply(model.graph());
        Model result = model.withGraph(smaller);
        Map<String, Double> sqnr = new LinkedHashMap<>();
        if (settings.isReconstructed && !removed.isEmpty()) {
            result = merged(result, merges, model, shrinking, removed);
            result = reconstructed(model, result, shrinking, context, sqnr);
        }
        report(model, channels, shrinking, sqnr, context);
        return removed.isEmpty() ? whole : result;
    }

    /** The model with weights and biases that it computes from constants as constants, unless they are stored in fewer bits. */
    private static Model folded(Model model) {
        Graph graph = model.graph();
        boolean isNarrow = graph.constants().stream()
                .anyMatch(v -> v.constant().dtype().isFloating() && v.constant().dtype() != DType.FLOAT32);
        if (isNarrow || graph.nodes().stream().anyMatch(node -> node.op() instanceof DequantizeLinear)) {
            return model;
        }
        return model.withGraph(new DeadCodeElimination().apply(new ConstantFolding().apply(graph)));
    }

    /** The number of channels of a family that go away. */
    private int count(Family family) {
        int all = family.channels().size();
        int left = Math.max(1, all - (int) Math.round(settings.share * all));
        boolean isOfOne =
                family.channels().stream().allMatch(c -> c.makers().stream().allMatch(use -> use.places().length == 1));
        int rounded = isOfOne
                ? Math.max(settings.leastWidth, Math.ceilDiv(left, settings.multiple) * settings.multiple)
                : left;
        return Math.max(0, all - rounded);
    }

    /** The inputs of the layers that use the channels of a family. */
    private Map<LinearLayer, RowSums> inputs(Model model, Family family, StepContext context) {
        Map<LinearLayer, RowSums> sums = new LinkedHashMap<>();
        if (!needsSamples()) {
            return sums;
        }
        Samples.Calls calls = LayerwiseFit.calls(context);
        Set<String> names = new LinkedHashSet<>();
        for (Channel channel : family.channels()) {
            for (ChannelFamilies.Use use : channel.users()) {
                sums.computeIfAbsent(
                        use.layer(), layer -> new RowSums(layer, false, calls.samples(), context.seed(), null));
                names.add(use.layer().input().name());
            }
        }
        if (!sums.isEmpty()) {
            Session session = LayerwiseFit.session(model, List.copyOf(names));
            calls.forEach(call -> {
                Outputs outputs = session.predict(call.inputs());
                sums.forEach(
                        (layer, sum) -> sum.add(outputs.tensor(layer.input().name()), null));
            });
        }
        return sums;
    }

    /** Keeps a channel of each axis that would be empty: a part of a Split, say. */
    static void keepAxes(Graph graph, AxisIndices axes, Set<Integer> removed) {
        for (Node node : graph.nodes()) {
            for (Value v : node.outputs()) {
                for (int a = 0; a < AxisIndices.rank(v); a++) {
                    int[] ids = axes.ids(v, a);
                    if (ids != null && ids.length > 0 && new Shrinking(axes, removed).count(ids) == 0) {
                        removed.remove(axes.atoms().find(ids[0]));
                    }
                }
            }
        }
    }

    /** Lets the channels that stay stand in for the others. */
    private static Model merged(
            Model smaller, Map<String, ChannelMerge> merges, Model model, Shrinking shrinking, Set<Integer> removed) {
        Map<String, int[]> outputs = new LinkedHashMap<>();
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            outputs.put(LayerwiseFit.output(layer), shrinking.kept(layer.weight(), layer.outputAxis()));
        }
        GraphEditor editor = new GraphEditor(smaller.graph());
        for (LinearLayer layer : LinearLayer.of(smaller.graph())) {
            ChannelMerge merge = merges.get(LayerwiseFit.output(layer));
            if (merge != null && LayerwiseFit.isFree(layer)) {
                float[] weights = merge.merged(removed, outputs.get(LayerwiseFit.output(layer)));
                if (weights != null) {
                    editor.replaceConstant(layer.weight(), layer.stored(weights));
                }
            }
        }
        return smaller.withGraph(editor.build());
    }

    private Model reconstructed(
            Model model, Model smaller, Shrinking shrinking, StepContext context, Map<String, Double> sqnr) {
        Set<Value> changed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : model.graph().nodes()) {
            boolean isChanged = node.inputs().stream().anyMatch(v -> v != null && changed.contains(v));
            for (Value v : node.outputs()) {
                if (v != null && (isChanged || shrinking.isSmaller(v))) {
                    changed.add(v);
                }
            }
        }
        Map<String, int[]> kept = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            String name = LayerwiseFit.output(layer);
            boolean isWanted = settings.filter.accepts(layer.node()) || shrinking.isSmaller(layer.input());
            if (changed.contains(layer.input()) && isWanted && LayerwiseFit.isFree(layer)) {
                names.add(name);
                int[] outputs = shrinking.kept(layer.weight(), layer.outputAxis());
                if (outputs != null) {
                    kept.put(name, outputs);
                }
            }
        }
        return new LayerwiseFit(model, context, kept)
                .run(
                        smaller,
                        names,
                        new LeastSquares(),
                        (layer, fitted) -> sqnr.put(LayerwiseFit.output(layer), fitted.sqnr()));
    }

    private void report(
            Model model, ChannelFamilies channels, Shrinking shrinking, Map<String, Double> sqnr, StepContext context) {
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            String reason = channels.left().entrySet().stream()
                    .filter(e -> e.getKey().node() == layer.node())
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse("");
            int[] kept = shrinking.kept(layer.weight(), layer.outputAxis());
            int outputs = kept == null ? layer.outputs() : kept.length;
            if (kept != null) {
                reason = "outputs " + layer.outputs() + " -> " + outputs;
            } else if (reason.isEmpty()) {
                reason = "too few channels for the share";
            } else {
                reason = "outputs stay: " + reason;
            }
            Double of = sqnr.get(LayerwiseFit.output(layer));
            boolean isSame = !shrinking.isSmaller(layer.weight()) && of == null;
            context.report(new LayerReport(
                    layer.name(),
                    name(),
                    Float.SIZE,
                    0,
                    of == null ? OptionalDouble.empty() : OptionalDouble.of(of),
                    isSame,
                    reason));
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
