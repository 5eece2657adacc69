package dev.tenon.kernel.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tiles that get their bias and bounds in registers have the bits of tiles that get them in memory. */
@Tag("vector")
class ShortTileTest {
    private static final int LANES = SimdSpecies.Floats.F32.length();
    private static final int ROWS = ShortTile.ROWS;
    private static final long APART = (GemmTile.COLUMNS + 3) * (long) Float.BYTES;
    private static final long BIAS = 5 * (long) Float.BYTES;
    private static final long TO = 7 * (long) Float.BYTES;
    private static final float BEFORE = 12345;

    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void resultsHaveTheBitsOfATileInMemory() {
        float[] a = new float[(ROWS + GemmTile.ROWS) * GemmTile.ROW];
        for (int i = 0; i < a.length; i++) {
            a[i] = i % 97 == 5 ? Float.NaN : (float) random.nextDouble(-1, 1);
        }
        for (int k : new int[] {0, 1, 2, 17, ShortTile.MAX_TERMS, GemmTile.DEPTH}) {
            MemorySegment b = numbers(Math.max(1, k) * GemmTile.COLUMNS);
            for (int columns : new int[] {LANES, GemmTile.COLUMNS}) {
                check(a, b, columns, k, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
                check(a, b, columns, k, 0, Float.POSITIVE_INFINITY);
                check(a, b, columns, k, -0.25f, 0.5f);
            }
        }
    }

    private MemorySegment numbers(int count) {
        MemorySegment numbers = Arena.ofAuto().allocate((long) count * Float.BYTES, 64);
        for (int i = 0; i < count; i++) {
            numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return numbers;
    }

    private void check(float[] a, MemorySegment b, int columns, int k, float least, float greatest) {
        MemorySegment bias = numbers(GemmTile.COLUMNS + 5);
        MemorySegment twice = result();
        MemorySegment once = result();
        float[] tile = new float[GemmTile.ROWS * GemmTile.COLUMNS];
        for (int r = 0; r < ROWS; r++) {
            float[] row = Arrays.copyOfRange(a, r * GemmTile.ROW, (r + GemmTile.ROWS) * GemmTile.ROW);
            NarrowTile.multiply(columns, 1, row, b, 0, k, tile);
            for (int j = 0; j < columns; j += LANES) {
                long shift = j * (long) Float.BYTES;
                long to = TO + r * APART + shift;
                TileRows.putWithin(tile, j, 1, bias, BIAS + shift, least, greatest, twice, to, APART);
            }
        }
        ShortTile.multiply(columns, a, b, 0, k, bias, BIAS, least, greatest, once, TO, APART);
        for (long i = 0; i < once.byteSize() / Integer.BYTES; i++) {
            assertThat(once.getAtIndex(ValueLayout.JAVA_INT, i))
                    .as("element %d of %d columns and %d terms", i, columns, k)
                    .isEqualTo(twice.getAtIndex(ValueLayout.JAVA_INT, i));
        }
        assertThat(once.get(ValueLayout.JAVA_FLOAT, TO + columns * (long) Float.BYTES))
                .isEqualTo(BEFORE);
    }

    private static MemorySegment result() {
        MemorySegment y = Arena.ofAuto().allocate(ROWS * APART + TO, 64);
        for (long i = 0; i < y.byteSize() / Float.BYTES; i++) {
            y.setAtIndex(ValueLayout.JAVA_FLOAT, i, BEFORE);
        }
        return y;
    }
}
