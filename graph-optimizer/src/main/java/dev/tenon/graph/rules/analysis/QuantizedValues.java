package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import java.util.List;
import java.util.Set;

/** Values that were rounded to integers times a scale. */
public final class QuantizedValues {
    /** Operators through which a value is followed back to its rounding. */
    private static final Set<Class<? extends Op>> FOLLOWED = Set.of(
            Clip.class,
            ThresholdedRelu.class,
            Min.class,
            Sub.class,
            Mul.class,
            Reshape.class,
            Transpose.class,
            Squeeze.class,
            Unsqueeze.class,
            Flatten.class,
            MaxPool.class);

    private static final int MAX_FOLLOWED = 8;

    private QuantizedValues() {}

    /**
     * Why a scale must not be moved into the weights that a value is multiplied with. Sums of products of quantised
     * numbers are often exactly between two steps of the next quantisation. One last place then decides how they are
     * rounded, so the scale must be applied where the model applies it.
     *
     * @param v the operand of a product or convolution
     * @return the reason, or null if the value was not quantised
     */
    public static String reasonAgainstScaling(Value v) {
        Value x = v;
        for (int i = 0; i < MAX_FOLLOWED && x != null && x.producer() != null; i++) {
            Node node = x.producer();
            Op op = node.op();
            if (op instanceof Fused fused) {
                int operand = source(fused, node);
                if (operand == ROUNDED) {
                    return "the value that it scales was quantised";
                }
                x = operand < 0 ? null : node.input(operand);
                continue;
            }
            if (op instanceof Round
                    || op instanceof CentredQuantization
                    || op instanceof Cast && isInteger(node.input(0))) {
                return "the value that it scales was quantised";
            }
            if (!FOLLOWED.contains(op.getClass())) {
                return null;
            }
            x = node.input(0);
        }
        return null;
    }

    private static final int ROUNDED = -2;
    private static final int OTHER = -1;

    /**
     * The input that the last part of a fused operator is computed from; {@link #ROUNDED} if one of the parts rounds
     * it.
     */
    private static int source(Fused fused, Node node) {
        List<Fused.Part> parts = fused.parts();
        int at = fused.inputs() + parts.size() - 1;
        while (at >= fused.inputs()) {
            Fused.Part part = parts.get(at - fused.inputs());
            int operand = part.operands().getFirst();
            boolean integer = operand < fused.inputs()
                    ? isInteger(node.input(operand))
                    : isInteger(parts.get(operand - fused.inputs()).op());
            if (part.op() instanceof Round || part.op() instanceof Cast && integer) {
                return ROUNDED;
            }
            if (!FOLLOWED.contains(part.op().getClass())) {
                return OTHER;
            }
            at = operand;
        }
        return at;
    }

    /** Whether an operator gives integers. */
    private static boolean isInteger(Op op) {
        return op instanceof MatMulInteger || op instanceof Cast c && c.to().isInteger();
    }

    private static boolean isInteger(Value v) {
        return v.tensorType().dtype().isInteger();
    }
}
