package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * A value that was rounded to integers times a scale, limited to a range: what is left of a QuantizeLinear and a
 * DequantizeLinear with the same parameters. It may have been transposed after that.
 *
 * @param x the value before it was rounded
 * @param transposes the Transposes after that, in order
 * @param scale the scale
 * @param least the least integer
 * @param greatest the greatest integer
 */
public record RoundedValue(Value x, List<Transpose> transposes, float scale, float least, float greatest) {
    private static final int MAX_TRANSPOSES = 2;
    private static final int MAX_INTEGER = 1 << 16;

    /**
     * Follows a value back to where it was rounded.
     *
     * @param v the value
     * @return the rounding, or null if there is none
     */
    public static RoundedValue of(Value v) {
        List<Transpose> transposes = new ArrayList<>();
        Value at = v;
        while (at.producer() != null
                && at.producer().op() instanceof Transpose t
                && transposes.size() < MAX_TRANSPOSES) {
            transposes.addFirst(t);
            at = at.producer().input(0);
        }
        Node scaled = Producers.of(at, Mul.class);
        Float scale = scaled == null ? null : number(scaled.input(1));
        if (scale == null || !(scale > 0)) {
            return null;
        }
        Node back = Producers.of(scaled.input(0), Sub.class);
        Float taken = back == null ? (Float) 0f : whole(back.input(1));
        Node clipped = Producers.of(back == null ? scaled.input(0) : back.input(0), Min.class);
        Float width = clipped == null || clipped.inputs().size() != 2 ? null : whole(clipped.input(1));
        Node positive = width == null ? null : Producers.of(clipped.input(0), ThresholdedRelu.class);
        if (taken == null || positive == null || ((ThresholdedRelu) positive.op()).alpha() != 0) {
            return null;
        }
        Node above = Producers.of(positive.input(0), Sub.class);
        Float least = above == null ? (Float) 0f : whole(above.input(1));
        Node round = Producers.of(above == null ? positive.input(0) : above.input(0), Round.class);
        Node quotient = round == null ? null : Producers.of(round.input(0), Div.class);
        Float divisor = quotient == null ? null : number(quotient.input(1));
        boolean same = divisor != null && divisor.equals(scale) && least != null && least == -taken;
        if (!same || least > 0 || least + width < 0) {
            return null;
        }
        return new RoundedValue(quotient.input(0), transposes, scale, least, least + width);
    }

    /** The only element of a float32 constant, or null. */
    private static Float number(Value v) {
        boolean one = v.isConstant() && v.constant().size() == 1 && v.constant().dtype() == DType.FLOAT32;
        return one ? (Float) v.constant().getFloat(0) : null;
    }

    private static Float whole(Value v) {
        Float number = number(v);
        return number != null && number == Math.rint(number) && Math.abs(number) <= MAX_INTEGER ? number : null;
    }

    /**
     * The value before it was rounded, transposed as it is afterwards.
     *
     * @param to where nodes are added
     * @return the value
     */
    public Value unrounded(Emitter to) {
        Value v = x;
        for (Transpose t : transposes) {
            v = to.add(t, v);
        }
        return v;
    }
}
