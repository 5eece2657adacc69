package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Folds batch normalisation into the weights before it. Where there are none, it becomes a product and a sum, which fuse
 * with other element-wise operators.
 */
public final class BatchNormalizationRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "fold-batch-normalization",
                            op(
                                            BatchNormalization.class,
                                            WeightFoldingRules.linear(WeightFoldingRules.LINEAR),
                                            constant("scale"),
                                            constant("bias"),
                                            constant("mean"),
                                            constant("variance"))
                                    .where(BatchNormalization.class, b -> !b.trainingMode()),
                            (m, to) -> OutputChannelWeights.of(m).folded(m, to, normalization(m)))
                    .unless(m -> OutputChannelWeights.reasonAgainst(m, normalization(m)))
                    .rounding(),
            Rule.of(
                            "batch-normalization-parts",
                            op(
                                            BatchNormalization.class,
                                            any("x"),
                                            constant("scale"),
                                            constant("bias"),
                                            constant("mean"),
                                            constant("variance"))
                                    .where(BatchNormalization.class, b -> !b.trainingMode()),
                            BatchNormalizationRules::parts)
                    .unless(BatchNormalizationRules::partsReason)
                    .rounding());

    private BatchNormalizationRules() {}

    private static OutputChannelWeights.Affine normalization(Match m) {
        OutputChannelWeights linear = OutputChannelWeights.of(m);
        Tensor scale = m.constant("scale");
        float epsilon = m.rootOp(BatchNormalization.class).epsilon();
        if (linear.channels() != scale.size() || linear.axis() != 1) {
            return null;
        }
        double[] factor = new double[(int) scale.size()];
        double[] shift = new double[factor.length];
        for (int i = 0; i < factor.length; i++) {
            factor[i] = scale.getDouble(i) / Math.sqrt(m.constant("variance").getDouble(i) + epsilon);
            shift[i] = m.constant("bias").getDouble(i) - m.constant("mean").getDouble(i) * factor[i];
        }
        return new OutputChannelWeights.Affine(factor, shift);
    }

    /** One number for each channel of a normalisation, in a shape that broadcasts to the normalised value. */
    private static Tensor perChannel(Match m, IntToDoubleFunction number) {
        Tensor scale = m.constant("scale");
        long[] dims = new long[Shapes.rank(m.value("x")) - 1];
        Arrays.fill(dims, 1);
        dims[0] = scale.size();
        Tensor t = Tensor.allocate(m.value("x").tensorType().dtype(), dims);
        for (int i = 0; i < t.size(); i++) {
            t.setDouble(i, number.applyAsDouble(i));
        }
        return t;
    }

    private static Tensor partFactor(Match m) {
        float epsilon = m.rootOp(BatchNormalization.class).epsilon();
        return perChannel(
                m,
                i -> m.constant("scale").getDouble(i)
                        / Math.sqrt(m.constant("variance").getDouble(i) + epsilon));
    }

    private static Tensor partShift(Match m) {
        Tensor factor = partFactor(m);
        return perChannel(
                m, i -> m.constant("bias").getDouble(i) - m.constant("mean").getDouble(i) * factor.getDouble(i));
    }

    private static String partsReason(Match m) {
        DType type = m.value("x").tensorType().dtype();
        if (type != DType.FLOAT32 && type != DType.FLOAT64) {
            return "the product and the sum would round to " + type.text();
        }
        if (Shapes.rank(m.value("x")) < 2) {
            return "the rank is not known, or there are no channels";
        }
        // The shift is not finite where the factor is not.
        return Weights.areFinite(partShift(m)) ? null : "a factor or a shift is not finite";
    }

    private static Value parts(Match m, Emitter to) {
        Value scaled = to.add(new Mul(), m.value("x"), to.constant(partFactor(m)));
        return to.add(new Add(), scaled, to.constant(partShift(m)));
    }
}
