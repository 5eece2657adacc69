package dev.tenon.kernel.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorTier;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar loops of matrix products have the same bits as the vector loops. */
@Tag("vector")
class PlainTileTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 17, 64, 65, GemmTile.DEPTH})
    void tiles(int k) {
        float[] a = floats(12 * GemmTile.ROW);
        for (int step : new int[] {COLUMNS, 3 * COLUMNS}) {
            MemorySegment b = memory((k + 2) * step);
            for (int rows = 1; rows <= GemmTile.ROWS; rows++) {
                float[] expected = new float[14 * COLUMNS];
                float[] found = new float[14 * COLUMNS];
                long bStep = step * (long) Float.BYTES;
                GemmTile.vectors(rows, a, b, bStep, bStep, k, expected, COLUMNS);
                PlainTile.multiply(rows, a, b, bStep, bStep, k, found, COLUMNS);
                Arrays.fill(expected, (rows + 1) * COLUMNS, expected.length, 0);
                assertThat(bits(found)).as("%d rows", rows).isEqualTo(bits(expected));
            }
        }
    }

    @Test
    void rowsOfTiles() {
        float[] tile = floats(12 * COLUMNS);
        MemorySegment base = memory(12 * 3 * COLUMNS);
        long row = 3L * COLUMNS * Float.BYTES;
        for (Bounds bounds : new Bounds[] {null, new Bounds(-1, 2)}) {
            for (MemorySegment residual : new MemorySegment[] {null, memory(12 * 3 * COLUMNS)}) {
                for (long baseRow : new long[] {0, row}) {
                    MemorySegment expected = memory(12 * 3 * COLUMNS);
                    MemorySegment found = copy(expected);
                    GemmRows.put(tile, 12, COLUMNS, expected, 16, row, base, 16, baseRow, residual, bounds);
                    PlainTile.put(tile, 12, found, 16, row, base, 16, baseRow, residual, bounds);
                    assertThat(bits(found)).isEqualTo(bits(expected));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"24,32,8", "61,50,700", "128,7,513", "33,96,1", "40,64,0"})
    void products(int m, int n, int k) {
        MemorySegment a = memory(m * k);
        MemorySegment b = memory(k * n);
        MemorySegment panels = memory((int) (VectorPanels.byteSize(k, n) / Float.BYTES));
        VectorPanels.pack(b, 0, n, k, n, panels, 0);
        MemorySegment bias = memory(n);
        MemorySegment expected = memory(m * n);
        MemorySegment found = copy(expected);
        MemorySegment residual = memory(m * n);
        MemorySegment[] operands = {residual};
        Bounds bounds = new Bounds(-2, 1);
        StoreEpilogue stored = new StoreEpilogue(0, bounds, VectorGemmTest.LEFT_OUT);
        VectorGemm gemm = new VectorGemm(m, n, k, VectorTier.TYPICAL);
        for (boolean accumulate : new boolean[] {false, true}) {
            MemorySegment start = accumulate ? null : bias;
            gemm.run(0, gemm.parts(), a, 0, k, panels, 0, expected, 0, n, start, 0, accumulate, stored, operands, null);
            product(
                    m,
                    n,
                    k,
                    gemm.blocking().kc(),
                    a,
                    panels,
                    found,
                    accumulate ? found : bias,
                    accumulate ? n : 0,
                    residual,
                    bounds);
            assertThat(bits(found)).as("accumulate %s", accumulate).isEqualTo(bits(expected));
        }
    }

    private static void product(
            int m,
            int n,
            int k,
            int depth,
            MemorySegment a,
            MemorySegment panels,
            MemorySegment c,
            MemorySegment start,
            int startStep,
            MemorySegment residual,
            Bounds bounds) {
        PlainProduct product = new PlainProduct();
        product.prepare(m, k);
        float[] rows = new float[12 * GemmTile.ROW];
        for (int k0 = 0; k0 < k; k0 += depth) {
            int terms = Math.min(depth, k - k0);
            for (int row = 0; row < m; row++) {
                MemorySegment.copy(a, F32, ((long) row * k + k0) * Float.BYTES, rows, GemmTile.ROW, terms);
                product.take(Arrays.copyOfRange(rows, GemmTile.ROW, rows.length), row, 1, k0, terms);
            }
        }
        long row = n * (long) Float.BYTES;
        for (int j = 0; j < n; j += COLUMNS) {
            int width = Math.min(COLUMNS, n - j);
            long at = j * (long) Float.BYTES;
            for (int k0 = 0; k0 == 0 || k0 < k; k0 += depth) {
                int terms = Math.min(depth, k - k0);
                product.multiply(m, panels, VectorPanels.offset(k, j / COLUMNS, k0), k0, terms);
                MemorySegment addend = k0 + terms == k ? residual : null;
                Bounds last = k0 + terms == k ? bounds : null;
                if (k0 == 0) {
                    product.put(m, width, c, at, row, start, at, startStep * (long) Float.BYTES, addend, last);
                } else {
                    product.put(m, width, c, at, row, c, at, row, addend, last);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 8, 128})
    void dots(int vectors) {
        int n = vectors * LANES;
        MemorySegment rows = memory(4 * n + 1);
        MemorySegment x = memory(n);
        float[] expected = floats(4 * LANES);
        float[] found = floats(4 * LANES);
        long row = n * (long) Float.BYTES;
        VectorDotGemm.dotFourRows(rows, 4, 4 + row, 4 + 2 * row, 4 + 3 * row, x, 0, row, expected);
        PlainDots.four(rows, 4, 4 + row, 4 + 2 * row, 4 + 3 * row, x, 0, row, found);
        assertThat(bits(found)).isEqualTo(bits(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 8, 128})
    void weightedRows(int vectors) {
        int n = vectors * LANES;
        MemorySegment rows = memory(4 * (n + 1));
        float[] expected = floats(n + 5);
        float[] found = expected.clone();
        float[] one = expected.clone();
        long row = (n + 1) * (long) Float.BYTES;
        float[] w = {0.3f, -2, 1.7f, 5};
        VectorAxpyGemm.addFourRows(w[0], w[1], w[2], w[3], rows, 0, row, vectors, expected, 5);
        for (int r = 0; r < w.length; r++) {
            PlainDots.addRow(w[r], rows, r * row, vectors, found, 5);
            VectorAxpyGemm.addOneRow(w[r], rows, r * row, vectors, one, 5);
        }
        assertThat(bits(found)).isEqualTo(bits(expected));
        assertThat(bits(one)).isEqualTo(bits(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 33, 4100})
    void endsOfProducts(int n) {
        MemorySegment y = memory(n + 1);
        MemorySegment c = memory(n + 2);
        compare(
                y,
                z -> GemmEpilogue.addScaled(z, 4, n, 0.3f, c, 8, -1.7f),
                z -> PlainRows.scaledSum(z, 4, n, 0.3f, c, 8, -1.7f));
        compare(y, z -> GemmEpilogue.addConstant(z, 4, n, 0.3f, -1.7f), z -> PlainRows.scaledSum(z, 4, n, 0.3f, -1.7f));
    }
}
