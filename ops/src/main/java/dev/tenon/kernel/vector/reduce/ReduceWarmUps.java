package dev.tenon.kernel.vector.reduce;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.WarmUpData;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The vector loops of reductions that the JVM is made to compile before they run on data, see {@link JitWarmUp}. */
final class ReduceWarmUps {
    private static final int LANES = SimdSpecies.LANES;

    static final JitWarmUp SUMS = WarmUpData.of(m -> List.of(
            () -> RowReductions.sumVectors(
                    m, WarmUpData.STEP, WarmUpData.STEP + WarmUpData.VECTORS * WarmUpData.STEP, m),
            () -> RowReductions.deviationVectors(
                    m, WarmUpData.STEP, WarmUpData.STEP + WarmUpData.VECTORS * WarmUpData.STEP, 0, m)));

    static final JitWarmUp SHORT_ROWS = WarmUpData.of(m -> {
        MemorySegment y = WarmUpData.memory();
        return List.of(
                () -> ShortRowSums.vectors(m, 0, WarmUpData.FEW, WarmUpData.FEW * LANES - 1, WarmUpData.FEW, y, 0));
    });

    private ReduceWarmUps() {}
}
