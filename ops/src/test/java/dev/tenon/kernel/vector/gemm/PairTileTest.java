package dev.tenon.kernel.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two panels that are multiplied together give the bits of each by itself. */
@Tag("vector")
class PairTileTest {
    @Test
    void pairsGiveTheBitsOfSinglePanels() {
        SplittableRandom random = new SplittableRandom(7);
        float[] a = new float[PairTile.ROWS * GemmTile.ROW];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextDouble(-1, 1);
        }
        for (int k : new int[] {0, 1, 2, 17, GemmTile.DEPTH}) {
            long panel = Math.max(1L, k) * GemmTile.COLUMNS * Float.BYTES;
            MemorySegment b = Arena.ofAuto().allocate(3 * panel, 64);
            for (long i = 0; i < b.byteSize() / Float.BYTES; i++) {
                b.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
            }
            float[] left = new float[PairTile.ROWS * GemmTile.COLUMNS];
            float[] right = left.clone();
            PairTile.multiply(PairTile.ROWS, a, b, 2 * panel, panel, k, left, right);
            float[] one = left.clone();
            float[] other = left.clone();
            PairTile.multiply(1, a, b, panel, 0, k, one, other);
            check(one, 0, a, b, panel, k);
            check(other, 0, a, b, 0, k);
            for (int row = 0; row < PairTile.ROWS; row++) {
                check(left, row, a, b, 2 * panel, k);
                check(right, row, a, b, panel, k);
            }
        }
    }

    private static void check(float[] found, int row, float[] a, MemorySegment b, long panel, int k) {
        float[] alone = new float[GemmTile.COLUMNS];
        GemmTile.multiply(1, Arrays.copyOfRange(a, row * GemmTile.ROW, a.length), b, panel, k, alone);
        int from = row * GemmTile.COLUMNS;
        assertThat(Arrays.copyOfRange(found, from, from + GemmTile.COLUMNS))
                .as("row %s, %s terms", row, k)
                .isEqualTo(alone);
    }
}
