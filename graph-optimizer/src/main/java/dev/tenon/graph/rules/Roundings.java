package dev.tenon.graph.rules;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
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

/** Which values are whole numbers times a scale. */
final class Roundings {
    /** What may lie between a rounding and the product of what was rounded. */
    private static final Set<Class<? extends Op>> BEHIND = Set.of(
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

    private static final int MOST_BEHIND = 8;

    private Roundings() {}

    /**
     * Why a scale of products of a value must stay where it is, or null: where numbers are quantised, sums lie in the
     * middle between two steps so often that one last place decides how they are rounded.
     */
    static String reasonAgainstScaling(Value v) {
        Value x = v;
        for (int i = 0; i < MOST_BEHIND && x != null && x.producer() != null; i++) {
            Node node = x.producer();
            Op op = node.op();
            if (op instanceof Fused fused) {
                int operand = source(fused, node);
                if (operand == ROUNDED) {
                    return "what it scales was quantised";
                }
                x = operand < 0 ? null : node.input(operand);
                continue;
            }
            if (op instanceof Round || op instanceof Cast && isInteger(node.input(0))) {
                return "what it scales was quantised";
            }
            if (!BEHIND.contains(op.getClass())) {
                return null;
            }
            x = node.input(0);
        }
        return null;
    }

    private static final int ROUNDED = -2;
    private static final int OTHER = -1;

    /** The input that the last part of a fused operator is made of, or whether one of its parts rounds it. */
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
            if (!BEHIND.contains(part.op().getClass())) {
                return OTHER;
            }
            at = operand;
        }
        return at;
    }

    /** Whether a part gives integers. */
    private static boolean isInteger(Op op) {
        return op instanceof MatMulInteger || op instanceof Cast c && c.to().isInteger();
    }

    private static boolean isInteger(Value v) {
        return v.tensorType() != null && v.tensorType().dtype().isInteger();
    }
}
