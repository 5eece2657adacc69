package dev.tenon.op.tabular.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForestBuilderTest {
    private static final int MOST_DEPTH = 6;

    /** A tree as a text of its nodes: the test, the true and the false subtree; for a leaf its weights. */
    private record Tree(int feature, double number, Tree yes, Tree no) {
        private boolean isLeaf() {
            return yes == null;
        }

        private int height() {
            return isLeaf() ? 0 : 1 + Math.max(yes.height(), no.height());
        }
    }

    private static Tree tree(Random random, int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return new Tree(0, random.nextInt(100), null, null);
        }
        return new Tree(random.nextInt(9), random.nextInt(100), tree(random, depth - 1), tree(random, depth - 1));
    }

    private static ForestBuilder builder() {
        return new ForestBuilder(Integer.MAX_VALUE, IllegalStateException::new);
    }

    /** Adds a tree in the order of a forest. */
    private static int inOrder(ForestBuilder trees, Tree t) {
        if (t.isLeaf()) {
            return trees.leaf(0, t.number());
        }
        int node = trees.node(NodeMode.BRANCH_LEQ, t.feature(), t.number(), false);
        trees.yes(node, inOrder(trees, t.yes()));
        trees.no(node, inOrder(trees, t.no()));
        return node;
    }

    /** Adds the nodes of all trees in any order, the leaves too. */
    private static void shuffled(ForestBuilder trees, List<Tree> all, Random random) {
        List<Tree> nodes = new ArrayList<>();
        all.forEach(t -> collect(t, nodes));
        Collections.shuffle(nodes, random);
        int[] numbers = new int[nodes.size()];
        for (int i = 0; i < numbers.length; i++) {
            Tree t = nodes.get(i);
            numbers[i] = t.isLeaf()
                    ? trees.leaf(0, t.number())
                    : trees.node(NodeMode.BRANCH_LEQ, t.feature(), t.number(), false);
        }
        for (int i = 0; i < numbers.length; i++) {
            Tree t = nodes.get(i);
            if (!t.isLeaf()) {
                trees.children(numbers[i], numbers[find(nodes, t.yes())], numbers[find(nodes, t.no())]);
            }
        }
        all.forEach(t -> trees.tree(numbers[find(nodes, t)]));
    }

    private static void collect(Tree t, List<Tree> nodes) {
        nodes.add(t);
        if (!t.isLeaf()) {
            collect(t.yes(), nodes);
            collect(t.no(), nodes);
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private static int find(List<Tree> nodes, Tree t) {
        int i = 0;
        while (nodes.get(i) != t) {
            i++;
        }
        return i;
    }

    private static Forest build(ForestBuilder trees) {
        return trees.build("trees", 1, DType.FLOAT32);
    }

    @Test
    void theOrderOfAddingDoesNotMatter() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            List<Tree> all = new ArrayList<>();
            for (int t = 0; t <= random.nextInt(4); t++) {
                all.add(tree(random, random.nextInt(MOST_DEPTH)));
            }
            ForestBuilder first = builder();
            all.forEach(t -> first.tree(inOrder(first, t)));
            ForestBuilder second = builder();
            shuffled(second, all, random);
            Forest a = build(first);
            Forest b = build(second);
            assertThat(a).as("seed %d, round %d", seed, round).isEqualTo(b);
            long steps = all.stream().mapToLong(t -> t.height() + 2).sum();
            assertThat(List.of(a.mostSteps(), b.mostSteps()))
                    .as("seed %d, round %d", seed, round)
                    .containsOnly(steps);
            assertThat(a.featureCount()).isEqualTo(b.featureCount());
        }
    }

    @Test
    void partsThatNoRootReachesAreLeftOut() {
        ForestBuilder trees = builder();
        int root = inOrder(trees, new Tree(1, 2, new Tree(0, 3, null, null), new Tree(0, 4, null, null)));
        inOrder(trees, new Tree(7, 2, new Tree(0, 5, null, null), new Tree(0, 6, null, null)));
        trees.tree(root);
        Forest f = build(trees);
        assertThat(f.toString()).isEqualTo("1 trees of 1 nodes and 2 leaves for 1 targets");
        assertThat(f.featureCount()).isEqualTo(2);
    }

    @Test
    void treesMayShareNodesAndLeaves() {
        ForestBuilder trees = builder();
        int root = trees.node(NodeMode.BRANCH_LEQ, 0, 1, false);
        int child = trees.node(NodeMode.BRANCH_LEQ, 1, 2, false);
        int leaf = trees.leaf(0, -0.0);
        trees.children(root, child, child);
        trees.children(child, leaf, leaf);
        trees.tree(root);
        trees.tree(child);
        Forest f = build(trees);
        assertThat(List.of(f.root(0), f.yes(0), f.no(0), f.root(1), f.yes(1), f.no(1)))
                .containsExactly(0, 1, 1, 1, ~0, ~0);
        assertThat(f.mostSteps()).isEqualTo(4 + 3);
        assertThat(Double.doubleToRawLongBits(f.weight(0))).isZero();
    }

    @Test
    void childrenMustExistAndLeadToLeaves() {
        for (int[] children : new int[][] {{1, ~0}, {~0, 7}, {~0, ~1}, {0, ~0}, {~0, 0}}) {
            ForestBuilder trees = builder();
            int node = trees.node(NodeMode.BRANCH_LEQ, 0, 1, false);
            trees.leaf(0, 1);
            trees.children(node, children[0], children[1]);
            trees.tree(node);
            assertThatThrownBy(() -> build(trees)).isInstanceOf(InvalidOperandException.class);
        }
        ForestBuilder trees = builder();
        trees.leaf(0, 1);
        trees.tree(~1);
        assertThatThrownBy(() -> build(trees)).isInstanceOf(InvalidOperandException.class);
    }

    @Test
    void featuresAreCounted() {
        ForestBuilder trees = builder();
        trees.tree(inOrder(trees, new Tree(-1, 2, new Tree(0, 3, null, null), new Tree(0, 4, null, null))));
        assertThatThrownBy(() -> build(trees))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("feature -1");
    }
}
