package dev.tenon.kernel.scalar.recurrent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** States of sequences, float32 in operands and float64 in scratch memory. */
final class DoubleState {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;

    private DoubleState() {}

    /**
     * Reads a state.
     *
     * @param from the operand, or null for a state of 0
     * @param at the index of its first element
     * @param hidden the elements of the state
     * @param s scratch memory
     * @param to the offset in it, bytes
     */
    static void load(MemorySegment from, long at, int hidden, MemorySegment s, long to) {
        for (long k = 0; k < hidden; k++) {
            s.set(F64, to + k * Double.BYTES, from == null ? 0 : from.get(F32, (at + k) * Float.BYTES));
        }
    }

    /**
     * Writes a state.
     *
     * @param s scratch memory
     * @param from the offset of the state in it, bytes
     * @param hidden the elements of the state
     * @param to the operand, or null if it is not wanted
     * @param at the index of its first element
     */
    static void store(MemorySegment s, long from, int hidden, MemorySegment to, long at) {
        for (long k = 0; k < hidden && to != null; k++) {
            to.set(F32, (at + k) * Float.BYTES, (float) s.get(F64, from + k * Double.BYTES));
        }
    }
}
