package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The loops of reductions that are compiled ahead: see {@link Rehearsal}. */
final class ReduceWarmUps {
    private static final int LANES = VectorShape.LANES;

    static final Rehearsal SUMS = WarmUpData.of(m -> List.of(
            () -> VectorRuns.sumVectors(m, WarmUpData.STEP, WarmUpData.STEP + WarmUpData.VECTORS * WarmUpData.STEP, m),
            () -> VectorRuns.deviationVectors(m, WarmUpData.STEP, WarmUpData.STEP + WarmUpData.VECTORS * WarmUpData.STEP, 0, m)));

    static final Rehearsal SHORT_RUNS = WarmUpData.of(m -> {
        MemorySegment y = WarmUpData.memory();
        return List.of(() -> ShortSums.vectors(m, 0, WarmUpData.FEW, WarmUpData.FEW * LANES - 1, WarmUpData.FEW, y, 0));
    });

    private ReduceWarmUps() {}
}
