package dev.tenon.kernel.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The numbers that a {@link QuantizedSumProblem} is computed with, from the operands of a run. Every operation is of float32. */
public final class SumTerms {
    private static final int BYTE = 0xFF;

    private SumTerms() {}

    /**
     * The factor of an operand.
     *
     * @param operands the operands
     * @param operand the index of the operand's scale
     * @return the factor
     */
    public static float factor(MemorySegment[] operands, int operand) {
        return operands[operand].get(ValueLayout.JAVA_FLOAT, 0)
                / operands[QuantizedSumProblem.SCALE].get(ValueLayout.JAVA_FLOAT, 0);
    }

    /**
     * The number that is added to every sum.
     *
     * @param p the problem
     * @param operands the operands
     * @return the number
     */
    public static float fixed(QuantizedSumProblem p, MemorySegment[] operands) {
        int second = QuantizedSumProblem.SECOND;
        float first = factor(operands, 1) * zero(p, operands, 2);
        float zeros = first + factor(operands, second + 1) * zero(p, operands, second + 2);
        return zero(p, operands, QuantizedSumProblem.SCALE + 1) - zeros;
    }

    private static float zero(QuantizedSumProblem p, MemorySegment[] operands, int operand) {
        if (!p.has(operand)) {
            return 0;
        }
        byte zero = operands[operand].get(ValueLayout.JAVA_BYTE, 0);
        return p.signed() ? zero : zero & BYTE;
    }
}
