package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.WarmUpData;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.norm.SoftmaxRows;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The vector loops of attention that the JVM is made to compile before they run on data, see {@link JitWarmUp}. */
final class AttentionWarmUps {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROW = GemmTile.ROW;

    static final JitWarmUp ATTENTION = JitWarmUp.of(() -> {
        MemorySegment m = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        int length = Math.min(WarmUpData.VECTORS * LANES, GemmTile.DEPTH);
        return List.of(
                () -> AttentionTile.loadVectors(m, 0, 0, 1, length, 0, g.rows, 0),
                () -> VectorAttention.putVectors(g.tile, GemmTile.ROWS, g.rows, 0),
                () -> AttentionTile.biasVectors(m, 0, 0, 1, 0, length, g.rows),
                () -> AttentionTile.scaleVectors(g.tile, GemmTile.ROWS, COLUMNS, g.factors),
                () -> AttentionTile.areFinite(g.tile, g.tile.length),
                () -> SoftmaxRows.maxima(g.rows, 1, ROW, length, g),
                () -> SoftmaxRows.exponentials(g.rows, 1, ROW, WarmUpData.FEW * LANES, g));
    });

    static final JitWarmUp DOT_ROWS = JitWarmUp.first(() -> {
        MemorySegment m = WarmUpData.memory();
        GemmScratch g = GemmScratch.take();
        float[] products = new float[DotRows.PARTIAL_SUMS];
        return List.of(
                () -> DotRows.products1(g.rows, 0, m, 0, WarmUpData.STEP, WarmUpData.FEW, 2 * LANES, products, 0),
                () -> DotRows.products4(g.rows, 0, m, 0, WarmUpData.STEP, WarmUpData.FEW, 2 * LANES, products),
                () -> DotRows.fold(products, 2 * WarmUpData.VECTORS, 1));
    });

    private AttentionWarmUps() {}
}
