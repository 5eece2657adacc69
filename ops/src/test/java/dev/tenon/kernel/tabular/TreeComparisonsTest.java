package dev.tenon.kernel.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreeComparisonsTest {
    private static final List<NodeMode> MODES = List.of(
            NodeMode.BRANCH_LEQ, NodeMode.BRANCH_LT, NodeMode.BRANCH_GTE, NodeMode.BRANCH_GT, NodeMode.BRANCH_EQ);

    /** Chains of random tests on a few features, which are a distance apart. */
    private static Forest forest(Random random, int distance) {
        ForestBuilder trees = new ForestBuilder(Integer.MAX_VALUE, IllegalStateException::new);
        for (int t = 0; t < 5; t++) {
            int child = trees.leaf(0, t);
            for (int i = 0; i < 10; i++) {
                int feature = distance * (1 + random.nextInt(6));
                NodeMode mode = MODES.get(random.nextInt(MODES.size()));
                int node = trees.node(mode, feature, random.nextInt(100), random.nextBoolean());
                trees.children(node, child, trees.leaf(0, i));
                child = node;
            }
            trees.tree(child);
        }
        return trees.build("trees", 1, DType.FLOAT32);
    }

    @Test
    void columnsOfFarFeaturesAreThoseOfNearOnes() {
        long seed = System.nanoTime();
        int distance = 300_000;
        for (boolean doubles : new boolean[] {false, true}) {
            TreeComparisons near = new TreeComparisons(forest(new Random(seed), 1), doubles);
            TreeComparisons far = new TreeComparisons(forest(new Random(seed), distance), doubles);
            assertThat(far.count()).as("seed %d", seed).isEqualTo(near.count());
            assertThat(far.columnFeatures)
                    .as("seed %d", seed)
                    .containsExactly(Arrays.stream(near.columnFeatures)
                            .map(f -> f * distance)
                            .toArray());
            assertThat(far.nanIsLowest).as("seed %d", seed).containsExactly(near.nanIsLowest);
            for (int i = 0; i < near.count(); i++) {
                assertThat(far.column(i)).as("seed %d, comparison %d", seed, i).isEqualTo(near.column(i));
            }
        }
    }
}
