package dev.tenon.kernel.table.norm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of Softmax and LogSoftmax against the reference, around all tails, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
class SoftmaxKernelsTest {
    private static final SoftmaxProblem ROWS = new SoftmaxProblem(4, 100, 1, false);
    private static final SoftmaxProblem COLUMNS = new SoftmaxProblem(4, 100, 3, false);

    @Property(tries = 50)
    void anyShape(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 10) int outer,
            @ForAll @IntRange(min = 1, max = 70) int length,
            @ForAll @IntRange(min = 1, max = 70) int inner,
            @ForAll boolean log,
            @ForAll @IntRange(min = 0, max = 3) int special) {
        Tensor x = Tensor.allocate(DType.FLOAT32, outer, length, inner);
        Random random = new Random(seed);
        // The rounding of a difference above 64 alone uses up nearly all of the error that the contract allows.
        double scale = inner == 1 ? 20 : 8;
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian() * scale);
        }
        for (int i = 0; i < special; i++) {
            double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1e30};
            x.setDouble(random.nextLong(x.size()), values[random.nextInt(values.length)]);
        }
        Op op = log ? new LogSoftmax(1) : new Softmax(1);
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                .startsWith("softmax_f32");
    }

    @Test
    void rowsAndColumnsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            for (boolean log : new boolean[] {false, true}) {
                anyShape(size, 3, size, 1, log, 0);
                anyShape(size, 2, 5, size, log, 0);
                anyShape(size, 1, size, 3, log, 1);
            }
        }
    }

    /** Rows of whole vectors, in more than a few blocks. */
    @Property(tries = 6)
    void manyRowsOfFullVectors(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int outer,
            @ForAll @IntRange(min = 1, max = 40) int vectors,
            @ForAll @IntRange(min = 0, max = 3) int special) {
        Tensor x = Tensor.allocate(DType.FLOAT32, outer, 16L * vectors);
        Random random = new Random(seed);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian() * 20);
        }
        for (int i = 0; i < special; i++) {
            double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1e30};
            x.setDouble(random.nextLong(x.size()), values[random.nextInt(values.length)]);
        }
        assertThat(KernelCheck.run(CoreKernels.set(), new Softmax(1), List.of(x), 1, Tier.capabilities()))
                .startsWith("softmax_f32");
    }

    @Test
    void longRowsTakeSeveralBlocks() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 3, 9001);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, Math.sin((double) i) * 5);
        }
        for (Op op : List.of(new Softmax(-1), new LogSoftmax(-1))) {
            assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                    .startsWith("softmax_f32");
        }
    }

    /** Rows of two pieces, and rows of more pieces than scratch memory holds, with the maximum in any piece. */
    @Property(tries = 4)
    void rowsOfAnyLength(@ForAll long seed, @ForAll boolean log, @ForAll boolean special) {
        Random random = new Random(seed);
        int length = random.nextBoolean() ? 500 + random.nextInt(5000) : 32_000 + random.nextInt(9000);
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, length);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian() * 10);
        }
        x.setDouble(random.nextLong(x.size()), 80);
        if (special) {
            x.setDouble(random.nextInt(length), random.nextBoolean() ? Double.NaN : Double.NEGATIVE_INFINITY);
        }
        Op op = log ? new LogSoftmax(1) : new Softmax(1);
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                .startsWith("softmax_f32");
    }

    @Test
    void rowsOfAnyLengthInPlace() {
        for (int length : new int[] {1, 15, 16, 17, 100, 2048, 2049, 40_000}) {
            Tensor x = Tensor.allocate(DType.FLOAT32, length < 200 ? 130 : 7, length);
            for (long i = 0; i < x.size(); i++) {
                x.setDouble(i, Math.sin((double) i) * 5);
            }
            for (Op op : List.of(new Softmax(-1), new LogSoftmax(-1))) {
                List<Datum> operands = List.of(x);
                KernelRun.Prepared prepared = KernelRun.prepare(
                        CoreKernels.set(), op, operands, List.of(x.type()), false, Tier.capabilities());
                Tensor expected = KernelRun.run(prepared, operands).getFirst();
                assertThat(KernelCheck.inPlace(prepared, operands, 0).segment().mismatch(expected.segment()))
                        .as(op + " of rows of " + length)
                        .isEqualTo(-1);
            }
        }
    }

    /** More columns than the kernel processes together, and more rows than one chain of additions has, each with a tail. */
    @Property(tries = 4)
    void manyColumnsOrRows(
            @ForAll long seed,
            @ForAll boolean tall,
            @ForAll boolean log,
            @ForAll @IntRange(min = 0, max = 3) int special) {
        Random random = new Random(seed);
        int length = tall ? 100 + random.nextInt(4000) : 1 + random.nextInt(40);
        int inner = tall ? 2 + random.nextInt(90) : 200 + random.nextInt(900);
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, length, inner);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian() * 6);
        }
        for (int i = 0; i < special; i++) {
            double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1e30};
            x.setDouble(random.nextLong(x.size()), values[random.nextInt(values.length)]);
        }
        Op op = log ? new LogSoftmax(1) : new Softmax(1);
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                .startsWith("softmax_f32");
    }

    /**
     * One element of each column has nearly all of its sum, and each of the others just less than half a unit in the last
     * place of it, so that a sum which adds them to it one by one loses all of them. With the first value that happens
     * within a chain of 128 rows, with the second between chains.
     */
    @ParameterizedTest
    @ValueSource(floats = {-16.6434f, -18.723f})
    @Tag("widest")
    void columnsOfManySmallShares(float low) {
        int length = 4000;
        for (int inner : new int[] {3, 17, 40}) {
            float[] x = new float[2 * length * inner];
            Arrays.fill(x, low);
            Arrays.fill(x, 0, inner, 0);
            Arrays.fill(x, length * inner, (length + 1) * inner, 0);
            for (Op op : List.of(new Softmax(1), new LogSoftmax(1))) {
                List<Tensor> inputs = List.of(Tensor.of(x, 2, length, inner));
                assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                        .startsWith("softmax_f32");
            }
        }
    }

    @Test
    void columnsInPlace() {
        for (int inner : new int[] {2, 3, 5, 7, 8, 9, 15, 16, 17, 49, 63, 64, 300}) {
            for (int length : new int[] {1, 2, 7, 150}) {
                Tensor x = Tensor.allocate(DType.FLOAT32, 3, length, inner);
                for (long i = 0; i < x.size(); i++) {
                    x.setDouble(i, Math.sin((double) i) * 5);
                }
                for (Op op : List.of(new Softmax(1), new LogSoftmax(1))) {
                    List<Datum> operands = List.of(x);
                    KernelRun.Prepared prepared = KernelRun.prepare(
                            CoreKernels.set(), op, operands, List.of(x.type()), false, Tier.capabilities());
                    Tensor expected = KernelRun.run(prepared, operands).getFirst();
                    assertThat(KernelCheck.inPlace(prepared, operands, 0)
                                    .segment()
                                    .mismatch(expected.segment()))
                            .as(op + " of " + length + " rows of " + inner + " columns")
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void emptyInputsGiveEmptyOutputs() {
        for (long[] dims : new long[][] {{0, 5}, {5, 0}, {0, 0}, {3, 0, 2}, {0, 3, 2}}) {
            for (Op op : List.of(new Softmax(1), new LogSoftmax(1))) {
                Tensor x = Tensor.allocate(DType.FLOAT32, dims);
                assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                        .startsWith("softmax_f32");
            }
        }
    }

    @Test
    void vectorsForRowsAndForColumns() {
        assertThat(SoftmaxKernels.TABLE
                        .choose(ROWS, Capabilities.avx512())
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_vector");
        assertThat(SoftmaxKernels.TABLE
                        .choose(ROWS, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_vector");
        assertThat(SoftmaxKernels.TABLE
                        .choose(ROWS, Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_scalar");
        assertThat(SoftmaxKernels.TABLE
                        .choose(COLUMNS, Capabilities.avx512())
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_columns_vector");
        assertThat(SoftmaxKernels.TABLE
                        .choose(COLUMNS, Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("softmax_f32_scalar");
        assertThat(SoftmaxKernels.TABLE.choose(COLUMNS, Capabilities.avx512()).refusals())
                .contains("softmax_f32_vector: the axis is not the last");
        assertThat(SoftmaxKernels.TABLE
                        .choose(new SoftmaxProblem(1, 1 << 17, 3, false), Capabilities.avx512())
                        .refusals())
                .contains("softmax_f32_columns_vector: 131072 rows of 3 columns");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (int length : new int[] {1, 16, 77, 128, 1500, 9000}) {
            for (boolean log : new boolean[] {false, true}) {
                // Long lines are slow until they are compiled.
                boolean isLong = length > 1000;
                for (int inner : isLong ? new int[] {1, 3} : new int[] {1, 3, 40}) {
                    SoftmaxProblem p = new SoftmaxProblem(isLong ? 3 : 48 / inner + 1, length, inner, log);
                    Kernel kernel = SoftmaxKernels.TABLE.prepare(p, Tier.capabilities());
                    long bytes = p.outer() * length * inner * Float.BYTES;
                    assertThat(KernelCheck.allocated(kernel, bytes, bytes))
                            .as(kernel.id() + " of " + p)
                            .isZero();
                }
            }
        }
    }
}
