package dev.tenon.compression.factorize;

import dev.tenon.Model;
import dev.tenon.ObservedSession;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphEditor;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Divides layers into chains of smaller ones, by a singular value decomposition that counts the errors of the outputs for the
 * samples. MatMul and Gemm become two products, a convolution one of three forms. A layer is divided only if that makes it
 * smaller, and {@link Pays} says that it is worth it; otherwise the report says why not. Immutable; each method returns a
 * changed copy.
 *
 * <p>With {@code S S^T = H + lambda I} for the second moments H of the inputs and {@code W S = U Sigma V^T}, the factors are
 * {@code A = U_r} and {@code B = U_r^T W = (Sigma V^T S^-1)_r}. Their squared error on the samples, with the damping counted as
 * samples of its own, is the sum of the squares of the discarded singular values.
 */
public final class LowRank implements Step {
    private static final String NAME = "lowrank";
    private static final String NOT_FINITE = "its inputs are no finite numbers";

    private static final class Values extends Settings<Values> {
        private final Target target;
        private LayerFilter filter = LayerFilter.all();
        /** The decision; null if none was given. */
        private Pays pays;

        private double damping = 1e-6;

        Values(Target target) {
            this.target = target;
        }
    }

    private final Values settings;

    private LowRank(Values settings) {
        this.settings = settings;
    }

    private LowRank with(Consumer<Values> change) {
        return new LowRank(settings.with(change));
    }

    private static LowRank of(Target.Kind kind, double amount) {
        return new LowRank(new Values(new Target(kind, amount)));
    }

    private static void checkShare(String option, double share) {
        if (!(share > 0 && share < 1)) {
            throw new InvalidOptionException(option, share + "", "numbers above 0 and below 1", null);
        }
    }

    /**
     * Keeps a share of the squared outputs of each layer.
     *
     * @param share the share, above 0 and below 1
     * @return the step
     * @throws InvalidOptionException if the share is out of range
     */
    public static LowRank energy(double share) {
        checkShare("LowRank.energy", share);
        return of(Target.Kind.ENERGY, share);
    }

    /**
     * Gives each layer one rank.
     *
     * @param rank the width between the parts, at least 1
     * @return the step
     * @throws InvalidOptionException if the rank is less than 1
     */
    public static LowRank rank(int rank) {
        if (rank < 1) {
            throw new InvalidOptionException("LowRank.rank", rank + "", "at least 1", null);
        }
        return of(Target.Kind.RANK, rank);
    }

    /**
     * Leaves a share of the weights of the layers that may change. All keep the same share of their squared outputs.
     *
     * @param shareOfParameters the share, above 0 and below 1
     * @return the step
     * @throws InvalidOptionException if the share is out of range
     */
    public static LowRank budget(double shareOfParameters) {
        checkShare("LowRank.budget", shareOfParameters);
        return of(Target.Kind.BUDGET, shareOfParameters);
    }

    /**
     * The layers that may change.
     *
     * @param layers the filter; all layers if this is not called
     * @return the changed copy
     */
    public LowRank layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * The decision whether a chain is worth it.
     *
     * @param decision the decision; {@link Pays#measured} if this is not called, which depends on the machine
     * @return the changed copy
     */
    public LowRank pays(Pays decision) {
        return with(s -> s.pays = decision);
    }

    /**
     * The decision whether a chain is worth it, if none was given before.
     *
     * @param decision the decision
     * @return the changed copy, or this
     */
    public LowRank paysByDefault(Pays decision) {
        return settings.pays == null ? pays(decision) : this;
    }

    /**
     * How much inputs count that the samples do not show, as a share of the mean of the diagonal of the second moments.
     *
     * @param share at least 0; 1e-6 if this is not called. A matrix that is singular is damped nevertheless
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or infinite
     */
    public LowRank damping(double share) {
        if (!(share >= 0) || Double.isInfinite(share)) {
            throw new InvalidOptionException("LowRank.damping", share + "", "finite numbers of at least 0", null);
        }
        return with(s -> s.damping = share);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsSamples() {
        return true;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        settings.filter.check(model.graph());
        Map<LinearLayer, LayerReport> reports = new LinkedHashMap<>();
        List<LinearLayer> layers = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(model.graph())) {
            String reason = reason(layer);
            reports.put(layer, LayerReport.kept(layer.name(), NAME, reason));
            if (reason.isEmpty()) {
                layers.add(layer);
            }
        }
        if (!layers.isEmpty()) {
            Map<String, Tensor> inputs = inputs(model, layers, context);
            double share = settings.target.kind() == Target.Kind.BUDGET
                    ? shareOfBudget(model, layers, context)
                    : settings.target.amount();
            GraphEditor editor = new GraphEditor(model.graph());
            GramMatrices.forEach(model, layers, context, (layer, gram) -> {
                context.progress(layer.name(), 0.5);
                reports.put(layer, divide(layer, gram.of(0), share, inputs, editor));
            });
            reports.values().forEach(context::report);
            return model.withGraph(editor.build());
        }
        reports.values().forEach(context::report);
        return model;
    }

    /** Why a layer is left as it is; empty if it may change. */
    private String reason(LinearLayer layer) {
        if (!settings.filter.accepts(layer.node())) {
            return "not chosen";
        }
        if (layer.groups() > 1) {
            return "a convolution of groups";
        }
        if (layer.node().output() == null || layer.outputs() < 2 || layer.terms() < 2) {
            return "a vector";
        }
        return layer.isShared() ? "another node uses its weights too" : "";
    }

    /** The first input of each layer, of one sample where the batch is the first axis. */
    private static Map<String, Tensor> inputs(Model model, List<LinearLayer> layers, StepContext context) {
        Samples.Calls calls = context.samples()
                .orElseThrow(() -> new CompressionException(
                        NAME, "no samples", "samples for calibration", "give them to Compressor.calibrate"));
        List<String> names =
                layers.stream().map(layer -> layer.input().name()).distinct().toList();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        ObservedSession session = model.session().observe(names, (name, value) -> inputs.put(name, (Tensor) value));
        calls.forEach(call -> {
            if (inputs.isEmpty()) {
                session.predict(call.inputs());
                inputs.replaceAll((name, t) -> t.rank() > 1 && call.samples() > 1 && t.dim(0) == call.samples()
                        ? t.slice(0, 1).copy()
                        : t);
            }
        });
        return inputs;
    }

    /** The share of energy for which the layers have the wanted share of weights. */
    private double shareOfBudget(Model model, List<LinearLayer> layers, StepContext context) {
        Map<LinearLayer, double[]> sigmas = new LinkedHashMap<>();
        GramMatrices.forEach(model, layers, context, (layer, gram) -> {
            double[] h = gram.of(0);
            if (Double.isFinite(Dense.meanDiagonal(h, layer.terms()))) {
                sigmas.put(
                        layer,
                        new DecomposedWeights(layer, h, settings.damping).svd().sigma());
            }
        });
        double all = layers.stream()
                .mapToDouble(l -> (double) l.outputs() * l.terms())
                .sum();
        double low = 0;
        double high = 1;
        for (int i = 0; i < 50; i++) {
            double middle = (low + high) / 2;
            double sum = 0;
            for (Map.Entry<LinearLayer, double[]> e : sigmas.entrySet()) {
                LinearLayer l = e.getKey();
                double whole = (double) l.outputs() * l.terms();
                sum += Math.min(
                        whole, (double) DecomposedWeights.rank(e.getValue(), middle) * (l.outputs() + l.terms()));
            }
            if (sum <= settings.target.amount() * all) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private LayerReport divide(
            LinearLayer layer, double[] h, double share, Map<String, Tensor> inputs, GraphEditor editor) {
        if (!Double.isFinite(Dense.meanDiagonal(h, layer.terms()))) {
            return LayerReport.kept(layer.name(), NAME, NOT_FINITE);
        }
        DecomposedWeights weights = new DecomposedWeights(layer, h, settings.damping);
        long before = (long) layer.outputs() * layer.terms();
        List<Factors> smaller = candidates(weights, share).stream()
                .filter(f -> f.parameters() < before)
                .sorted(Comparator.comparingLong(Factors::parameters))
                .toList();
        if (smaller.isEmpty()) {
            return LayerReport.kept(layer.name(), NAME, "no chain has fewer weights than the layer: " + before);
        }
        Tensor input = inputs.get(layer.input().name());
        Model alone = Model.of(Factors.layerAlone(layer, input));
        Pays decider = settings.pays == null ? Pays.measured() : settings.pays;
        StringBuilder refusals = new StringBuilder();
        for (Factors factors : smaller) {
            Pays.Decision decision = decider.decide(layer.name(), alone, Model.of(factors.alone(layer, input)), input);
            String text = factors.form() + " " + factors.ranks() + ": " + decision.reason();
            if (decision.isYes()) {
                factors.replace(editor, layer);
                double sqnr = factors.error() <= 0
                        ? Double.POSITIVE_INFINITY
                        : 10 * Math.log10(weights.energy() / factors.error());
                return new LayerReport(layer.name(), NAME, Float.SIZE, 0, OptionalDouble.of(sqnr), false, text);
            }
            refusals.append(refusals.isEmpty() ? "" : "; ").append(text);
        }
        return LayerReport.kept(layer.name(), NAME, "saves no time: " + refusals);
    }

    private List<Factors> candidates(DecomposedWeights weights, double share) {
        boolean isRank = settings.target.kind() == Target.Kind.RANK;
        int most = Math.min(weights.outputs(), weights.terms());
        List<Factors> found = new ArrayList<>();
        int rank = isRank ? (int) Math.min(most, settings.target.amount()) : weights.rank(share);
        found.add(Forms.matrix(weights, rank));
        if (!Forms.isSpatial(weights.layer())) {
            return found;
        }
        if (isRank) {
            long[] dims = weights.layer().weight().constant().dims();
            found.add(Forms.spatial(weights, (int)
                    Math.min(settings.target.amount(), Math.min(dims[1] * dims[2], dims[0] * dims[3]))));
            found.add(Forms.tucker(weights, (int) Math.min(settings.target.amount(), dims[1]), (int)
                    Math.min(settings.target.amount(), most)));
        } else {
            Forms.spatialOfEnergy(weights, share).ifPresent(found::add);
            Forms.tuckerOfEnergy(weights, share).ifPresent(found::add);
        }
        return found;
    }

    @Override
    public String toString() {
        return NAME;
    }
}
