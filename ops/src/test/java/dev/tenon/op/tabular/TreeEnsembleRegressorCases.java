package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import dev.tenon.testkit.TreeSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Cases of {@link TreeEnsembleRegressor}. */
public final class TreeEnsembleRegressorCases implements OpCases {
    private static final float NAN = Float.NaN;

    private static TreeEnsembleRegressor op(TreeSketch s, String... more) {
        Attributes a = s.attributes();
        for (int i = 0; i < more.length; i += 2) {
            a = a.with(more[i], more[i + 1]);
        }
        return TreeEnsembleRegressor.of(a);
    }

    private static TreeEnsembleRegressor targets(TreeSketch s, int n, float... base) {
        return TreeEnsembleRegressor.of(
                s.attributes().with("n_targets", n).with("base_values", base.length == 0 ? null : base));
    }

    /** A tree of one test: weight 1 if it holds, 2 if not. */
    private static TreeSketch test(String mode, double value, boolean missingTrue) {
        TreeSketch s = TreeSketch.targets().node(0, 0, mode, 0, value, 1, 2);
        if (missingTrue) {
            s.missingTrue();
        }
        return s.leaf(0, 1, 0, 1).leaf(0, 2, 0, 2);
    }

    private static OpCase mode(String mode, double value, boolean missingTrue, float[] x, float... expected) {
        return OpCase.of(
                        mode + " " + value + (missingTrue ? ", missing true" : ""),
                        op(test(mode, value, missingTrue)),
                        f32(dims(x.length, 1), x))
                .expect(f32(dims(x.length, 1), expected));
    }

    /** Random trees of a depth with tests of every kind. Some branches end early in leaves. */
    private static TreeSketch wild(int trees, int depth, int features, int targets) {
        Random random = new Random(7);
        String[] modes = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"};
        TreeSketch s = TreeSketch.targets();
        for (int t = 0; t < trees; t++) {
            int inner = (1 << depth) - 1;
            for (int i = 0; i < 2 * inner + 1; i++) {
                if (i >= inner || i > 2 && random.nextInt(8) == 0) {
                    s.leaf(t, i, random.nextInt(targets), random.nextGaussian());
                    continue;
                }
                String mode = modes[random.nextInt(modes.length)];
                s.node(t, i, mode, random.nextInt(features), random.nextInt(5) - 2, 2 * i + 1, 2 * i + 2);
                if (random.nextBoolean()) {
                    s.missingTrue();
                }
            }
        }
        return s;
    }

    private static Tensor wildRows(int rows, int features) {
        Tensor x = random(DType.FLOAT32, 3, rows, features);
        for (long i = 0; i < x.size(); i += 3) {
            x.setDouble(i, i % 2 == 0 ? Math.rint(x.getDouble(i)) : NAN);
        }
        return x;
    }

    private static List<OpCase> modes() {
        float[] x = {1, 2, 3, NAN};
        List<OpCase> cases = new ArrayList<>();
        cases.add(mode("BRANCH_LEQ", 2, false, x, 1, 1, 2, 2));
        cases.add(mode("BRANCH_LEQ", 2, true, x, 1, 1, 2, 1));
        cases.add(mode("BRANCH_LT", 2, false, x, 1, 2, 2, 2));
        cases.add(mode("BRANCH_LT", 2, true, x, 1, 2, 2, 1));
        cases.add(mode("BRANCH_GTE", 2, false, x, 2, 1, 1, 2));
        cases.add(mode("BRANCH_GTE", 2, true, x, 2, 1, 1, 1));
        cases.add(mode("BRANCH_GT", 2, false, x, 2, 2, 1, 2));
        cases.add(mode("BRANCH_GT", 2, true, x, 2, 2, 1, 1));
        cases.add(mode("BRANCH_EQ", 2, false, x, 2, 1, 2, 2));
        cases.add(mode("BRANCH_EQ", 2, true, x, 2, 1, 2, 1));
        cases.add(mode("BRANCH_NEQ", 2, false, x, 1, 2, 1, 1));
        cases.add(mode("BRANCH_NEQ", 2, true, x, 1, 2, 1, 1));
        float inf = Float.POSITIVE_INFINITY;
        float[] ends = {-inf, inf, 0f, -0f};
        cases.add(mode("BRANCH_LT", Double.NEGATIVE_INFINITY, false, ends, 2, 2, 2, 2));
        cases.add(mode("BRANCH_LEQ", Double.POSITIVE_INFINITY, false, ends, 1, 1, 1, 1));
        cases.add(mode("BRANCH_GTE", Double.NEGATIVE_INFINITY, false, ends, 1, 1, 1, 1));
        cases.add(mode("BRANCH_LT", 0, false, ends, 1, 2, 2, 2));
        cases.add(mode("BRANCH_LEQ", -0.0, false, ends, 1, 2, 1, 1));
        cases.add(mode("BRANCH_EQ", -0.0, false, ends, 2, 2, 1, 1));
        cases.add(mode("BRANCH_GTE", NAN, true, x, 2, 2, 2, 1));
        cases.add(mode("BRANCH_NEQ", NAN, false, x, 1, 1, 1, 1));
        return cases;
    }

    private static List<OpCase> aggregates() {
        TreeSketch two = TreeSketch.targets().stump(0, 0, 1, 0, 5).stump(1, 0, 3, 0, -4);
        Tensor x = f32(dims(2, 1), -1, 1);
        return List.of(
                OpCase.of("sum", op(two), x).expect(f32(dims(2, 1), 4, 1)),
                OpCase.of("average", op(two, "aggregate_function", "AVERAGE"), x)
                        .expect(f32(dims(2, 1), 2, 0.5f)),
                OpCase.of("least", op(two, "aggregate_function", "MIN"), x).expect(f32(dims(2, 1), 1, -4)),
                OpCase.of("largest", op(two, "aggregate_function", "MAX"), x).expect(f32(dims(2, 1), 3, 5)),
                OpCase.of("base value", targets(two, 1, 10), x).expect(f32(dims(2, 1), 14, 11)),
                OpCase.of(
                                "several targets, one of which gets nothing",
                                targets(
                                        TreeSketch.targets()
                                                .stump(0, 0, 1, 2, 5)
                                                .stump(1, 2, 3, 2, -4),
                                        4,
                                        1,
                                        2,
                                        3,
                                        4),
                                x)
                        .expect(f32(dims(2, 4), 2, 2, 6, 4, 1, 2, 4, 4)),
                OpCase.of(
                                "least of nothing is 0",
                                TreeEnsembleRegressor.of(TreeSketch.targets()
                                        .stump(0, 0, 1, 1, 5)
                                        .attributes()
                                        .with("n_targets", 2)
                                        .with("aggregate_function", "MIN")),
                                x)
                        .expect(f32(dims(2, 2), 1, 0, 0, 5)),
                // 1 / (1 + e^-1), and 1 / (1 + e^0) for the target without weights.
                OpCase.of(
                                "logistic of two targets",
                                TreeEnsembleRegressor.of(TreeSketch.targets()
                                        .stump(0, 0, 1, 1, 1)
                                        .attributes()
                                        .with("n_targets", 2)
                                        .with("post_transform", "LOGISTIC")),
                                f32(dims(1, 1), -1))
                        .expect(f32(dims(1, 2), 0.731058578630005f, 0.5f)));
    }

    private static List<OpCase> operands() {
        TreeSketch one = TreeSketch.targets().stump(0, 0, 1, 0, 2);
        TreeSketch root = TreeSketch.targets().leaf(5, 17, 0, 3);
        Attributes doubles = one.attributes();
        double tenth = 0.1;
        Attributes wide = Attributes.none()
                .withAll(doubles.asMap())
                .with("nodes_values", List.of())
                .with("target_weights", List.of())
                .with("nodes_values_as_tensor", Tensor.of(new double[] {tenth, 0, 0}, 3))
                .with("target_weights_as_tensor", Tensor.of(new double[] {1, 2}, 2));
        return List.of(
                OpCase.of("a vector is a row", op(one), f32(dims(3), 1, 7, 7)).expect(f32(dims(1, 1), 2)),
                OpCase.of("int64", op(one), ints(DType.INT64, dims(2, 1), -1, 1))
                        .expect(f32(dims(2, 1), 1, 2)),
                OpCase.of("int32", op(one), ints(DType.INT32, dims(2, 1), 0, 1)).expect(f32(dims(2, 1), 1, 2)),
                OpCase.of("float64", op(one), reals(DType.FLOAT64, dims(2, 1), 1e-300, -1e-300))
                        .expect(f32(dims(2, 1), 2, 1)),
                OpCase.of("no rows", op(one), f32(dims(0, 1))).expect(f32(dims(0, 1))),
                OpCase.of("a tree that is a leaf", op(root), f32(dims(2, 1), 0, NAN))
                        .expect(f32(dims(2, 1), 3, 3)),
                // A double threshold decides between a double and the next one.
                OpCase.of(
                                "thresholds of float64",
                                TreeEnsembleRegressor.of(wide),
                                reals(DType.FLOAT64, dims(2, 1), tenth, Math.nextUp(tenth)))
                        .expect(f32(dims(2, 1), 1, 2)),
                // The float nearest to 0.1 is above it.
                OpCase.of("thresholds of float64 for floats", TreeEnsembleRegressor.of(wide), f32(dims(1, 1), 0.1f))
                        .expect(f32(dims(1, 1), 2)),
                OpCase.of("a hundred rows of wild trees", targets(wild(9, 5, 6, 1), 1), wildRows(101, 6)),
                OpCase.of("one row of wild trees", targets(wild(131, 4, 6, 1), 1), wildRows(1, 6)),
                OpCase.of("wild trees of three targets", targets(wild(20, 6, 9, 3), 3, 1, 2, 3), wildRows(70, 9)),
                OpCase.of(
                        "wild trees over doubles",
                        targets(wild(20, 6, 9, 3), 3),
                        reals(DType.FLOAT64, dims(7, 9), wildRows(7, 9).toDoubleArray())));
    }

    private static List<OpCase> bad() {
        TreeSketch good = TreeSketch.targets().stump(0, 0, 1, 0, 2);
        return List.of(
                OpCase.of("fewer features than are tested", targets(wild(9, 5, 6, 1), 1), f32(dims(1, 2), 1, 2))
                        .fails("features"),
                OpCase.of("rank 3", op(good), f32(dims(1, 1, 1), 1)).fails("rank 1 or rank 2"),
                OpCase.of("rank 0", op(good), f32(dims(), 1)).fails("rank 1 or rank 2"));
    }

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(modes());
        cases.addAll(aggregates());
        cases.addAll(operands());
        cases.addAll(bad());
        return cases;
    }
}
