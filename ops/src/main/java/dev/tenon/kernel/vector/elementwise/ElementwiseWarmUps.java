package dev.tenon.kernel.vector.elementwise;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.WarmUpData;
import java.util.List;

/** The warm-ups of element-wise loops, see {@link JitWarmUp}. */
final class ElementwiseWarmUps {
    private static final int LANES = SimdSpecies.LANES;

    static final JitWarmUp ADD =
            WarmUpData.of(m -> List.of(() -> VectorBinary.addDense(m, 0, m, 0, m, 0, WarmUpData.VECTORS * LANES)));

    static final JitWarmUp GELU =
            WarmUpData.of(m -> List.of(() -> VectorUnary.geluVectors(m, 0, m, 0, WarmUpData.FEW * LANES)));

    private ElementwiseWarmUps() {}
}
