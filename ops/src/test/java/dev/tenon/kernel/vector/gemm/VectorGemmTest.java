package dev.tenon.kernel.vector.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.vector.VectorTier;
import dev.tenon.op.Numerics;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.GuardedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed product against a triple loop in double, around every tail, between guard zones. */
@Tag("vector")
class VectorGemmTest {
    private static final long SEED = 20260117;
    private static final int PANEL = VectorPanels.COLUMNS;
    private static final Numerics NUMERICS = new Gemm(1, 1, false, false).numerics();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private enum Start {
        ZERO,
        BIAS,
        C
    }

    /** A pass that must not run, because the kernel applies it where it stores its sums. */
    static final TileEpilogue LEFT_OUT = (c, byteOffset, rows, columns, ldc, operands, scratch) -> {
        throw new AssertionError("the pass was called for " + rows + " rows of " + columns);
    };

    /** One product whose operands have gaps between rows, each at an offset of its memory. */
    private static final class Product {
        private static final int SHIFT = 12;

        final int m;
        final int n;
        final int k;
        final int lda;
        final int ldc;
        final MemorySegment a;
        final MemorySegment b;
        final MemorySegment bias;
        final MemorySegment panels;
        final GuardedMemory guarded;
        final MemorySegment c;
        final float[] before;

        Product(int m, int n, int k, long seed) {
            this.m = m;
            this.n = n;
            this.k = k;
            lda = k + 3;
            ldc = n + 5;
            Random random = new Random(seed);
            a = memory(random, m * lda + SHIFT);
            b = memory(random, k * n);
            bias = memory(random, n + SHIFT);
            panels = Arena.ofAuto().allocate(Math.max(1, VectorPanels.byteSize(k, n)), 64);
            VectorPanels.pack(b, 0, n, k, n, panels, 0);
            // Exactly up to the last element: what is written behind it is found by the guard.
            long elements = m == 0 ? SHIFT : SHIFT + (m - 1L) * ldc + n;
            guarded = GuardedMemory.of(elements * Float.BYTES);
            c = guarded.segment();
            before = new float[(int) elements];
            for (int i = 0; i < before.length; i++) {
                before[i] = random.nextFloat() - 0.5f;
                set(c, i, before[i]);
            }
        }

        private static MemorySegment memory(Random random, int elements) {
            MemorySegment s = Arena.ofAuto().allocate(Math.max(1, elements) * (long) Float.BYTES, 64);
            for (int i = 0; i < elements; i++) {
                set(s, i, random.nextFloat() - 0.5f);
            }
            return s;
        }

        VectorGemm gemm() {
            return new VectorGemm(m, n, k);
        }

        void run(Start start, int from, int to, TileEpilogue epilogue, MemorySegment... operands) {
            long shift = SHIFT * Float.BYTES;
            MemorySegment row = start == Start.BIAS ? bias : null;
            boolean accumulate = start == Start.C;
            gemm().run(
                            from,
                            to,
                            a,
                            shift,
                            lda,
                            panels,
                            0,
                            c,
                            shift,
                            ldc,
                            row,
                            shift,
                            accumulate,
                            epilogue,
                            operands,
                            null);
        }

        float result(int i, int j) {
            return get(c, SHIFT + (long) i * ldc + j);
        }

        /** Compares with the exact result plus a number, and checks that nothing else was written. */
        void check(Start start, double plus) {
            String what = m + " x " + k + " x " + n + " from " + start;
            boolean[] product = new boolean[before.length];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    int at = SHIFT + i * ldc + j;
                    product[at] = true;
                    double sum = start == Start.ZERO ? 0 : start == Start.C ? before[at] : get(bias, SHIFT + j);
                    double magnitude = Math.abs(sum) + Math.abs(plus);
                    for (int p = 0; p < k; p++) {
                        double term = (double) get(a, SHIFT + (long) i * lda + p) * get(b, (long) p * n + j);
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    double bound = NUMERICS.tolerance(DType.FLOAT32, sum + plus, magnitude);
                    double error = Math.abs(result(i, j) - (sum + plus));
                    if (!(error <= bound)) {
                        throw new AssertionError(
                                what + " at [" + i + "," + j + "]: an error of " + error + ", allowed are " + bound);
                    }
                }
            }
            for (int i = 0; i < before.length; i++) {
                if (!product[i] && get(c, i) != before[i]) {
                    throw new AssertionError(what + ": element " + i + " between rows was written");
                }
            }
            guarded.check(what);
        }
    }

    private static float get(MemorySegment s, long i) {
        return s.get(F32, i * Float.BYTES);
    }

    private static void set(MemorySegment s, long i, float x) {
        s.set(F32, i * Float.BYTES, x);
    }

    private static void checkAll(int m, int n, int k) {
        for (Start start : Start.values()) {
            Product p = new Product(m, n, k, SEED);
            p.run(start, 0, p.gemm().parts(), null);
            p.check(start, 0);
        }
    }

    @Test
    void rowsOfEveryNumber() {
        for (int m = 0; m <= 30; m++) {
            checkAll(m, PANEL + 3, 17);
        }
    }

    @Test
    void columnsOfEveryNumber() {
        for (int n = 0; n <= 2 * PANEL + 1; n++) {
            checkAll(7, n, 5);
        }
    }

    @Test
    void termsAroundVectorsAndBlocks() {
        int d = GemmTile.DEPTH;
        for (int k : new int[] {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 300, d - 1, d, d + 1, 2 * d, 2 * d + 1}) {
            checkAll(3, PANEL + 1, k);
        }
    }

    @Test
    void largerProducts() {
        checkAll(61, 9 * PANEL + 7, 40);
        checkAll(25, PANEL, 2 * GemmTile.DEPTH + 5);
        checkAll(1, 20 * PANEL + 1, 70);
    }

    @Test
    void noTermsGiveTheStart() {
        Product zero = new Product(5, PANEL + 2, 0, SEED);
        zero.run(Start.ZERO, 0, zero.gemm().parts(), null);
        Product bias = new Product(5, PANEL + 2, 0, SEED);
        bias.run(Start.BIAS, 0, bias.gemm().parts(), null);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < PANEL + 2; j++) {
                assertThat(zero.result(i, j)).isEqualTo(0);
                assertThat(bias.result(i, j)).isEqualTo(get(bias.bias, Product.SHIFT + j));
            }
        }
    }

    @Test
    void partsInAnyOrderGiveTheSameBits() {
        Product whole = new Product(50, 20 * PANEL + 3, 129, SEED);
        int parts = whole.gemm().parts();
        assertThat(parts).isGreaterThan(1);
        whole.run(Start.BIAS, 0, parts, null);
        Product pieces = new Product(50, 20 * PANEL + 3, 129, SEED);
        for (int part = parts - 1; part >= 0; part--) {
            pieces.run(Start.BIAS, part, part + 1, null);
        }
        assertThat(pieces.c.mismatch(whole.c)).isEqualTo(-1);
    }

    @Test
    void threadsGiveTheSameBits() throws Exception {
        Product alone = new Product(50, 20 * PANEL + 3, 129, SEED);
        int parts = alone.gemm().parts();
        alone.run(Start.C, 0, parts, null);
        Product together = new Product(50, 20 * PANEL + 3, 129, SEED);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int part = 0; part < parts; part++) {
                int p = part;
                tasks.add(() -> {
                    together.run(Start.C, p, p + 1, null);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
        assertThat(together.c.mismatch(alone.c)).isEqualTo(-1);
    }

    @Test
    void rowsHaveTheSameBitsAloneAndTogether() {
        Product all = new Product(23, PANEL + 9, GemmTile.DEPTH + 40, SEED);
        all.run(Start.ZERO, 0, all.gemm().parts(), null);
        VectorGemm one = new VectorGemm(1, all.n, all.k);
        MemorySegment row = Arena.ofAuto().allocate(all.n * (long) Float.BYTES, 64);
        for (int i = 0; i < all.m; i++) {
            long at = (Product.SHIFT + (long) i * all.lda) * Float.BYTES;
            one.run(0, one.parts(), all.a, at, all.lda, all.panels, 0, row, 0, all.n, null, 0, false, null, null, null);
            for (int j = 0; j < all.n; j++) {
                assertThat(Float.floatToRawIntBits(get(row, j))).isEqualTo(Float.floatToRawIntBits(all.result(i, j)));
            }
        }
    }

    @Test
    void cachesChangeTheOrderOfPartsAndNoBits() {
        int m = 5 * GemmTile.ROWS + 3;
        int n = 30 * PANEL + 9;
        int k = 2 * GemmTile.DEPTH + 100;
        Product usual = new Product(m, n, k, SEED);
        usual.run(Start.BIAS, 0, usual.gemm().parts(), null);
        long bias = Product.SHIFT * Float.BYTES;
        for (Caches caches : List.of(
                new Caches(1, 1, 0), new Caches(1, 1, 1), new Caches(1 << 12, 1 << 18, 1 << 22), Caches.TYPICAL)) {
            Tiling tiling = new Tiling(new MicroTile(GemmTile.ROWS, GemmTile.COLUMNS, GemmTile.DEPTH), caches);
            VectorGemm gemm = new VectorGemm(m, n, k, tiling);
            Product cut = new Product(m, n, k, SEED);
            for (int part = gemm.parts() - 1; part >= 0; part--) {
                gemm.run(
                        part,
                        part + 1,
                        cut.a,
                        bias,
                        cut.lda,
                        cut.panels,
                        0,
                        cut.c,
                        bias,
                        cut.ldc,
                        cut.bias,
                        bias,
                        false);
            }
            assertThat(cut.c.mismatch(usual.c)).as(caches.describe()).isEqualTo(-1);
        }
    }

    @Test
    void theTileFitsTheMachine() {
        assertThat(MicroTile.of(VectorTier.capabilities(Caches.TYPICAL)))
                .isEqualTo(new MicroTile(GemmTile.ROWS, GemmTile.COLUMNS, GemmTile.DEPTH));
    }

    @Test
    void nanAndInfinityPropagateToTheirRowsAndColumnsOnly() {
        int m = GemmTile.ROWS + 1;
        int n = PANEL + 4;
        Product p = new Product(m, n, 6, SEED);
        set(p.a, Product.SHIFT + 2L * p.lda + 1, Float.NaN);
        set(p.a, Product.SHIFT + 4L * p.lda + 3, Float.POSITIVE_INFINITY);
        set(p.b, 3L * n + 5, 0);
        set(p.b, 3L * n + 6, -1);
        set(p.b, 2L * n + 7, Float.NaN);
        VectorPanels.pack(p.b, 0, n, 6, n, p.panels, 0);
        p.run(Start.ZERO, 0, p.gemm().parts(), null);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                boolean nan = i == 2 || j == 7 || (i == 4 && j == 5);
                assertThat(Float.isNaN(p.result(i, j))).as("[%d,%d]", i, j).isEqualTo(nan);
                assertThat(Float.isInfinite(p.result(i, j))).as("[%d,%d]", i, j).isEqualTo(i == 4 && !nan);
            }
        }
        assertThat(p.result(4, 6)).isEqualTo(Float.NEGATIVE_INFINITY);
        // Later products use the same scratch arrays and must not see any of it.
        checkAll(2, PANEL + 4, 6);
    }

    @Test
    void epilogueSeesEveryElementOnce() {
        for (int k : new int[] {0, 9, 2 * GemmTile.DEPTH + 1}) {
            Product p = new Product(27, 9 * PANEL + 5, k, SEED);
            TileEpilogue plusTen = (c, offset, rows, columns, ldc, operands, scratch) -> {
                long first = offset / Float.BYTES - Product.SHIFT;
                assertThat(first / ldc + rows).isLessThanOrEqualTo(p.m);
                assertThat(first % ldc + columns).isLessThanOrEqualTo(p.n);
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j++) {
                        long at = offset + (i * ldc + j) * Float.BYTES;
                        c.set(F32, at, c.get(F32, at) + 10);
                    }
                }
            };
            p.run(Start.BIAS, 0, p.gemm().parts(), plusTen);
            p.check(Start.BIAS, 10);
        }
    }

    @Test
    void residualAndBoundsAreAppliedAfterTheLastTerm() {
        for (int k : new int[] {0, 9, GemmTile.DEPTH + 1}) {
            for (Start start : List.of(Start.BIAS, Start.C)) {
                for (int width : new int[] {5, PANEL - 1}) {
                    int n = 2 * PANEL + width;
                    checkStored(start, n, k, -1, new Bounds(-0.25f, 0.5f));
                    checkStored(start, n, k, 0, null);
                    checkStored(start, n, k, 0, new Bounds(-0.25f, 0.5f));
                }
            }
        }
        assertThat(new Bounds(0, 6).clamp(Float.NaN)).isNaN();
    }

    private static void checkStored(Start start, int n, int k, int residual, Bounds bounds) {
        Product free = new Product(27, n, k, SEED);
        Product stored = new Product(27, n, k, SEED);
        MemorySegment addend = Product.memory(new Random(SEED + 1), (int) (stored.c.byteSize() / Float.BYTES));
        free.run(start, 0, free.gemm().parts(), null);
        stored.run(start, 0, stored.gemm().parts(), new StoreEpilogue(residual, bounds, LEFT_OUT), addend);
        for (int i = 0; i < free.m; i++) {
            for (int j = 0; j < free.n; j++) {
                float sum = free.result(i, j);
                float all = residual < 0 ? sum : sum + get(addend, Product.SHIFT + (long) i * free.ldc + j);
                assertThat(stored.result(i, j)).isEqualTo(bounds == null ? all : bounds.clamp(all));
            }
        }
    }

    @Test
    void packingIsTheSameFromEveryKindOfMemory(@TempDir Path folder) throws IOException {
        for (int k : new int[] {1, 2, 5, 129, GemmTile.DEPTH + 3}) {
            for (int n : new int[] {1, 3, PANEL - 1, PANEL, PANEL + 1, 2 * PANEL + PANEL / 2 + 1}) {
                int ld = n + 2;
                MemorySegment rows = Product.memory(new Random(SEED), k * ld);
                int tld = k + 1;
                MemorySegment columns = Arena.ofAuto().allocate(n * (long) tld * Float.BYTES, 64);
                for (int p = 0; p < k; p++) {
                    for (int j = 0; j < n; j++) {
                        set(columns, (long) j * tld + p, get(rows, (long) p * ld + j));
                    }
                }
                float[] expected = panels(rows, ld, k, n);
                checkPacked(rows, 0, ld, false, k, n, expected);
                checkPacked(columns, 0, tld, true, k, n, expected);
                checkPacked(heap(rows, 3), 3, ld, false, k, n, expected);
                checkPacked(heap(columns, 3), 3, tld, true, k, n, expected);
                checkPacked(mapped(rows, folder.resolve("rows")), 1, ld, false, k, n, expected);
                checkPacked(mapped(columns, folder.resolve("columns")), 1, tld, true, k, n, expected);
            }
        }
    }

    @Test
    void longRowsAndManyOfThemArePackedInBlocks() {
        for (int[] size : new int[][] {{3, (1 << 15) + PANEL + 1}, {300, 2 * PANEL + 1}, {129, 700}}) {
            MemorySegment rows = Product.memory(new Random(SEED), size[0] * size[1]);
            float[] expected = panels(rows, size[1], size[0], size[1]);
            checkPacked(heap(rows, 3), 3, size[1], false, size[0], size[1], expected);
        }
    }

    private static float[] panels(MemorySegment rows, int ld, int k, int n) {
        float[] expected = new float[Math.ceilDiv(n, PANEL) * k * PANEL];
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < n; j++) {
                expected[(j / PANEL * k + p) * PANEL + j % PANEL] = get(rows, (long) p * ld + j);
            }
        }
        return expected;
    }

    private static void checkPacked(
            MemorySegment source, long offset, int ld, boolean transposed, int k, int n, float[] expected) {
        GuardedMemory target = GuardedMemory.of(VectorPanels.byteSize(k, n));
        if (transposed) {
            VectorPanels.packTransposed(source, offset, ld, k, n, target.segment(), 0);
        } else {
            VectorPanels.pack(source, offset, ld, k, n, target.segment(), 0);
        }
        String what = source + ", transposed " + transposed + ", k " + k + ", n " + n;
        assertThat(target.segment().toArray(F32)).as(what).isEqualTo(expected);
        target.check(what);
    }

    private static MemorySegment heap(MemorySegment from, int shift) {
        byte[] bytes = new byte[(int) from.byteSize() + shift];
        MemorySegment.copy(from, 0, MemorySegment.ofArray(bytes), shift, from.byteSize());
        return MemorySegment.ofArray(bytes);
    }

    private static MemorySegment mapped(MemorySegment from, Path file) throws IOException {
        byte[] bytes = new byte[(int) from.byteSize() + 1];
        MemorySegment.copy(from, 0, MemorySegment.ofArray(bytes), 1, from.byteSize());
        Files.write(file, bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes.length, Arena.ofAuto());
        }
    }

    @Test
    void partsAreFewForSmallProductsAndManyForLargeOnes() {
        assertThat(new VectorGemm(0, 0, 0).parts()).isEqualTo(1);
        assertThat(new VectorGemm(1, PANEL, 8).parts()).isEqualTo(1);
        assertThat(new VectorGemm(128, 384, 1536).parts()).isGreaterThanOrEqualTo(8);
        assertThat(IntStream.rangeClosed(1, 300).allMatch(m -> new VectorGemm(m, 100, 100).partNanos() > 0))
                .isTrue();
    }

    @Test
    void operandsThatDoNotFitAreRefused() {
        Product p = new Product(4, 10, 6, SEED);
        assertThatThrownBy(() -> new VectorGemm(-1, 2, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> p.run(Start.ZERO, 0, p.gemm().parts() + 1, null))
                .isInstanceOf(IndexOutOfBoundsException.class);
        MemorySegment heap = MemorySegment.ofArray(new float[1000]);
        assertThatThrownBy(
                        () -> p.gemm().run(0, 1, heap, 0, 6, p.panels, 0, p.c, 0, 10, null, 0, false, null, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A is on the heap");
        MemorySegment small = p.c.asSlice(0, 4L * 10 * Float.BYTES - 1);
        assertThatThrownBy(() ->
                        p.gemm().run(0, 1, p.a, 0, 6, p.panels, 0, small, 0, 10, null, 0, false, null, null, null))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(
                        () -> p.gemm().run(0, 1, p.a, 0, 5, p.panels, 0, p.c, 0, 10, null, 0, false, null, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overlap");
        assertThatThrownBy(
                        () -> p.gemm().run(0, 1, p.a, 0, 6, p.panels, 0, p.c, 0, 10, p.bias, 0, true, null, null, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> VectorPanels.pack(p.b, 0, 10, 7, 10, p.panels, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        for (int i = 0; i < p.before.length; i++) {
            assertThat(get(p.c, i)).as("element %d of C", i).isEqualTo(p.before[i]);
        }
    }
}
