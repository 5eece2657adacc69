package dev.tenon.kernel.table.tabular;

import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes random trees of all modes, and rows with features at and next to their thresholds. */
final class RandomForests {
    /** How the leaves of a forest are made. */
    enum Leaves {
        /** One weight, the same target for all leaves of a tree. */
        TARGET_OF_TREE,
        /** One weight, any target. */
        ONE,
        /** A weight for each target. */
        ALL,
        /** Up to four weights, perhaps none, perhaps several for a target. */
        ANY
    }

    /**
     * The shape of a forest.
     *
     * @param trees the number of trees
     * @param depth the depth of the deepest leaf
     * @param features the number of features
     * @param targets the number of targets
     * @param type the type of thresholds and weights
     * @param leaves how leaves are made
     * @param full whether every path is as long as the depth
     * @param plain whether all nodes test {@code x <= t}, with values missing to the other side
     */
    record Sketch(
            int trees, int depth, int features, int targets, DType type, Leaves leaves, boolean full, boolean plain) {}

    private final Random random;
    private final Sketch s;
    private final ForestBuilder builder = new ForestBuilder(Integer.MAX_VALUE, IllegalStateException::new);
    private final List<Double> thresholds = new ArrayList<>();

    private RandomForests(Random random, Sketch s) {
        this.random = random;
        this.s = s;
    }

    /**
     * A forest and rows for it.
     *
     * @param forest the forest
     * @param features the number of features
     * @param thresholds values that its nodes compare with
     */
    record Sample(Forest forest, int features, List<Double> thresholds) {
        /** Rows of a type, made of values at and next to thresholds, and of special ones. */
        Tensor rows(Random random, DType type, int rows) {
            Tensor x = Tensor.allocate(type, rows, features);
            for (long i = 0; i < x.size(); i++) {
                double v = value(random, type);
                if (type == DType.INT64 || type == DType.INT32) {
                    x.setLong(i, Double.isFinite(v) ? (int) v : random.nextInt());
                } else {
                    x.setDouble(i, v);
                }
            }
            return x;
        }

        private double value(Random random, DType type) {
            double t = thresholds.isEmpty() ? 0 : thresholds.get(random.nextInt(thresholds.size()));
            boolean doubles = type == DType.FLOAT64;
            return switch (random.nextInt(12)) {
                case 0 -> Double.NaN;
                case 1 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
                case 2 -> random.nextBoolean() ? 0.0 : -0.0;
                case 3, 4 -> t;
                case 5 -> doubles ? Math.nextUp(t) : Math.nextUp((float) t);
                case 6 -> doubles ? Math.nextDown(t) : Math.nextDown((float) t);
                case 7 -> random.nextInt(5) - 2;
                case 8 -> Float.intBitsToFloat(random.nextInt());
                default -> random.nextGaussian() * 2;
            };
        }
    }

    static Sample of(Random random, Sketch sketch) {
        RandomForests maker = new RandomForests(random, sketch);
        for (int t = 0; t < sketch.trees(); t++) {
            maker.builder.tree(maker.child(0, random.nextInt(sketch.targets())));
        }
        return new Sample(
                maker.builder.build("test", sketch.targets(), sketch.type()), sketch.features(), maker.thresholds);
    }

    private int child(int depth, int target) {
        boolean leaf = depth == s.depth() || !s.full() && depth > 0 && random.nextInt(s.depth() + 2) < depth;
        if (leaf) {
            return leaf(target);
        }
        int node = node();
        int yes = child(depth + 1, target);
        // A chain of tests may share a child.
        int no = !s.plain() && random.nextInt(20) == 0 ? yes : child(depth + 1, target);
        builder.children(node, yes, no);
        return node;
    }

    private double threshold() {
        double t =
                switch (random.nextInt(s.plain() ? 1 : 12)) {
                    case 1 -> random.nextBoolean() ? 0.0 : -0.0;
                    case 2 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
                    case 3 -> Double.NaN;
                    case 4 -> random.nextInt(5) - 2;
                    case 5 -> Float.MIN_VALUE * (random.nextInt(3) - 1);
                    default -> random.nextGaussian() * 2;
                };
        double rounded = s.type() == DType.FLOAT64 ? t : (float) t;
        thresholds.add(rounded);
        return rounded;
    }

    private int node() {
        int feature = random.nextInt(s.features());
        boolean missing = !s.plain() && random.nextBoolean();
        if (s.plain()) {
            return builder.node(NodeMode.BRANCH_LEQ, feature, threshold(), false);
        }
        if (random.nextInt(8) == 0) {
            return builder.member(
                    feature,
                    random.ints(random.nextInt(6), -3, 4)
                            .distinct()
                            .sorted()
                            .asDoubleStream()
                            .toArray(),
                    missing);
        }
        NodeMode[] modes = NodeMode.values();
        return builder.node(modes[random.nextInt(modes.length - 1)], feature, threshold(), missing);
    }

    private double weight() {
        double w = random.nextInt(20) == 0 ? 0 : random.nextGaussian();
        return s.type() == DType.FLOAT64 ? w : (float) w;
    }

    private int leaf(int target) {
        int leaf = builder.leaf();
        switch (s.leaves()) {
            case TARGET_OF_TREE -> builder.weight(target, weight());
            case ONE -> builder.weight(random.nextInt(s.targets()), weight());
            case ALL -> {
                for (int k = 0; k < s.targets(); k++) {
                    builder.weight(k, weight());
                }
            }
            case ANY -> {
                for (int i = random.nextInt(5); i > 0; i--) {
                    builder.weight(random.nextInt(s.targets()), weight());
                }
            }
        }
        return leaf;
    }
}
