package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.RoundedRange;
import dev.tenon.kernel.elementwise.TileLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarRounding;
import dev.tenon.kernel.vector.elementwise.VectorRounding;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Successive operators of a body that quantise numbers and leave them floats, which one loop computes: a product or a quotient,
 * Min, Round, Sub, ThresholdedRelu, Min, Sub, Mul. The first Min may be missing, and so may each Sub and the last Mul. Nothing
 * else reads the values between them.
 *
 * @param length the number of operators
 * @param divides whether the numbers are divided, else multiplied
 * @param x the number of the value that is scaled
 * @param scale the number of the value that it is scaled by
 * @param bound the number of the value that bounds it before it is rounded, or -1
 * @param rounding how the scaled numbers are rounded
 */
record RoundingChain(int length, boolean divides, int x, int scale, int bound, Rounding rounding) {
    /**
     * Rounds a number to the nearest integer, half to even, and limits it.
     *
     * @param least the least result before {@code taken} is taken off; NaN becomes it too
     * @param width the greatest result less the least one
     * @param taken what is taken off, after {@code least}
     * @param factor what the result is multiplied with
     */
    record Rounding(float least, float width, float taken, float factor) {}

    /** An estimate of the work, picoseconds for an element. */
    static final long PICOS = 160;

    /** Integers up to this one can be rounded by adding a large number. */
    private static final float MOST = 1 << 20;

    /**
     * Finds the chain that starts at an operator of the body.
     *
     * @param op the fused operator
     * @param types the types of its values
     * @param constants the constants among its inputs, null for other inputs
     * @param index the operator's index in the body
     * @return the chain, or null if there is none
     */
    static RoundingChain find(Fused op, List<TensorType> types, List<Tensor> constants, int index) {
        Fused.Part first = op.body().get(index);
        boolean divides = first.op() instanceof Div;
        if (!divides && !(first.op() instanceof Mul) || first.operands().size() != 2) {
            return null;
        }
        int value = op.inputs() + (op.anchor() == null ? 0 : 1);
        for (int operand : first.operands()) {
            if (operand < 0 || types.get(operand).dtype() != DType.FLOAT32) {
                return null;
            }
        }
        Steps steps = new Steps(op, constants, value, index);
        int bound = divides ? -1 : steps.bound(types);
        if (!steps.next(Round.class)) {
            return null;
        }
        float least = steps.constant(Sub.class);
        if (!steps.next(ThresholdedRelu.class)
                || ((ThresholdedRelu) op.body().get(steps.last).op()).alpha() != 0) {
            return null;
        }
        float width = steps.constant(Min.class);
        if (!(width > 0)) {
            return null;
        }
        float taken = steps.constant(Sub.class);
        int rounded = steps.last;
        float factor = steps.constant(Mul.class);
        boolean small = Math.abs(least) <= MOST && width <= MOST && Math.abs(taken) <= MOST;
        boolean whole = least == Math.rint(least) && width == Math.rint(width) && taken == Math.rint(taken);
        int scale = first.operands().get(1);
        // A product may be written the other way round.
        boolean swapped = !divides && isSmaller(types, first.operands().getFirst(), value + index);
        boolean full = !isSmaller(types, swapped ? scale : first.operands().getFirst(), value + index);
        return small && whole && full
                ? new RoundingChain(
                        steps.last + 1 - index,
                        divides,
                        swapped ? scale : first.operands().getFirst(),
                        swapped ? first.operands().getFirst() : scale,
                        bound,
                        new Rounding(least, width, taken, steps.last > rounded ? factor : 1))
                : null;
    }

    private static boolean isSmaller(List<TensorType> types, int value, int result) {
        return types.get(value).shape().knownElements()
                < types.get(result).shape().knownElements();
    }

    /** The loop. */
    TileLoop loop(boolean vector) {
        float high = rounding.least + rounding.width;
        float off = rounding.least + rounding.taken;
        RoundedRange range = new RoundedRange(rounding.least, high, off, rounding.factor);
        if (bound >= 0) {
            return vector ? VectorRounding.ofBoundedProducts(range) : ScalarRounding.ofBoundedProducts(range);
        }
        if (divides) {
            return vector ? VectorRounding.ofQuotients(range) : ScalarRounding.ofQuotients(range);
        }
        return vector ? VectorRounding.ofProducts(range) : ScalarRounding.ofProducts(range);
    }

    /** The numbers of the values that the loop reads. */
    int[] operands() {
        return bound < 0 ? new int[] {x, scale} : new int[] {x, scale, bound};
    }

    /** Follows operators of the body, each of which is the only reader of the result before it. */
    private static final class Steps {
        private final Fused op;
        private final List<Tensor> constants;
        private final int value;
        private int last;

        private Steps(Fused op, List<Tensor> constants, int value, int index) {
            this.op = op;
            this.constants = constants;
            this.value = value;
            last = index;
        }

        /** Whether the next operator is of a kind and reads nothing but the last result first. */
        private boolean is(Class<? extends Op> kind) {
            int next = last + 1;
            return next < op.body().size()
                    && kind.isInstance(op.body().get(next).op())
                    && op.body().get(next).operands().getFirst() == value + last
                    && op.uses(value + last) == 1;
        }

        private boolean next(Class<? extends Op> kind) {
            boolean is = is(kind);
            last += is ? 1 : 0;
            return is;
        }

        /** The float32 input that bounds the last result, if the next operator is a Min with one; else -1. */
        private int bound(List<TensorType> types) {
            if (!is(Min.class) || op.body().get(last + 1).operands().size() != 2) {
                return -1;
            }
            int operand = op.body().get(last + 1).operands().get(1);
            if (operand < 0 || operand >= op.inputs() || types.get(operand).dtype() != DType.FLOAT32) {
                return -1;
            }
            last++;
            return operand;
        }

        /** The constant operand of the next operator if it is of a kind, which is then the last one; else 0. */
        private float constant(Class<? extends Op> kind) {
            if (!is(kind) || op.body().get(last + 1).operands().size() != 2) {
                return 0;
            }
            int operand = op.body().get(last + 1).operands().get(1);
            Tensor number = operand < 0 || operand >= constants.size() ? null : constants.get(operand);
            if (number == null || number.size() != 1 || number.dtype() != DType.FLOAT32) {
                return 0;
            }
            last++;
            return number.getFloat(0);
        }
    }
}
