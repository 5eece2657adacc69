package dev.tenon.compression.trees;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Makes ensembles of trees smaller: TreeEnsemble, TreeEnsembleClassifier and TreeEnsembleRegressor. Immutable.
 *
 * <pre>{@code
 * Compressor.of(model).apply(Trees.merge())
 * Compressor.of(model).calibrate(rows).apply(Trees.drop(0.005, rows, Metric.accuracy(labels)))
 * }</pre>
 */
public final class Trees implements Step {
    private static final String MERGE = "trees";
    private static final String DROP = "trees-drop";
    private static final int PARTS = 16;

    /** The share of the step that the ranking takes, about. */
    private static final double HALF = 0.5;

    private final LayerFilter layers;
    private final double allowedLoss;
    private final Samples samples;
    private final Metric metric;

    private Trees(LayerFilter layers, double allowedLoss, Samples samples, Metric metric) {
        this.layers = layers;
        this.allowedLoss = allowedLoss;
        this.samples = samples;
        this.metric = metric;
    }

    /**
     * Stores equal parts of trees once, takes out tests that decide nothing, and leaves out weights of 0 that change nothing. No
     * bit of any result changes, neither here nor in ONNX Runtime. In the older operators parts are shared only within a tree,
     * and only where ONNX Runtime can read that; in TreeEnsemble they are shared by all trees.
     *
     * @return the step
     */
    public static Trees merge() {
        return new Trees(LayerFilter.all(), 0, null, null);
    }

    /**
     * Drops as many trees as a floor allows, and merges what is left. The samples for calibration decide which trees go first,
     * and which factors let the others stand in for them; without any, the samples that judge decide that too. Operators that
     * take the least or the largest weight keep their trees.
     *
     * @param loss the loss that is allowed, in units of the metric, at least 0
     * @param samples the samples that decide whether the floor is met
     * @param metric the metric
     * @return the step
     * @throws InvalidOptionException if the loss is negative or NaN
     */
    public static Trees drop(double loss, Samples samples, Metric metric) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Trees.drop", loss + "", "at least 0", null);
        }
        return new Trees(LayerFilter.all(), loss, samples, metric);
    }

    /**
     * Which operators may be changed.
     *
     * @param filter the filter
     * @return the changed copy
     */
    public Trees layers(LayerFilter filter) {
        return new Trees(filter, allowedLoss, samples, metric);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(layers.leaving(names)));
    }

    @Override
    public String name() {
        return samples == null ? MERGE : DROP;
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        layers.check(model.graph());
        Map<Node, TreeTable> tables = new LinkedHashMap<>();
        for (Node node : model.graph().nodes()) {
            if (TreeFormat.isTrees(node) && layers.accepts(node)) {
                tables.put(node, TreeFormat.of(node).read());
            }
        }
        if (tables.isEmpty()) {
            throw new CompressionException(
                    name(), "no trees that may be changed", "models with TreeEnsemble operators", "leave the step out");
        }
        Map<Node, TreeTable> results = samples == null ? tables : dropped(model, tables, context);
        Map<Node, TreeTable> merged = new LinkedHashMap<>();
        results.forEach((node, table) -> {
            context.progress("trees of " + LinearLayer.name(node), 1);
            TreeFormat format = TreeFormat.of(node);
            merged.put(node, TreeMerge.merged(TreeMerge.withoutZeros(table, format), format.sharesFreely()));
        });
        merged.forEach((node, table) -> report(node, tables.get(node), table, context));
        return with(model, merged);
    }

    private static Model with(Model model, Map<Node, TreeTable> tables) {
        GraphEditor editor = new GraphEditor(model.graph());
        tables.forEach((node, table) ->
                editor.replaceOperator(node, TreeFormat.of(node).write(table)));
        return model.withGraph(editor.build());
    }

    private void report(Node node, TreeTable before, TreeTable after, StepContext context) {
        boolean isChanged = after.trees() < before.trees()
                || after.size() < before.size()
                || after.weightCount() < before.weightCount();
        if (!isChanged) {
            context.report(LayerReport.kept(LinearLayer.name(node), name(), "no equal parts, no tree to drop"));
            return;
        }
        String remark = after.trees() + " of " + before.trees() + " trees, " + after.size() + " of " + before.size()
                + " nodes, " + after.weightCount() + " of " + before.weightCount() + " weights";
        context.report(
                new LayerReport(LinearLayer.name(node), name(), Float.SIZE, 0, OptionalDouble.empty(), false, remark));
    }

    /** The trees of all operators after as many were dropped as the floor allows. */
    private Map<Node, TreeTable> dropped(Model model, Map<Node, TreeTable> tables, StepContext context) {
        Evaluation judge = new Evaluation(model, samples, metric);
        List<Map<Node, TreeDrop>> rankings = new ArrayList<>();
        for (boolean countsNear : new boolean[] {false, true}) {
            Map<Node, TreeDrop> drops = new LinkedHashMap<>();
            tables.forEach((node, table) -> {
                TreeFormat format = TreeFormat.of(node);
                if (TreeDrop.isPossible(table, format)) {
                    drops.put(node, new TreeDrop(table, format, countsNear));
                }
            });
            rankings.add(drops);
        }
        if (rankings.getFirst().values().stream().noneMatch(TreeDrop::isVoting)) {
            rankings.removeLast(); // Both are the same.
        }
        if (rankings.getFirst().isEmpty()) {
            return tables;
        }
        StepContext rows = context.samples().isPresent()
                ? context
                : StepContext.of(
                        samples.bind(model.inputs()),
                        context.seed(),
                        (task, share, remaining) -> context.progress(task, share * HALF));
        observe(model, rankings, rows);
        Map<Node, TreeTable> best = tables;
        for (Map<Node, TreeDrop> drops : rankings) {
            Map<Node, TreeTable> found = most(tables, drops, tried -> {
                context.progress("trees dropped", HALF);
                Score score = judge.score(with(model, tried), share -> context.progress("evaluation", HALF));
                return score.isWithin(allowedLoss);
            });
            best = trees(found) < trees(best) ? found : best;
        }
        return best;
    }

    private static int trees(Map<Node, TreeTable> tables) {
        return tables.values().stream().mapToInt(TreeTable::trees).sum();
    }

    /**
     * Drops the most trees that the floor allows. A metric of few samples does not fall steadily with the number of trees, so a
     * bisection from both ends could stop early: sixteenths of the trees are tried first, the most first.
     */
    private static Map<Node, TreeTable> most(
            Map<Node, TreeTable> tables, Map<Node, TreeDrop> drops, Predicate<Map<Node, TreeTable>> isMet) {
        int steps = drops.values().stream().mapToInt(TreeDrop::most).max().orElse(0);
        Map<Node, TreeTable> best = tables;
        int met = 0;
        int missed = steps + 1;
        for (int part = PARTS; part > 0 && met == 0; part--) {
            int count = (int) ((long) steps * part / PARTS);
            if (count == 0 || count == missed) {
                continue;
            }
            Map<Node, TreeTable> tried = dropped(tables, drops, (double) count / steps);
            if (tried != null && isMet.test(tried)) {
                met = count;
                best = tried;
            } else {
                missed = count;
            }
        }
        while (missed - met > 1) {
            int middle = (met + missed) >>> 1;
            Map<Node, TreeTable> tried = dropped(tables, drops, (double) middle / steps);
            if (tried != null && isMet.test(tried)) {
                met = middle;
                best = tried;
            } else {
                missed = middle;
            }
        }
        return best;
    }

    private static Map<Node, TreeTable> dropped(Map<Node, TreeTable> tables, Map<Node, TreeDrop> drops, double share) {
        Map<Node, TreeTable> tried = new LinkedHashMap<>();
        for (Map.Entry<Node, TreeTable> e : tables.entrySet()) {
            TreeDrop drop = drops.get(e.getKey());
            TreeTable table = drop == null ? e.getValue() : drop.dropped((int) Math.round(share * drop.most()));
            if (table == null) {
                return null;
            }
            tried.put(e.getKey(), table);
        }
        return tried;
    }

    /** Lets each operator rank its trees by the rows that it gets. */
    private static void observe(Model model, List<Map<Node, TreeDrop>> rankings, StepContext context) {
        Map<String, List<TreeDrop>> byInput = new LinkedHashMap<>();
        rankings.forEach(drops -> drops.forEach(
                (node, drop) -> byInput.computeIfAbsent(node.input(0).name(), n -> new ArrayList<>())
                        .add(drop)));
        Set<String> inputs = new LinkedHashSet<>(byInput.keySet());
        context.observe(
                model,
                inputs,
                "trees of rows",
                (name, value) -> byInput.get(name).forEach(d -> d.add((Tensor) value)));
        rankings.forEach(drops -> drops.values().forEach(TreeDrop::rank));
    }
}
