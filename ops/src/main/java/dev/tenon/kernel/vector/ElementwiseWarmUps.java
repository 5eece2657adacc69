package dev.tenon.kernel.vector;

import dev.tenon.kernel.Rehearsal;
import java.util.List;

/** The element-wise loops that are compiled ahead: see {@link Rehearsal}. */
final class ElementwiseWarmUps {
    private static final int LANES = VectorShape.LANES;

    static final Rehearsal ADD = WarmUpData.of(m -> List.of(() -> VectorBinary.addBoth(m, 0, m, 0, m, 0, WarmUpData.VECTORS * LANES)));

    static final Rehearsal GELU = WarmUpData.of(m -> List.of(() -> VectorUnary.geluVectors(m, 0, m, 0, WarmUpData.FEW * LANES)));

    private ElementwiseWarmUps() {}
}
