package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.conv.WinogradTransform.INPUT;
import static dev.tenon.kernel.vector.conv.WinogradTransform.OUTPUT;

import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.util.Arrays;

/** The arrays that a run of {@link VectorChannelsLastWinograd} works in. */
final class WinogradScratch {
    private static final ScratchPool<WinogradScratch> POOL = new ScratchPool<>(WinogradScratch::new);

    /** Neighbouring lines of an image, with padding. A vector may read beyond their end. */
    final float[][] lines = new float[INPUT][0];

    /** An input tile whose columns are transformed: an array for each column. */
    final float[][] columns = new float[INPUT][INPUT * SimdSpecies.LANES];

    /** The transformed tiles, as {@link GemmTile} reads the rows of a matrix: {@link GemmTile#ROWS} tiles in an array. */
    float[][] tiles = new float[0][];

    /** The products of a panel: for each element those of all tiles. */
    float[] products = new float[0];

    /** The product of some terms. */
    final float[] product = new float[GemmTile.ROWS * GemmTile.COLUMNS];

    /** An output tile whose columns are transformed, a vector for each element. */
    final float[] rows = new float[OUTPUT * INPUT * SimdSpecies.LANES];

    /** An output tile: the channels of each pixel. */
    final float[] pixels = new float[OUTPUT * OUTPUT * GemmTile.COLUMNS];

    /** The bias of each channel of a panel. */
    final float[] bias = new float[GemmTile.COLUMNS];

    private WinogradScratch() {}

    /** Arrays of at least some sizes. They belong to the caller until {@link #give}. */
    static WinogradScratch take(int lineElements, int tileArrays, int products) {
        WinogradScratch s = POOL.take();
        if (s.lines[0].length < lineElements + SimdSpecies.LANES) {
            Arrays.setAll(s.lines, i -> new float[lineElements + SimdSpecies.LANES]);
        }
        int old = s.tiles.length;
        if (old < tileArrays) {
            s.tiles = Arrays.copyOf(s.tiles, tileArrays);
            for (int i = old; i < tileArrays; i++) {
                s.tiles[i] = new float[GemmTile.ROWS * GemmTile.ROW];
            }
        }
        if (s.products.length < products) {
            s.products = new float[products];
        }
        return s;
    }

    void give() {
        POOL.give(this);
    }
}
