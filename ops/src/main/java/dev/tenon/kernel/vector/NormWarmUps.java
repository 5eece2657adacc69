package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.util.List;

/** The loops of normalisations that are compiled ahead: see {@link Rehearsal}. */
final class NormWarmUps {
    static final Rehearsal SHIFT = WarmUpData.of(m -> List.of(() -> VectorNorm.shiftVectors(m, m, 0, m, m, 0, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    static final Rehearsal SUM_OF_ROWS =
            WarmUpData.of(m -> List.of(() -> VectorSumNorm.addVectors(m, 0, m, 0, m, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    private NormWarmUps() {}
}
