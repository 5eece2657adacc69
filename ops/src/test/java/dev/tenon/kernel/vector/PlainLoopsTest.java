package dev.tenon.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.ResizeProblem;
import dev.tenon.kernel.StoredPass;
import dev.tenon.op.geometry.ResizeTaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loops that stand in for those on vectors have their bits. */
@Tag("vector")
class PlainLoopsTest {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = VectorShape.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final float[] SPECIAL = {
        0,
        -0f,
        1,
        -1,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        1e-30f,
        -87.3f,
        -87.4f,
        -104,
        5.1f,
        -5.1f,
        3e38f,
        -3e38f
    };

    private final SplittableRandom random = new SplittableRandom(11);

    private float[] floats(int length) {
        float[] floats = new float[length];
        for (int i = 0; i < length; i++) {
            floats[i] = (float) random.nextDouble(-3, 3);
        }
        return floats;
    }

    private MemorySegment memory(int length) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length) * (long) Float.BYTES, 64);
        MemorySegment.copy(floats(length), 0, memory, F32, 0, length);
        return memory;
    }

    private static MemorySegment copy(MemorySegment memory) {
        return Arena.ofAuto().allocate(memory.byteSize(), 64).copyFrom(memory);
    }

    private static int[] bits(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_INT);
    }

    private static int[] bits(float[] floats) {
        return bits(MemorySegment.ofArray(floats));
    }

    /** Every so many floats, and those where functions change. */
    private static float[] arguments(int stride, float greatest) {
        float[] arguments = new float[(int) (0xFFFF_FFFFL / stride) + SPECIAL.length];
        int count = 0;
        for (float special : SPECIAL) {
            arguments[count++] = special;
        }
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += stride) {
            float x = Float.intBitsToFloat((int) bits);
            if (x <= greatest && count < arguments.length) {
                arguments[count++] = x;
            }
        }
        return Arrays.copyOf(arguments, count / LANES * LANES);
    }

    @Test
    void exponentials() {
        float[] x = arguments(10_007, 0);
        for (int i = 0; i < x.length; i += LANES) {
            float[] y = new float[LANES];
            VectorMath.flushedExp(FloatVector.fromArray(VectorShape.Floats.F32, x, i))
                    .intoArray(y, 0);
            for (int j = 0; j < LANES; j++) {
                assertThat(Float.floatToRawIntBits(PlainMath.flushedExp(x[i + j])))
                        .as("%s", x[i + j])
                        .isEqualTo(Float.floatToRawIntBits(y[j]));
            }
        }
    }

    @Test
    void gelu() {
        float[] x = arguments(10_007, Float.POSITIVE_INFINITY);
        MemorySegment in = Arena.ofAuto().allocate(x.length * (long) Float.BYTES, 64);
        MemorySegment.copy(x, 0, in, F32, 0, x.length);
        MemorySegment expected = copy(in);
        MemorySegment found = copy(in);
        VectorUnary.geluVectors(in, 0, expected, 0, x.length);
        PlainRows.gelu(in, 0, found, 0, x.length);
        assertThat(bits(found)).isEqualTo(bits(expected));
        assertThat(PlainMath.gelu(Float.NaN)).isNaN();
    }

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
        VectorPanels.pack(b, 0, n, false, k, n, panels, 0);
        MemorySegment bias = memory(n);
        MemorySegment expected = memory(m * n);
        MemorySegment found = copy(expected);
        MemorySegment residual = memory(m * n);
        MemorySegment[] operands = {residual};
        Bounds bounds = new Bounds(-2, 1);
        StoredPass stored = new StoredPass(0, bounds, VectorGemmTest.LEFT_OUT);
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
    @ValueSource(ints = {1, 3, 4, 5, 24, 79})
    void sums(int vectors) {
        MemorySegment x = memory(vectors * LANES);
        MemorySegment scratch = memory(LANES);
        long end = x.byteSize();
        assertThat(PlainRows.sum(x, 0, end)).isEqualTo(VectorRuns.sumVectors(x, 0, end, scratch));
        assertThat(PlainRows.sumOfDeviations(x, 0, end, 0.3f))
                .isEqualTo(VectorRuns.deviationVectors(x, 0, end, 0.3f, scratch));
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
        VectorDots.four(rows, 4, 4 + row, 4 + 2 * row, 4 + 3 * row, x, 0, row, expected);
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
        VectorWeightedRows.four(w[0], w[1], w[2], w[3], rows, 0, row, vectors, expected, 5);
        for (int r = 0; r < w.length; r++) {
            PlainDots.addRow(w[r], rows, r * row, vectors, found, 5);
            VectorWeightedRows.one(w[r], rows, r * row, vectors, one, 5);
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
                z -> GemmEnd.addAll(z, 4, n, 0.3f, c, 8, -1.7f),
                z -> PlainRows.scaledSum(z, 4, n, 0.3f, c, 8, -1.7f));
        compare(y, z -> GemmEnd.addOne(z, 4, n, 0.3f, -1.7f), z -> PlainRows.scaledSum(z, 4, n, 0.3f, -1.7f));
    }

    private void compare(MemorySegment start, Consumer<MemorySegment> expected, Consumer<MemorySegment> found) {
        MemorySegment one = copy(start);
        MemorySegment other = copy(start);
        expected.accept(one);
        found.accept(other);
        assertThat(bits(other)).isEqualTo(bits(one));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 64, 132, 1024})
    void elements(int vectors) {
        int n = vectors * LANES;
        MemorySegment a = memory(n);
        MemorySegment b = memory(n);
        MemorySegment y = memory(n);
        compare(y, z -> VectorBinary.addBoth(a, 0, b, 0, z, 0, n), z -> PlainRows.add(a, 0, 1, b, 0, 1, z, 0, n));
        compare(y, z -> VectorBinary.add(a, 0, 1, b, 4, 0, z, 0, n), z -> PlainRows.add(a, 0, 1, b, 4, 0, z, 0, n));
        compare(
                y,
                z -> VectorNorm.shiftVectors(a, z, 0, b, y, 0.2f, 1.7f, n * (long) Float.BYTES),
                z -> PlainRows.shift(a, z, 0, b, y, 0.2f, 1.7f, n));
        compare(
                y,
                z -> VectorSumNorm.addVectors(a, 0, b, 0, z, 0, n * (long) Float.BYTES),
                z -> PlainRows.add(a, 0, 1, b, 0, 1, z, 0, n));
        float[] array = floats(n + LANES);
        array[n] = Float.NaN;
        for (float last : new float[] {1, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN}) {
            array[n - 1] = last;
            assertThat(PlainRows.areFinite(array, n)).isEqualTo(Float.isFinite(last));
            assertThat(AttentionTile.areFinite(array, n)).isEqualTo(Float.isFinite(last));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 15, 16, 17, 49, 81, 196, 256})
    void averagesOfPlanes(int elements) {
        int planes = 5;
        MemorySegment x = memory(planes * elements + LANES);
        MemorySegment scratch = memory(LANES);
        compare(memory(planes + 2), z -> ShortSums.vectors(x, 0, planes, elements, elements, z, 4), z -> {
            for (int i = 0; i < planes; i++) {
                long at = (long) i * elements * Float.BYTES;
                z.setAtIndex(F32, i + 1, ShortSums.plain(x, at, elements, elements, scratch));
            }
        });
    }

    /** Runs beyond the first piece of a call, and behind the last whole vector of memory. */
    @Test
    void averagesOfMoreRunsThanOneLoopTakes() {
        int length = 3;
        int runs = 2 * ShortSums.PIECE + 5;
        int first = 2;
        MemorySegment x = Arena.ofAuto().allocate((long) runs * length * Float.BYTES, Long.BYTES);
        for (int i = 0; i < runs * length; i++) {
            x.setAtIndex(F32, i, i / length + i % length);
        }
        MemorySegment y = Arena.ofAuto().allocate((long) runs * Float.BYTES, Long.BYTES);
        ShortSums.sums(x, 0, length, length, first, runs, y, memory(length + 2 * LANES));
        for (int i = 0; i < runs; i++) {
            if (y.getAtIndex(F32, i) != (i < first ? 0 : i + 1)) {
                throw new AssertionError("run " + i + ": " + y.getAtIndex(F32, i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 5", "5, 9", "7, 14", "13, 26", "20, 50", "40, 80", "57, 57", "9, 100", "90, 40", "80, 9"})
    void resizedPlanes(int size, int newSize) {
        for (int each : new int[] {1, 2, 3, 4, 7}) {
            for (int inner : new int[] {1, 3, LANES, LANES + 3}) {
                ResizeTaps taps = taps(size, newSize, each);
                ResizeProblem p = new ResizeProblem(3, taps, taps, inner, each == 1, 1);
                VectorResize kernel = (VectorResize) VectorResize.of(p);
                MemorySegment x = memory(3 * size * size * inner);
                MemorySegment scratch = memory((int) kernel.scratchBytes() / Float.BYTES);
                compare(
                        memory(3 * newSize * newSize * inner),
                        z -> kernel.run(true, new MemorySegment[] {x, z}, scratch, 0, kernel.parts()),
                        z -> kernel.run(false, new MemorySegment[] {x, z}, scratch, 0, kernel.parts()));
            }
        }
    }

    /** Elements at even distances, from the first to the last, each made of some neighbours. */
    private static ResizeTaps taps(int size, int newSize, int each) {
        int[] start = new int[newSize + 1];
        int[] index = new int[each * newSize];
        double[] weight = new double[each * newSize];
        for (int o = 0; o < newSize; o++) {
            double place = newSize == 1 ? 0 : o * (size - 1.0) / (newSize - 1);
            start[o + 1] = each * (o + 1);
            for (int t = 0; t < each; t++) {
                index[each * o + t] = Math.min(size - 1, (int) place + t);
                weight[each * o + t] = each == 1 ? 1 : (place - (int) place + t) / each;
            }
        }
        return new ResizeTaps(size, start, index, weight);
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
            // What is behind the length is not multiplied.
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
        // What is behind the rows is left from other work.
        assertThat(Arrays.copyOf(other.maxima, rows)).isEqualTo(Arrays.copyOf(one.maxima, rows));
        SoftmaxRows.shares(vectorRows, rows, GemmTile.ROW, length, one);
        PlainSoftmax.shares(plainRows, rows, GemmTile.ROW, length, other);
        for (int r = 0; r < rows; r++) {
            float expected = SoftmaxRows.sum(one.lanes, r * LANES);
            assertThat(SoftmaxRows.sum(other.lanes, r * LANES)).as("row %d", r).isEqualTo(Float.valueOf(expected));
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
        float[] a = floats(GemmScratch.ELEMENTS);
        long step = (size + 3L) * Float.BYTES;
        MemorySegment k = memory(DotRows.KEYS * (size + 3));
        float[] products = new float[DotRows.ELEMENTS];
        for (int keys = 1; keys <= DotRows.KEYS; keys++) {
            for (int rows = 1; rows <= DotRows.ROWS; rows++) {
                float[] expected = new float[12 * GemmTile.ROW];
                float[] found = new float[12 * GemmTile.ROW];
                DotRows.vectors(rows, a, 4, k, 4, step, keys, size, products, expected, 64);
                PlainDotRows.multiply(rows, a, 4, k, 4, step, keys, size, found, 64);
                for (int r = 4; r < 4 + rows; r++) {
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
                        double product = (double) a[4 * GemmTile.ROW + d] * k.get(F32, 4 + j * step + d * 4L);
                        sum += product;
                        magnitude += Math.abs(product);
                    }
                    assertThat((double) found[4 * GemmTile.ROW + 64 + j])
                            .isCloseTo(sum, within(size * magnitude * Math.ulp(1f)));
                }
            }
        }
    }
}
