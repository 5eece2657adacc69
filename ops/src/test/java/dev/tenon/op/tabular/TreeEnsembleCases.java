package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link TreeEnsemble}. */
public final class TreeEnsembleCases implements OpCases {
    private static final float NAN = Float.NaN;

    private static Tensor modes(int... codes) {
        Tensor t = Tensor.allocate(DType.UINT8, codes.length);
        for (int i = 0; i < codes.length; i++) {
            t.setLong(i, codes[i]);
        }
        return t;
    }

    /** Values up to 3.14 reach leaf 0 (up to 1.2) or leaf 2. Values above reach leaf 1 (up to 4.2) or leaf 3. */
    private static Attributes single(DType type) {
        return Attributes.none()
                .with("n_targets", 2)
                .with("tree_roots", new long[] {0})
                .with("nodes_modes", modes(0, 0, 0))
                .with("nodes_featureids", new long[] {0, 0, 0})
                .with("nodes_splits", reals(type, dims(3), 3.14, 1.2, 4.2))
                .with("nodes_truenodeids", new long[] {1, 0, 1})
                .with("nodes_trueleafs", new long[] {0, 1, 1})
                .with("nodes_falsenodeids", new long[] {2, 2, 3})
                .with("nodes_falseleafs", new long[] {0, 1, 1})
                .with("leaf_targetids", new long[] {0, 1, 0, 1})
                .with("leaf_weights", reals(type, dims(4), 5.23, 12.12, -12.23, 7.21));
    }

    /** One node that tests whether feature 0 is in a set: leaf 10 if it is, 20 if not. */
    private static Attributes member(long missing, double... members) {
        return Attributes.none()
                .with("tree_roots", new long[] {0})
                .with("nodes_modes", modes(6))
                .with("nodes_featureids", new long[] {0})
                .with("nodes_splits", f32(dims(1), 0))
                .with("nodes_missing_value_tracks_true", new long[] {missing})
                .with("membership_values", reals(DType.FLOAT32, dims(members.length), members))
                .with("nodes_truenodeids", new long[] {0})
                .with("nodes_trueleafs", new long[] {1})
                .with("nodes_falsenodeids", new long[] {1})
                .with("nodes_falseleafs", new long[] {1})
                .with("leaf_targetids", new long[] {0, 0})
                .with("leaf_weights", f32(dims(2), 10, 20));
    }

    /** Nodes that test sets one after another: 1 for {1.2, 3.7, 8, 9}, 2 for {12, 7}, 3 for {4}, 4 for none of them. */
    private static Attributes sets() {
        return Attributes.none()
                .with("tree_roots", new long[] {0})
                .with("nodes_modes", modes(6, 6, 6))
                .with("nodes_featureids", new long[] {0, 0, 0})
                .with("nodes_splits", f32(dims(3), 0, 0, 0))
                .with("membership_values", f32(dims(9), 1.2f, 3.7f, 8, 9, NAN, 12, 7, NAN, 4))
                .with("nodes_truenodeids", new long[] {0, 1, 2})
                .with("nodes_trueleafs", new long[] {1, 1, 1})
                .with("nodes_falsenodeids", new long[] {1, 2, 3})
                .with("nodes_falseleafs", new long[] {0, 0, 1})
                .with("leaf_targetids", new long[] {0, 0, 0, 0})
                .with("leaf_weights", f32(dims(4), 1, 2, 3, 4));
    }

    private static OpCase set(String name, long missing, double[] members, float[] x, float... expected) {
        return OpCase.of(name, TreeEnsemble.of(member(missing, members)), f32(dims(x.length, 1), x))
                .expect(f32(dims(x.length, 1), expected));
    }

    @Override
    public List<OpCase> cases() {
        float[] x = {2, 3, 4, NAN};
        Tensor three = f32(dims(3, 1), 1.2f, 3.4f, 5);
        Attributes logistic = single(DType.FLOAT32).with("post_transform", 2);
        return List.of(
                OpCase.of("one tree", TreeEnsemble.of(single(DType.FLOAT32)), three)
                        .expect(f32(dims(3, 2), 5.23f, 0, 0, 12.12f, 0, 7.21f)),
                OpCase.of("float64", TreeEnsemble.of(single(DType.FLOAT64)), reals(DType.FLOAT64, dims(2, 1), 1.2, 1.3))
                        .expect(reals(DType.FLOAT64, dims(2, 2), 5.23, 0, -12.23, 0)),
                OpCase.of("float16", TreeEnsemble.of(single(DType.FLOAT16)), reals(DType.FLOAT16, dims(1, 1), 2))
                        .expect(reals(DType.FLOAT16, dims(1, 2), -12.23, 0)),
                // 1 / (1 + e^-x) for 7.21 and 0.
                OpCase.of("logistic", TreeEnsemble.of(logistic), f32(dims(1, 1), 5))
                        .expect(f32(dims(1, 2), 0.5f, 0.999261388794295f)),
                OpCase.of("least", TreeEnsemble.of(single(DType.FLOAT32).with("aggregate_function", 2)), three)
                        .expect(f32(dims(3, 2), 5.23f, 0, 0, 12.12f, 0, 7.21f)),
                OpCase.of(
                                "average of a tree twice",
                                TreeEnsemble.of(single(DType.FLOAT32)
                                        .with("tree_roots", new long[] {0, 0})
                                        .with("aggregate_function", 0)),
                                three)
                        .expect(f32(dims(3, 2), 5.23f, 0, 0, 12.12f, 0, 7.21f)),
                // Computed by hand: both branches lead to the same leaf.
                OpCase.of(
                                "one leaf for both branches",
                                TreeEnsemble.of(member(0, 3).with("nodes_falsenodeids", new long[] {0})),
                                f32(dims(2, 1), 3, 5))
                        .expect(f32(dims(2, 1), 10, 10)),
                set("a set", 0, new double[] {3, 2}, x, 10, 10, 20, 20),
                set("a set, missing true", 1, new double[] {3, 2}, x, 10, 10, 20, 10),
                set(
                        "a set of numbers next to each other",
                        0,
                        new double[] {3, Math.nextUp(3f), 9},
                        new float[] {Math.nextDown(3f), 3, Math.nextUp(3f), Math.nextUp(Math.nextUp(3f)), 9, 10, -1},
                        20,
                        10,
                        10,
                        20,
                        10,
                        20,
                        20),
                set("an empty set", 0, new double[0], x, 20, 20, 20, 20),
                set("an empty set, missing true", 1, new double[0], x, 20, 20, 20, 10),
                OpCase.of("sets", TreeEnsemble.of(sets()), f32(dims(8, 1), 1.2f, 3.7f, 9, 12, 7, 4, 5, NAN))
                        .expect(f32(dims(8, 1), 1, 1, 1, 2, 2, 3, 4, 4)),
                OpCase.of("a vector is a row", TreeEnsemble.of(sets()), f32(dims(2), 4, 8))
                        .expect(f32(dims(1, 1), 3)),
                OpCase.of("no features", TreeEnsemble.of(sets()), f32(dims(1, 0)))
                        .fails("at least 1 features"));
    }
}
