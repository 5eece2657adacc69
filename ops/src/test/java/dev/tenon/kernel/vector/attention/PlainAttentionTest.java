package dev.tenon.kernel.vector.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.norm.PlainSoftmax;
import dev.tenon.kernel.vector.norm.SoftmaxRows;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar loops of attention have the same bits as the vector loops. */
@Tag("vector")
class PlainAttentionTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 64, 132, 1024})
    void finiteElements(int vectors) {
        int n = vectors * LANES;
        float[] array = floats(n + LANES);
        array[n] = Float.NaN;
        for (float last : new float[] {1, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN}) {
            array[n - 1] = last;
            assertThat(PlainRows.areFinite(array, n)).isEqualTo(Float.isFinite(last));
            assertThat(AttentionTile.areFinite(array, n)).isEqualTo(Float.isFinite(last));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 32})
    void attention(int vectors) {
        int length = Math.min(vectors * LANES, GemmTile.DEPTH);
        int rows = Math.min(12, GemmTile.ROWS);
        MemorySegment addends = memory(rows * length);
        for (int i = 0; i < rows * length; i += 7) {
            addends.setAtIndex(F32, i, Float.NEGATIVE_INFINITY);
        }
        GemmScratch one = GemmScratch.take();
        GemmScratch other = GemmScratch.take();
        float[] tile = floats(rows * COLUMNS);
        float[] factors = floats(rows);
        long step = length * (long) Float.BYTES;
        float[] vectorRows = one.rows;
        float[] plainRows = other.rows;
        Arrays.fill(vectorRows, 0);
        Arrays.fill(plainRows, 0);
        AttentionTile.loadVectors(addends, 0, step, 1, length - 1, 0.37f, vectorRows, 0);
        AttentionTile.loadVectors(addends, step, step, rows - 1, length - 1, 0.37f, vectorRows, 1);
        PlainSoftmax.load(addends, 0, step, 1, length - 1, 0.37f, plainRows, 0);
        PlainSoftmax.load(addends, step, step, rows - 1, length - 1, 0.37f, plainRows, 1);
        for (int r = 0; r < rows; r++) {
            // Elements beyond the length are not multiplied.
            vectorRows[r * GemmTile.ROW + length - 1] = plainRows[r * GemmTile.ROW + length - 1];
        }
        assertThat(bits(plainRows)).isEqualTo(bits(vectorRows));
        for (int column = 0; column + COLUMNS <= length; column += COLUMNS) {
            VectorAttention.putVectors(tile, rows, vectorRows, column);
            PlainSoftmax.put(tile, rows, plainRows, column);
        }
        for (int from = 0, to = LANES; from < length; from = to, to = length) {
            AttentionTile.biasVectors(addends, 0, step, rows, from, to, vectorRows);
            PlainSoftmax.bias(addends, 0, step, rows, from, to, plainRows);
            assertThat(bits(plainRows)).isEqualTo(bits(vectorRows));
        }
        plainRows[GemmTile.ROW] = Float.NaN;
        vectorRows[GemmTile.ROW] = Float.NaN;
        SoftmaxRows.maxima(vectorRows, rows, GemmTile.ROW, length, one);
        PlainSoftmax.maxima(plainRows, rows, GemmTile.ROW, length, other);
        // The memory after the rows holds numbers of earlier work.
        assertThat(Arrays.copyOf(other.maxima, rows)).isEqualTo(Arrays.copyOf(one.maxima, rows));
        SoftmaxRows.exponentials(vectorRows, rows, GemmTile.ROW, length, one);
        PlainSoftmax.exponentials(plainRows, rows, GemmTile.ROW, length, other);
        for (int r = 0; r < rows; r++) {
            float expected = LaneSums.sum(one.lanes, r * LANES);
            assertThat(LaneSums.sum(other.lanes, r * LANES)).as("row %d", r).isEqualTo(Float.valueOf(expected));
            int from = r * GemmTile.ROW + (r == 1 ? 1 : 0);
            int end = r * GemmTile.ROW + length;
            assertThat(bits(Arrays.copyOfRange(plainRows, from, end)))
                    .as("row %d", r)
                    .isEqualTo(bits(Arrays.copyOfRange(vectorRows, from, end)));
        }
        float[] scaled = tile.clone();
        AttentionTile.scaleVectors(tile, rows, COLUMNS, factors);
        PlainSoftmax.scale(scaled, rows, COLUMNS, factors);
        assertThat(bits(scaled)).isEqualTo(bits(tile));
        one.give();
        other.give();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 8, 16, 20, 33, 64, 100, GemmTile.DEPTH})
    void products(int size) {
        GemmScratch g = GemmScratch.take();
        float[] a = g.block(0);
        System.arraycopy(floats(a.length), 0, a, 0, a.length);
        long step = (size + 3L) * Float.BYTES;
        MemorySegment k = memory(DotRows.MAX_KEYS * (size + 3));
        for (int keys = 1; keys <= DotRows.MAX_KEYS; keys++) {
            for (int rows = 1; rows <= DotRows.MAX_ROWS; rows++) {
                float[] expected = g.rows;
                Arrays.fill(expected, 0);
                float[] found = new float[expected.length];
                DotRows.vectors(g, 1, rows, k, 4, step, keys, size, 64);
                PlainDotRows.multiply(rows, a, 1, k, 4, step, keys, size, found, 64);
                for (int r = 1; r < 1 + rows; r++) {
                    // Whole vectors are written.
                    Arrays.fill(
                            expected,
                            r * GemmTile.ROW + 64 + keys,
                            r * GemmTile.ROW + 64 + SoftmaxRows.padded(keys),
                            0);
                }
                assertThat(bits(found)).as("%d keys, %d rows", keys, rows).isEqualTo(bits(expected));
                for (int j = 0; j < keys; j++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int d = 0; d < size; d++) {
                        double product = (double) a[GemmTile.ROW + d] * k.get(F32, 4 + j * step + d * 4L);
                        sum += product;
                        magnitude += Math.abs(product);
                    }
                    assertThat((double) found[GemmTile.ROW + 64 + j])
                            .isCloseTo(sum, within(size * magnitude * Math.ulp(1f)));
                }
            }
        }
        g.give();
    }
}
