package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.WarmUpData;
import java.util.List;

/** The loops of normalisations that are compiled ahead: see {@link JitWarmUp}. */
final class NormWarmUps {
    static final JitWarmUp SHIFT = WarmUpData.of(
            m -> List.of(() -> VectorNorm.shiftVectors(m, m, 0, m, m, 0, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    static final JitWarmUp SUM_OF_ROWS = WarmUpData.of(
            m -> List.of(() -> VectorSumNorm.addVectors(m, 0, m, 0, m, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    private NormWarmUps() {}
}
