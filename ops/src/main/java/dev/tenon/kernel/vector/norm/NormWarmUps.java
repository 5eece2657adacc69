package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.WarmUpData;
import java.util.List;

/**
 * The vector loops of normalisations that the JVM is made to compile before they run on data, see {@link JitWarmUp}.
 */
final class NormWarmUps {
    static final JitWarmUp SCALE_AND_SHIFT = WarmUpData.of(m ->
            List.of(() -> VectorNorm.scaleAndShiftVectors(m, m, 0, m, m, 0, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    static final JitWarmUp SUM_OF_ROWS = WarmUpData.of(
            m -> List.of(() -> VectorSumNorm.addVectors(m, 0, m, 0, m, 0, WarmUpData.VECTORS * WarmUpData.STEP)));

    private NormWarmUps() {}
}
