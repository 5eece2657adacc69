package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Memory and sizes that the loops of a {@link Rehearsal} run with. */
final class WarmUpData {
    /** Bytes of a vector. */
    static final long STEP = (long) VectorShape.LANES * Float.BYTES;

    /** Vectors of a loop: the compiler unrolls loops that run about as often. */
    static final int VECTORS = 16;

    /** Vectors of a loop with some dozen operations for each. */
    static final int FEW = 4;

    private WarmUpData() {}

    /** Makes the loops that run over some memory. */
    interface Loops {
        /** The loops. */
        List<Runnable> over(MemorySegment memory);
    }

    /** Zeros, enough for two operands of a loop. */
    static MemorySegment memory() {
        return Arena.ofAuto().allocate((VECTORS + 1) * 2 * STEP, STEP);
    }

    /** Loops that run over {@link #memory}. */
    static Rehearsal of(Loops loops) {
        return Rehearsal.of(() -> loops.over(memory()));
    }
}
