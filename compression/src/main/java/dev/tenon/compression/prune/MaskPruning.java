package dev.tenon.compression.prune;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphEditor;
import dev.tenon.options.Settings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Sets weights to 0: a share of each layer's, or all but n of each m neighbours. Shapes stay, so the model gets no faster
 * until kernels skip zeros; it packs smaller. Immutable; each method returns a changed copy. Made by {@link Prune}.
 *
 * <p>Neighbours are m terms of one output that follow one another in {@link LinearLayer#matrix}: for a convolution in the
 * order [input channel, window] of its stored weights, for MatMul along the axis that is summed. The last group may be
 * smaller.
 *
 * <p>Layers with few terms for each output are left as they are: the first convolution of an image with one or three
 * channels, and depthwise convolutions. They hold few weights, and lose the most accuracy.
 */
public final class MaskPruning implements Step {
    private static final class Values extends Settings<Values> {
        private final MaskRule rule;
        private Saliency saliency = Saliency.SECOND_ORDER;
        private LayerFilter filter = LayerFilter.all();
        private int leastTerms = 32;
        private double damping = 0.01;

        Values(MaskRule rule) {
            this.rule = rule;
        }
    }

    private final Values settings;

    private MaskPruning(Values settings) {
        this.settings = settings;
    }

    private MaskPruning with(Consumer<Values> change) {
        return new MaskPruning(settings.with(change));
    }

    static MaskPruning of(MaskRule rule) {
        return new MaskPruning(new Values(rule));
    }

    /**
     * How weights are chosen. Only {@link Saliency#SECOND_ORDER}, the default, corrects the weights that stay.
     *
     * @param way the way
     * @return the changed copy
     */
    public MaskPruning by(Saliency way) {
        return with(s -> s.saliency = way);
    }

    /**
     * The layers that may change.
     *
     * @param layers the filter; all layers if this is not called
     * @return the changed copy
     */
    public MaskPruning layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * The least number of terms of an output that a layer must have to be pruned.
     *
     * @param terms at least 1, which prunes all layers; 32 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is less than 1
     */
    public MaskPruning leastTerms(int terms) {
        if (terms < 1) {
            throw new InvalidOptionException("MaskPruning.leastTerms", terms + "", "at least 1", null);
        }
        return with(s -> s.leastTerms = terms);
    }

    /**
     * How strongly the correction holds weights at their old values, as a share of the mean of the diagonal of the inputs'
     * second moments.
     *
     * @param share above 0; 0.01 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is not above 0, or infinite
     */
    public MaskPruning damping(double share) {
        if (!(share > 0) || Double.isInfinite(share)) {
            throw new InvalidOptionException("MaskPruning.damping", share + "", "finite numbers above 0", null);
        }
        return with(s -> s.damping = share);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return settings.rule.isPattern()
                ? "prune-" + settings.rule.text()
                : "prune-" + Math.round(settings.rule.share() * 100);
    }

    @Override
    public boolean needsSamples() {
        return settings.saliency != Saliency.MAGNITUDE;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        settings.filter.check(model.graph());
        Map<String, LayerReport> reports = new LinkedHashMap<>();
        List<LinearLayer> layers = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            String reason = reason(layer);
            reports.put(LayerwiseFit.output(layer), LayerReport.kept(layer.name(), name(), reason));
            if (reason.isEmpty()) {
                layers.add(layer);
            }
        }
        Model result =
                switch (settings.saliency) {
                    case MAGNITUDE -> byMagnitude(model, layers, reports);
                    case ACTIVATIONS -> byActivations(model, layers, context, reports);
                    case SECOND_ORDER -> bySecondOrder(model, layers, context, reports);
                };
        reports.values().forEach(context::report);
        return result;
    }

    /** Why a layer is left as it is; empty if it is pruned. */
    private String reason(LinearLayer layer) {
        if (!settings.filter.accepts(layer.node())) {
            return "not chosen";
        }
        if (layer.terms() < settings.leastTerms) {
            return layer.terms() + " terms for each output, fewer than " + settings.leastTerms;
        }
        if (layer.isShared()) {
            return "another node uses its weights too";
        }
        if (settings.saliency == Saliency.SECOND_ORDER && !LayerwiseFit.isFree(layer)) {
            return "alpha or beta is not 1";
        }
        return "";
    }

    private Model byMagnitude(Model model, List<LinearLayer> layers, Map<String, LayerReport> reports) {
        GraphEditor editor = new GraphEditor(model.graph());
        for (LinearLayer layer : layers) {
            float[] weights = layer.matrix();
            double[] scores = new double[weights.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = Math.abs(weights[i]);
            }
            prune(editor, layer, settings.rule.mask(scores, layer.terms(), false), reports);
        }
        return model.withGraph(editor.build());
    }

    private Model byActivations(
            Model model, List<LinearLayer> layers, StepContext context, Map<String, LayerReport> reports) {
        GraphEditor editor = new GraphEditor(model.graph());
        GramMatrices.forEach(model, layers, context, (layer, gram) -> {
            float[] weights = layer.matrix();
            double[] scores = new double[weights.length];
            int terms = layer.terms();
            int rows = layer.outputs() / layer.groups();
            for (int g = 0; g < layer.groups(); g++) {
                double[] h = gram.of(g);
                for (int i = g * rows * terms; i < (g + 1) * rows * terms; i++) {
                    int j = i % terms;
                    scores[i] = Math.abs(weights[i]) * Math.sqrt(h[j * terms + j]);
                }
            }
            prune(editor, layer, settings.rule.mask(scores, terms, true), reports);
        });
        return model.withGraph(editor.build());
    }

    private void prune(GraphEditor editor, LinearLayer layer, boolean[] pruned, Map<String, LayerReport> reports) {
        float[] weights = layer.matrix();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < weights.length; i++) {
            double square = (double) weights[i] * weights[i];
            signal += square;
            noise += pruned[i] ? square : 0;
            weights[i] = pruned[i] ? 0 : weights[i];
        }
        editor.replaceConstant(layer.weight(), layer.stored(weights));
        report(layer, LayerwiseFit.decibels(signal, noise), LayerwiseFit.nonZero(weights), reports);
    }

    private Model bySecondOrder(
            Model model, List<LinearLayer> layers, StepContext context, Map<String, LayerReport> reports) {
        List<String> names = layers.stream().map(LayerwiseFit::output).toList();
        return new LayerwiseFit(model, context, Map.of())
                .run(
                        model,
                        names,
                        new SecondOrder(settings.rule, settings.damping),
                        (layer, fitted) -> report(layer, fitted.sqnr(), fitted.nonZero(), reports));
    }

    private void report(LinearLayer layer, double sqnr, long nonZero, Map<String, LayerReport> reports) {
        double sparsity = 1 - (double) nonZero / ((long) layer.outputs() * layer.terms());
        reports.put(LayerwiseFit.output(layer), LayerReport.changed(layer.name(), name(), Float.SIZE, sparsity, sqnr));
    }

    @Override
    public String toString() {
        return name();
    }
}
