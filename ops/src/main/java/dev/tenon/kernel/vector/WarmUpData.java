package dev.tenon.kernel.vector;

import dev.tenon.kernel.JitWarmUp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The memory and the sizes with which a {@link JitWarmUp} calls its loops. */
public final class WarmUpData {
    /** The size of a vector, bytes. */
    public static final long STEP = (long) SimdSpecies.LANES * Float.BYTES;

    /** The vectors that a loop processes: enough iterations for the compiler to unroll it. */
    public static final int VECTORS = 16;

    /** The vectors that a loop with dozens of operations for each processes. */
    public static final int FEW = 4;

    private WarmUpData() {}

    /** Makes loops that run over given memory. */
    public interface Loops {
        /** {@return the loops} */
        List<Runnable> over(MemorySegment memory);
    }

    /** Memory of zeros, enough for two operands of a loop. */
    public static MemorySegment memory() {
        return Arena.ofAuto().allocate((VECTORS + 1) * 2 * STEP, STEP);
    }

    /** The warm-up of loops that run over {@link #memory}. */
    public static JitWarmUp of(Loops loops) {
        return JitWarmUp.of(() -> loops.over(memory()));
    }
}
