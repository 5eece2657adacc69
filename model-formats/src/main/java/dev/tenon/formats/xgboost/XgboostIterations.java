package dev.tenon.formats.xgboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.TreeSelection;
import dev.tenon.formats.json.DataReader;
import java.util.Arrays;

/** Leaves the trees of the iterations that a caller wants. */
final class XgboostIterations {
    private static final String ATTRIBUTE = "best_iteration";

    private XgboostIterations() {}

    /** Drops the trees after the best iteration, or warns if a file names one and the caller said nothing. */
    static void select(ModelSource source, XgboostModel m) {
        String text = m.attributes.get(ATTRIBUTE);
        boolean all = source.trees().filter(t -> t == TreeSelection.ALL).isPresent();
        if (text == null || all || m.booster.equals("gblinear")) {
            return;
        }
        String file = source.bytes().name();
        if (source.trees().isPresent()) {
            keep(m, treesUpTo(file, m, text));
        } else if (mayLeaveTrees(file, m, text)) {
            System.getLogger("dev.tenon")
                    .log(
                            System.Logger.Level.WARNING,
                            file + ": training stopped early, with '" + ATTRIBUTE + "' " + DataReader.shown(text)
                                    + ". All trees are used, as by Booster.predict, but XGBoost's estimators for scikit-learn"
                                    + " stop at this iteration. Say which with LoadOptions.trees(TreeSelection.BEST_ITERATION)"
                                    + " or TreeSelection.ALL");
        }
    }

    /** Whether the best iteration is not the last one, or not well formed, which is an error only for a caller who wants it. */
    private static boolean mayLeaveTrees(String file, XgboostModel m, String text) {
        try {
            return treesUpTo(file, m, text) < m.trees.size();
        } catch (MalformedModelException e) {
            return true;
        }
    }

    private static int treesUpTo(String file, XgboostModel m, String text) {
        int trees = m.trees.size();
        long perIteration = (long) m.parallelTrees * (hasVectors(m) ? 1 : m.outputs());
        long iterations = m.iterations.length > 0 ? m.iterations.length - 1 : trees / perIteration;
        long best = -1;
        try {
            best = Long.parseLong(text);
        } catch (NumberFormatException e) {
            // It is refused below.
        }
        if (best < 0 || best >= iterations) {
            throw new MalformedModelException(
                    file,
                    "the attribute '" + ATTRIBUTE + "' " + DataReader.shown(text),
                    iterations == 0 ? "a file with trees" : "0 to " + (iterations - 1),
                    "save the model again, or load it with LoadOptions.trees(TreeSelection.ALL)");
        }
        long count = m.iterations.length > 0 ? m.iterations[(int) best + 1] : (best + 1) * perIteration;
        if (count < 0 || count > trees) {
            throw new MalformedModelException(
                    file, "'iteration_indptr' " + count, "0 to " + trees + ", the trees", "save the model again");
        }
        return (int) count;
    }

    /** Whether a tree has a weight for each output, so that an iteration has no tree for each of them. */
    private static boolean hasVectors(XgboostModel m) {
        return !m.trees.isEmpty() && m.trees.getFirst().leafVector > 1;
    }

    private static void keep(XgboostModel m, int count) {
        m.trees.subList(count, m.trees.size()).clear();
        m.treeTargets = Arrays.copyOf(m.treeTargets, count);
        if (m.treeWeights.length != 0) {
            m.treeWeights = Arrays.copyOf(m.treeWeights, count);
        }
    }
}
