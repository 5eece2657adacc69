package dev.tenon.compression.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.tenon.Model;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.Metric;
import dev.tenon.compression.RowsOfTensor;
import dev.tenon.graph.Node;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forest of which each tree occurs twice can do without half of its trees. */
class TreeDropTest {
    private static final int TREES = 6;
    private static final int TWINS = 2 * TREES;

    /** The damping of factors is 1 %, so the loss is small but not zero. */
    private static final double SMALL = 1e-3;

    private final RandomForest forest = new RandomForest(new Random(3));
    private final Tensor x = forest.rows(400);

    private static TreeFormat format(Op op) {
        Node node = RandomForest.model(op).graph().nodes().getFirst();
        return TreeFormat.of(node);
    }

    private static Op doubled(Op op) {
        TreeFormat format = format(op);
        TreeTable t = format.read();
        int[] roots =
                IntStream.concat(Arrays.stream(t.roots), Arrays.stream(t.roots)).toArray();
        return format.write(new TreeTable(t.tests, t.yes, t.no, roots, t.targets, t.weights));
    }

    /** The noise that dropping makes, as a share of the signal. */
    private double noise(Op op, int count) {
        TreeFormat format = format(op);
        TreeDrop drop = new TreeDrop(format.read(), format, true);
        drop.add(x);
        drop.rank();
        TreeTable dropped = drop.dropped(count);
        assertThat(dropped.trees()).isEqualTo(TWINS - count);
        Model before = RandomForest.model(op);
        Model after = RandomForest.model(format.write(dropped));
        return new Evaluation(before, new RowsOfTensor("x", x, 50), Metric.meanSquaredError())
                .score(after)
                .noise();
    }

    private void check(Op op) {
        assertThat(noise(op, TREES)).isLessThan(SMALL);
        assertThat(noise(op, TWINS - 1)).isGreaterThan(SMALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUM", "AVERAGE"})
    void regression(String aggregate) {
        Attributes a =
                forest.older("target", TREES, 5, 2, false).with("n_targets", 2L).with("aggregate_function", aggregate);
        check(doubled(TreeEnsembleRegressor.of(a)));
    }

    @Test
    void treesOfTheNewerOperator() {
        check(doubled(TreeEnsemble.of(forest.newer(TREES, 4, 1))));
    }

    /** Votes keep their sum, none is negative, and no class is added. */
    @Test
    void votesStayVotes() {
        Attributes a = forest.older("class", TREES, 5, 3, true).with("classlabels_int64s", new long[] {0, 1, 2});
        Op op = doubled(TreeEnsembleClassifier.of(a));
        check(op);
        TreeFormat format = format(op);
        TreeDrop drop = new TreeDrop(format.read(), format, true);
        drop.add(x);
        drop.rank();
        TreeTable dropped = drop.dropped(TWINS - 2);
        assertThat(dropped.trees()).isEqualTo(2);
        double sum = 0;
        for (int tree = 0; tree < 2; tree++) {
            int leaf = dropped.leaf(tree, new double[RandomForest.FEATURES]);
            assertThat(Arrays.stream(dropped.weights[leaf]).boxed()).allMatch(w -> w >= 0);
            sum += Arrays.stream(dropped.weights[leaf]).sum();
        }
        assertThat(sum).isCloseTo(TWINS * 0.25, offset(1e-6));
    }

    @Test
    void treesThatTakeTheLargestWeightStay() {
        Attributes a =
                forest.older("target", TREES, 4, 1, false).with("n_targets", 1L).with("aggregate_function", "MAX");
        TreeFormat format = format(TreeEnsembleRegressor.of(a));
        assertThat(TreeDrop.isPossible(format.read(), format)).isFalse();
        assertThat(List.of(format.aggregate(), format.targets())).containsExactly("MAX", 1);
    }
}
