package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.cases.GemmBenchmark;
import dev.tenon.benchmarks.cases.GemmCase;
import dev.tenon.benchmarks.ceiling.FmaPeak;
import dev.tenon.benchmarks.ceiling.FmaPeakBenchmark;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PackedProduct;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.op.Numerics;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One call of each product by each engine. Elements of the result are compared with sums in double. */
@Tag("vector")
class GemmBenchmarkTest {
    private static final long SEED = 20260301;
    private static final int ELEMENTS = 500;
    private static final Numerics NUMERICS = new MatMul().numerics();

    /**
     * On platforms for which the benchmarks have OpenBLAS it must be present, so that it is never left out unnoticed.
     */
    @Test
    void openBlasIsThereOrSaysWhyNot() {
        boolean expected = System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
        if (expected) {
            assertThat(Engines.absence(Engines.OPENBLAS)).isNull();
            assertThat(Engines.describe(Engines.OPENBLAS))
                    .startsWith("OpenBLAS ")
                    .endsWith(", one thread");
        } else {
            assertThat(Engines.absence(Engines.OPENBLAS)).contains("linux-x86_64");
            assertThatThrownBy(() -> GemmCase.of("1x2x3").prepare(Engines.OPENBLAS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("openblas cannot run here");
        }
    }

    static Stream<Arguments> products() {
        List<String> shapes = Stream.concat(
                        CompareOptionsTest.suite("gemm").values("shape").stream(), Stream.of("1x1x1", "13x7x33"))
                .toList();
        return shapes.stream()
                .flatMap(shape -> Engines.PRODUCTS.stream()
                        .filter(engine -> Engines.absence(engine) == null)
                        .map(engine -> Arguments.of(shape, engine)));
    }

    @ParameterizedTest
    @MethodSource("products")
    void multiplies(String shape, String engine) {
        GemmBenchmark.Product product = new GemmBenchmark.Product();
        product.shape = shape;
        product.engine = engine;
        product.prepare();
        new GemmBenchmark().multiply(product);
        float[] c = product.call.output();
        product.close();
        check(GemmCase.of(shape), c);
    }

    private static void check(GemmCase sizes, float[] c) {
        Tensor a = sizes.left();
        Tensor b = sizes.right();
        assertThat(c).hasSize(sizes.m() * sizes.n());
        Random random = new Random(SEED);
        for (int i = 0; i < ELEMENTS; i++) {
            int at = random.nextInt(c.length);
            long row = at / sizes.n();
            long column = at % sizes.n();
            double sum = 0;
            double magnitude = 0;
            for (long p = 0; p < sizes.k(); p++) {
                double term = a.getDouble(row * sizes.k() + p) * b.getDouble(p * sizes.n() + column);
                sum += term;
                magnitude += Math.abs(term);
            }
            assertThat(Math.abs(c[at] - sum))
                    .as("%s, element %s, seed %s", sizes, at, SEED)
                    .isLessThanOrEqualTo(NUMERICS.tolerance(DType.FLOAT32, sum, magnitude));
        }
    }

    @Test
    void measuresThePackedKernelThatTheTableSelects() {
        GemmCase sizes = GemmCase.of("12x64x32");
        try (PackedProduct product = new PackedProduct(sizes.left(), sizes.right())) {
            assertThat(product.id()).matches("gemm_f32_\\d+x\\d+_(vector\\d+|avx512|avx2)");
        }
    }

    @Test
    void countsMultiplyAddsTwice() {
        assertThat(GemmCase.of("2x3x5").flops()).isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1x2", "1x0x3", "-1x2x3", "1x2x3x4", "axbxc", "1x2x100000"})
    void refusesShapes(String shape) {
        assertThatThrownBy(() -> GemmCase.of(shape))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MxKxN");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void peakLoopDoesWhatItCounts(int threads) {
        FmaPeakBenchmark.Chains chains = new FmaPeakBenchmark.Chains();
        FmaPeakBenchmark.Cores cores = new FmaPeakBenchmark.Cores();
        cores.threads = threads;
        cores.start();
        for (int call = 0; call < 3; call++) {
            assertThat(new FmaPeakBenchmark().fma(cores, chains)).isEqualTo(threads * FmaPeakBenchmark.FLOPS);
            assertThat(chains.values).contains(1 + FmaPeakBenchmark.STEPS);
        }
        cores.stop();
    }

    @Test
    void peakLoopHasTheWidthOfTheTier() {
        double lanes = Tiers.detect().capabilities().vectorBits() / (double) Float.SIZE;
        assertThat(FmaPeak.stepFlops() / (2 * lanes)).isIn(12.0, 24.0);
    }
}
