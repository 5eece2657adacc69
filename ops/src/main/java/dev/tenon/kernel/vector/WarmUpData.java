package dev.tenon.kernel.vector;

import dev.tenon.kernel.JitWarmUp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Memory and sizes that the loops of a {@link JitWarmUp} run with. */
public final class WarmUpData {
    /** Bytes of a vector. */
    public static final long STEP = (long) SimdSpecies.LANES * Float.BYTES;

    /** Vectors of a loop: the compiler unrolls loops that run about as often. */
    public static final int VECTORS = 16;

    /** Vectors of a loop with some dozen operations for each. */
    public static final int FEW = 4;

    private WarmUpData() {}

    /** Makes the loops that run over some memory. */
    public interface Loops {
        /** The loops. */
        List<Runnable> over(MemorySegment memory);
    }

    /** Zeros, enough for two operands of a loop. */
    public static MemorySegment memory() {
        return Arena.ofAuto().allocate((VECTORS + 1) * 2 * STEP, STEP);
    }

    /** Loops that run over {@link #memory}. */
    public static JitWarmUp of(Loops loops) {
        return JitWarmUp.of(() -> loops.over(memory()));
    }
}
