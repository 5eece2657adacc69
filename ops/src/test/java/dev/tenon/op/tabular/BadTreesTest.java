package dev.tenon.op.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TreeSketch;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Graphs that are no trees fail with a typed error. Very deep trees are evaluated. */
class BadTreesTest {
    private static void fails(TreeSketch s, String message) {
        fails(s.attributes(), message);
    }

    private static void fails(Attributes a, String message) {
        assertThatThrownBy(() -> TreeEnsembleRegressor.of(a))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining(message);
    }

    @Test
    void cyclesAreFound() {
        fails(TreeSketch.targets().node(0, 0, "BRANCH_LEQ", 0, 0, 0, 1).leaf(0, 1, 0, 1), "leads back to itself");
        fails(
                TreeSketch.targets()
                        .node(0, 0, "BRANCH_LEQ", 0, 0, 1, 3)
                        .node(0, 1, "BRANCH_LEQ", 0, 0, 3, 2)
                        .node(0, 2, "BRANCH_LEQ", 0, 0, 3, 1)
                        .leaf(0, 3, 0, 1),
                "leads back to itself");
    }

    @Test
    void nodesThatAreMissingAreNamed() {
        fails(TreeSketch.targets().node(0, 0, "BRANCH_LEQ", 0, 0, 1, 9).leaf(0, 1, 0, 1), "a false child 9 of tree 0");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).weight(4, 0, 0, 1), "a weight of node 0 of tree 4");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).leaf(0, 0, 0, 1), "two nodes 0 of tree 0");
        fails(TreeSketch.targets(), "no trees");
    }

    @Test
    void numbersOutOfRangeAreNamed() {
        fails(TreeSketch.targets().leaf(0, 0, 1, 1), "a weight for target 1");
        fails(TreeSketch.targets().leaf(0, 0, -1, 1), "a weight for target -1");
        fails(TreeSketch.targets().node(0, 0, "BRANCH_LEQ", -1, 0, 1, 1).leaf(0, 1, 0, 1), "feature -1");
        fails(TreeSketch.targets().node(0, 0, "BRANCH_LEQ", 1L << 40, 0, 1, 1).leaf(0, 1, 0, 1), "feature");
        fails(TreeSketch.targets().node(0, 0, "BRANCH", 0, 0, 1, 1).leaf(0, 1, 0, 1), "node mode 'BRANCH'");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("n_targets", 0), "0 targets");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("n_targets", Integer.MAX_VALUE), "targets");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("base_values", new float[2]), "2 base values");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("nodes_values", new float[2]), "nodes_values");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("aggregate_function", "SOME"), "SOME");
        fails(TreeSketch.targets().leaf(0, 0, 0, 1).attributes().with("post_transform", "SOME"), "SOME");
    }

    private static Attributes newForm(UnaryOperator<Attributes> change) {
        Tensor modes = Tensor.allocate(DType.UINT8, 1);
        return change.apply(Attributes.none()
                .with("tree_roots", new long[] {0})
                .with("nodes_modes", modes)
                .with("nodes_featureids", new long[] {0})
                .with("nodes_splits", Tensor.of(new float[1], 1))
                .with("nodes_truenodeids", new long[] {0})
                .with("nodes_trueleafs", new long[] {1})
                .with("nodes_falsenodeids", new long[] {1})
                .with("nodes_falseleafs", new long[] {1})
                .with("leaf_targetids", new long[] {0, 0})
                .with("leaf_weights", Tensor.of(new float[2], 2)));
    }

    @Test
    void theNewFormIsCheckedToo() {
        assertThat(TreeEnsemble.of(newForm(a -> a)).forest().trees()).isEqualTo(1);
        List<UnaryOperator<Attributes>> damages = List.of(
                a -> a.with("tree_roots", new long[] {1}),
                a -> a.with("tree_roots", new long[0]),
                a -> a.with("nodes_truenodeids", new long[] {2}),
                a -> a.with("nodes_truenodeids", new long[] {-1}),
                a -> a.with("nodes_trueleafs", new long[] {0}),
                a -> a.with("nodes_featureids", new long[0]),
                a -> a.with("leaf_targetids", new long[] {0, 1}),
                a -> a.with("leaf_weights", Tensor.of(new long[2], 2)),
                a -> a.with("nodes_modes", Tensor.of(new byte[] {7}, 1)),
                a -> a.with("aggregate_function", 4),
                a -> a.with("post_transform", -1));
        for (UnaryOperator<Attributes> damage : damages) {
            assertThatThrownBy(() -> TreeEnsemble.of(newForm(damage))).isInstanceOf(InvalidOperandException.class);
        }
    }

    @Test
    void aTreeAsDeepAsItHasNodesIsWalked() {
        int depth = 100_000;
        TreeSketch s = TreeSketch.targets();
        for (int i = 0; i < depth; i++) {
            s.node(0, 2L * i, "BRANCH_GTE", 0, i, 2L * i + 2, 2L * i + 1).leaf(0, 2L * i + 1, 0, i);
        }
        s.leaf(0, 2L * depth, 0, -1);
        TreeEnsembleRegressor op = TreeEnsembleRegressor.of(s.attributes());
        Tensor y = (Tensor) op.reference(Operands.of(op, Tensor.of(new float[] {77.5f, 1e9f}, 2, 1)))
                .getFirst();
        assertThat(y.toFloatArray()).containsExactly(78, -1);
        assertThat(TreeEnsembleRegressor.of(op.attributes())).isEqualTo(op);
    }
}
