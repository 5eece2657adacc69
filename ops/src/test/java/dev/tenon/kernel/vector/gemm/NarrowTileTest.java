package dev.tenon.kernel.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A tile of some columns of a panel has the bits of a whole one, at each way to split the columns into vectors. */
@Tag("vector")
class NarrowTileTest {
    private static final int LANES = SimdSpecies.Floats.F32.length();

    @Test
    void everyWidthGivesTheBitsOfAWholeTile() {
        SplittableRandom random = new SplittableRandom(5);
        float[] a = new float[GemmTile.ROWS * GemmTile.ROW + GemmTile.DEPTH];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextDouble(-1, 1);
        }
        for (int k : new int[] {0, 1, 2, 17, GemmTile.DEPTH}) {
            MemorySegment b = Arena.ofAuto().allocate(Math.max(1L, k) * GemmTile.COLUMNS * Float.BYTES, 64);
            for (long i = 0; i < b.byteSize() / Float.BYTES; i++) {
                b.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
            }
            for (int rows = 1; rows <= GemmTile.ROWS; rows++) {
                float[] whole = new float[GemmTile.ROWS * GemmTile.COLUMNS];
                GemmTile.multiply(rows, a, b, 0, k, whole);
                for (int columns = 1; columns <= GemmTile.COLUMNS; columns++) {
                    check(whole, rows, columns, LANES, a, b, k);
                    if (SimdSpecies.BITS == 512) {
                        check(whole, rows, columns, LANES + LANES / 2, a, b, k);
                    }
                }
            }
        }
    }

    private static void check(float[] whole, int rows, int columns, int middle, float[] a, MemorySegment b, int k) {
        float[] tile = new float[whole.length];
        NarrowTile.multiply(columns, middle, rows, a, b, 0, k, tile);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                int at = r * GemmTile.COLUMNS + c;
                if (Float.floatToRawIntBits(tile[at]) != Float.floatToRawIntBits(whole[at])) {
                    throw new AssertionError("row %d, column %d of %d rows, %d columns, %d terms: %s instead of %s"
                            .formatted(r, c, rows, columns, k, tile[at], whole[at]));
                }
            }
        }
    }

    @Test
    void processorsThatSplitVectorsInHalves() {
        String text = "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %s\nmodel\t\t: 17\n";
        assertThat(SimdSpecies.isOfFamily25(text.formatted("AuthenticAMD", "25")))
                .isTrue();
        assertThat(SimdSpecies.isOfFamily25(text.formatted("AuthenticAMD", "26")))
                .isFalse();
        assertThat(SimdSpecies.isOfFamily25(text.formatted("GenuineIntel", "25")))
                .isFalse();
        assertThat(SimdSpecies.isOfFamily25("")).isFalse();
    }
}
