package dev.tenon.compression.trees;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.op.Attributes;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.options.Settings;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Puts a few trees in the place of a model of tables, a network or a large forest, after they have learned its outputs on the samples for
 * calibration. They need no labels, and no gradients of the model.
 *
 * <p>The model has one input of float32 [rows, columns]. The trees learn its first output of floating-point numbers, [rows, outputs] or
 * [rows]: if its rows are probabilities, all at least 0 with a sum of 1, by cross-entropy, otherwise by the squared error. Other outputs
 * must be labels, [rows], which the largest probability decides. NaN and infinite inputs are allowed.
 *
 * <p>All samples are in memory, 9 bytes for each of their numbers. One thread learns. The same samples and options give the same bytes
 * on processors with the same instruction sets. Immutable; each method returns a changed copy.
 */
public final class FewTrees implements Step {
    private static final int MOST_TREES = 100_000;
    private static final int MOST_DEPTH = 64;
    private static final int MOST_LEAVES = 1 << 16;
    private static final int MOST_ROWS = 1 << 30;

    private static final class Values extends Settings<Values> {
        private int trees;
        private int depth = 12;
        private int leaves = 128;
        private int leastRows = 5;
        private double rate = 0.1;
    }

    private final Values settings;

    private FewTrees(Values settings) {
        this.settings = settings;
    }

    /**
     * Distils into trees.
     *
     * @param trees the number of trees, 1 to 100,000
     * @return the step
     * @throws InvalidOptionException if the number is out of range
     */
    public static FewTrees of(int trees) {
        FewTrees standard = new FewTrees(new Values());
        return standard.with("FewTrees.of", trees, 1, MOST_TREES, s -> s.trees = trees);
    }

    private FewTrees with(String option, double found, double least, double most, Consumer<Values> change) {
        if (!(found >= least && found <= most)) {
            throw new InvalidOptionException(option, found + "", least + " to " + most, null);
        }
        return new FewTrees(settings.with(change));
    }

    /**
     * The most tests of a row in a tree.
     *
     * @param tests 1 to 64; 12 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public FewTrees depth(int tests) {
        return with("FewTrees.depth", tests, 1, MOST_DEPTH, s -> s.depth = tests);
    }

    /**
     * The most leaves of a tree.
     *
     * @param count 2 to 65,536; 128 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public FewTrees leaves(int count) {
        return with("FewTrees.leaves", count, 2, MOST_LEAVES, s -> s.leaves = count);
    }

    /**
     * The fewest samples of a leaf.
     *
     * @param count at least 1; 5 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public FewTrees leastRows(int count) {
        return with("FewTrees.leastRows", count, 1, MOST_ROWS, s -> s.leastRows = count);
    }

    /**
     * The share of its best weights that each leaf gets. A small one needs more trees, and errs less with many.
     *
     * @param share above 0, at most 1; 0.1 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public FewTrees learningRate(double share) {
        return with("FewTrees.learningRate", share, Double.MIN_NORMAL, 1, s -> s.rate = share);
    }

    @Override
    public String name() {
        return "few-trees";
    }

    /** {@return the name and the options} */
    @Override
    public String toString() {
        return name() + " " + settings.trees + " depth " + settings.depth + " leaves " + settings.leaves + " rows "
                + settings.leastRows + " rate " + settings.rate;
    }

    @Override
    public boolean needsSamples() {
        return true;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        Samples.Calls samples = context.samples()
                .orElseThrow(() -> new CompressionException(
                        name(), "no samples for calibration", "rows from which trees learn", "calibrate(...)"));
        TaughtRows rows = TaughtRows.of(model, samples);
        if (rows.count() < 2L * settings.leastRows) {
            throw new CompressionException(
                    name(), rows.count() + " samples", "at least " + 2L * settings.leastRows, "give more samples");
        }
        BoostedTrees boosted = new BoostedTrees(
                new BinnedColumns(rows.inputs(), rows.columns()), rows.outputs(), rows.width(), rows.isOfClasses());
        TreeTable trees = boosted.grow(
                settings.trees,
                settings.rate,
                new TreeGrowth.Shape(
                        rows.width(), rows.isOfClasses(), settings.leaves, settings.depth, settings.leastRows),
                tree -> context.progress("tree " + (tree + 1), (double) tree / settings.trees));
        context.report(new LayerReport(
                model.name(),
                name(),
                Float.SIZE,
                0,
                OptionalDouble.empty(),
                false,
                trees.trees() + " trees, " + trees.size() + " nodes, " + trees.weightCount() + " weights, from "
                        + rows.count() + " samples"));
        return model.withGraph(rows.graph(model, operator(trees, boosted.base())));
    }

    private static TreeEnsembleRegressor operator(TreeTable trees, double[] base) {
        Attributes none = Attributes.none()
                .with("n_targets", (long) base.length)
                .with(
                        "base_values",
                        Arrays.stream(base).mapToObj(b -> (float) b).toList());
        return (TreeEnsembleRegressor) new OlderTrees(null, none).write(trees);
    }
}
