package dev.tenon.kernel.table.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceLogSum;
import dev.tenon.op.reduce.ReduceLogSumExp;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceProd;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.reduce.Reduction.Kind;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of the reductions against the reference, over any axes, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
class ReduceKernelsTest {
    private static final List<Reduction> OPS = List.of(
            new ReduceSum(true, false),
            new ReduceMean(false, false),
            new ReduceMax(true, false),
            new ReduceMin(false, false),
            new ReduceProd(true, false),
            new ReduceL1(true, false),
            new ReduceL2(true, false),
            new ReduceLogSumExp(true, false),
            new ReduceSumSquare(true, true));

    @Property(tries = 60)
    void anyAxes(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 8) int op,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 35) Integer> dims,
            @ForAll @Size(3) List<Boolean> chosen) {
        long[] shape = dims.stream().mapToLong(Integer::longValue).toArray();
        List<Long> axes = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            if (chosen.get(i)) {
                axes.add((long) (i % 2 == 0 ? i : i - shape.length));
            }
        }
        check(OPS.get(op), seed, axes.stream().mapToLong(Long::longValue).toArray(), shape);
    }

    private static void check(Reduction op, long seed, long[] axes, long... shape) {
        Tensor x = Tensor.allocate(DType.FLOAT32, shape);
        Random random = new Random(seed);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian());
        }
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x, Tensor.of(axes)), 1, Tier.capabilities()))
                .startsWith("reduce_f32");
    }

    @Test
    void rowsAndColumnsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            for (Reduction op : OPS) {
                check(op, size, new long[] {1}, 3, size);
                check(op, size, new long[] {0}, 5, size);
                check(op, size, new long[] {1}, 2, size, 3);
            }
        }
    }

    /** Contiguous runs that contain infinities, NaN of both signs and zeros of both signs. */
    @Property(tries = 40)
    void runsOfAnyNumbers(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 3) int op,
            @ForAll @IntRange(min = 1, max = 40) int rows,
            @ForAll @IntRange(min = 1, max = 300) int length,
            @ForAll @IntRange(min = 0, max = 4) int special) {
        Tensor x = Tensor.allocate(DType.FLOAT32, rows, length);
        Random random = new Random(seed);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian() - (op == 3 ? -5 : 5));
        }
        float[] others = {
            Float.NaN, Float.intBitsToFloat(0xffc00001), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f
        };
        for (int i = 0; i < special; i++) {
            float value = others[random.nextInt(others.length)];
            x.segment().setAtIndex(ValueLayout.JAVA_FLOAT, random.nextLong(x.size()), value);
        }
        List<Tensor> inputs = List.of(x, Tensor.of(new long[] {-1}));
        assertThat(KernelCheck.run(CoreKernels.set(), OPS.get(op), inputs, 1, Tier.capabilities()))
                .startsWith("reduce_f32");
    }

    /** Products and sums of exponentials along rows and down columns, with special values. */
    @Property(tries = 20)
    void productsAndExponentialsOfAnyNumbers(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 1) int axis,
            @ForAll @IntRange(min = 1, max = 300) int rows,
            @ForAll @IntRange(min = 1, max = 300) int columns,
            @ForAll @IntRange(min = 0, max = 4) int special) {
        Random random = new Random(seed);
        float[] x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (random.nextGaussian() * 3);
        }
        float[] others = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            0f,
            -0f,
            Float.MIN_VALUE,
            Float.MAX_VALUE,
            -Float.MAX_VALUE
        };
        for (int i = 0; i < special; i++) {
            x[random.nextInt(x.length)] = others[random.nextInt(others.length)];
        }
        checkBoth(Tensor.of(x, rows, columns), axis);
    }

    /** Rows and columns of infinities, and groups in which only one element is not negative infinity. */
    @Test
    void exponentialsOfInfinities() {
        for (float value : new float[] {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, 2f}) {
            float[] x = new float[50 * 40];
            Arrays.fill(x, Float.NEGATIVE_INFINITY);
            for (int i = 0; i < 50; i++) {
                x[i * 40 + i % 40] = value;
            }
            checkBoth(Tensor.of(x, 50, 40), 0);
            checkBoth(Tensor.of(x, 50, 40), 1);
        }
    }

    /** Products whose partial products overflow or underflow, with a last element that decides the result. */
    @Test
    void productsThatLeaveTheRangeOfNumbers() {
        for (float last : new float[] {0f, -0f, 1e-30f, Float.NaN, Float.POSITIVE_INFINITY}) {
            for (float value : new float[] {1e38f, -1e-38f, Float.MIN_VALUE}) {
                float[] x = new float[3 * 2 * 70];
                Arrays.fill(x, 1f);
                Arrays.fill(x, 0, 69, value);
                x[69] = last;
                x[139] = last;
                Arrays.fill(x, 140, 209, value);
                x[210] = last;
                checkBoth(Tensor.of(x, 3, 2, 70), 2);
                checkBoth(Tensor.of(x, 3, 70, 2), 1);
                Tensor axes = Tensor.of(new long[] {0, 2});
                assertThat(KernelCheck.run(
                                CoreKernels.set(),
                                new ReduceProd(true, false),
                                List.of(Tensor.of(x, 2, 3, 70), axes),
                                1,
                                Tier.capabilities()))
                        .startsWith("reduce_f32");
            }
        }
    }

    /** If a kernel multiplied every few elements in chains, the chains would lose bits, or stay in range where the product does not. */
    @Test
    void productsWhoseOrderCounts() {
        int rows = 64;
        float[] lost = new float[rows * 128];
        Arrays.fill(lost, 1f);
        float[] left = new float[rows * 32];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < 128; i += 16) {
                lost[row * 128 + i] = 1e-40f;
                lost[row * 128 + i + 1] = 1e38f;
            }
            Arrays.fill(left, row * 32, row * 32 + 16, 1e38f);
            Arrays.fill(left, row * 32 + 16, row * 32 + 32, 1e-38f);
        }
        checkBoth(Tensor.of(lost, rows, 128), 1);
        checkBoth(Tensor.of(left, rows, 32), 1);
    }

    private static void checkBoth(Tensor x, long axis) {
        for (Reduction op : List.of(new ReduceProd(true, false), new ReduceLogSumExp(false, false))) {
            List<Tensor> inputs = List.of(x, Tensor.of(new long[] {axis}));
            assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                    .startsWith("reduce_f32");
        }
    }

    /** Among them the infinity that no element exceeds, the numbers next to it, and zeros, whose sign must stay. */
    @ParameterizedTest
    @ValueSource(
            floats = {
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                Float.NaN,
                -0f,
                0f,
                Float.MAX_VALUE,
                -Float.MAX_VALUE
            })
    void runsOfOneValue(float value) {
        int[] lengths = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100};
        for (int length : lengths) {
            float[] values = new float[2 * length];
            Arrays.fill(values, value);
            List<Datum> inputs = List.of(Tensor.of(values, 2, length), Tensor.of(new long[] {-1}));
            List<TensorType> types =
                    List.of(Tensor.allocate(DType.FLOAT32, 2, 1).type());
            for (Reduction op : List.of(new ReduceMax(true, false), new ReduceMin(true, false))) {
                KernelRun.Prepared prepared =
                        KernelRun.prepare(CoreKernels.set(), op, inputs, types, true, Tier.capabilities());
                assertThat(KernelRun.run(prepared, inputs).getFirst().toFloatArray())
                        .as(
                                "%s of %s elements by %s",
                                op, length, prepared.kernel().id())
                        .containsExactly(value, value);
            }
        }
    }

    @Test
    void twoRunsOfAxes() {
        for (Reduction op : OPS) {
            check(op, 1, new long[] {1, 3}, 3, 4, 5, 19);
            check(op, 2, new long[] {1, 3}, 2, 1, 7, 33);
            check(op, 3, new long[] {0, 2, 4}, 2, 3, 1, 4, 40);
        }
    }

    @Test
    void axesThatTakeTwoStages() {
        for (Reduction op : OPS) {
            if (!(op instanceof ReduceProd)) {
                check(op, 1, new long[] {0, 2, 4}, 3, 4, 5, 6, 19);
                check(op, 2, new long[] {0, 2, 4}, 7, 3, 2, 1, 5, 33);
                check(op, 3, new long[] {1, 3, 5}, 2, 3, 2, 4, 3, 5);
                check(op, 4, new long[] {0, 2}, 3, 4, 5, 19);
                check(op, 5, new long[] {1, 3}, 2, 150, 3, 6, 40);
                check(op, 6, new long[] {1, 3, 5}, 2, 3, 2, 4, 3, 20);
            }
        }
        Tensor positive = Tensor.allocate(DType.FLOAT32, 5, 4, 3, 6, 20);
        Random random = new Random(6);
        for (long i = 0; i < positive.size(); i++) {
            positive.setDouble(i, random.nextDouble());
        }
        List<Tensor> inputs = List.of(positive, Tensor.of(new long[] {0, 2, 4}));
        assertThat(KernelCheck.run(CoreKernels.set(), new ReduceLogSum(true, false), inputs, 1, Tier.capabilities()))
                .startsWith("reduce_f32");
    }

    @Test
    void reductionsThatNeedMoreStagesHaveNoKernel() {
        Reduction sum = new ReduceSum(true, false);
        Reduction product = new ReduceProd(true, false);
        long[] three = {0, 2, 4};
        assertThat(kernel(sum, three, 2, 3, 2, 3, 2)).isNotNull();
        assertThat(kernel(product, three, 2, 3, 2, 3, 2)).isNull();
        assertThat(kernel(product, new long[] {0, 2}, 2, 3, 2, 3)).isNull();
        assertThat(kernel(sum, three, 2, 3, 0, 3, 2)).isNull();
        assertThat(kernel(sum, new long[] {0, 2}, 2, 0, 3, 5)).isNull();
        assertThat(kernel(sum, three, 2, 3, 2, 3, 2, 3)).isNull();
        assertThat(kernel(sum, new long[] {0, 2, 4, 6}, 2, 3, 2, 3, 2, 3, 2)).isNull();
    }

    private static KernelRun.Prepared kernel(Reduction op, long[] axes, long... dims) {
        List<Datum> inputs = List.of(Tensor.allocate(DType.FLOAT32, dims), Tensor.of(axes));
        long[] left = dims.clone();
        for (long axis : axes) {
            left[(int) axis] = 1;
        }
        List<TensorType> types = List.of(Tensor.allocate(DType.FLOAT32, left).type());
        return KernelRun.prepare(CoreKernels.set(), op, inputs, types, true, Tier.capabilities());
    }

    @Test
    void longSums() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 3, 70_001);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, 1 + Math.sin((double) i));
        }
        for (long axis = 0; axis < 2; axis++) {
            for (Reduction op : List.of(OPS.get(0), OPS.get(5), OPS.get(7), OPS.get(8))) {
                List<Tensor> inputs = List.of(axis == 1 ? x : x.reshape(70_001, 3), Tensor.of(new long[] {axis}));
                assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                        .startsWith("reduce_f32");
            }
        }
    }

    @Test
    void axesAreJoinedToRuns() {
        assertThat(problem(new long[] {2, 3, 4}, false, true, true)).isEqualTo(problem(2, 1, 1, 12));
        assertThat(problem(new long[] {2, 3, 4}, true, false, false)).isEqualTo(problem(1, 2, 12, 1));
        assertThat(problem(new long[] {2, 3, 4}, false, true, false)).isEqualTo(problem(2, 3, 4, 1));
        assertThat(problem(new long[] {2, 3, 4}, true, false, true)).isEqualTo(problem(1, 2, 3, 4));
        assertThat(problem(new long[] {2, 1, 4}, false, true, false)).isEqualTo(problem(8, 1, 1, 1));
        assertThat(problem(new long[] {}, new boolean[0])).isEqualTo(problem(1, 1, 1, 1));
        assertThat(problem(new long[] {2, 3, 2, 3, 2}, true, false, true, false, true))
                .isNull();
    }

    private static ReduceProblem problem(long[] dims, boolean... reduced) {
        return ReduceKernels.problem(Kind.SUM, dims, reduced, 1);
    }

    private static ReduceProblem problem(long outer, long middle, long columns, long depth) {
        return new ReduceProblem(Kind.SUM, outer, middle, columns, depth, 0, 1);
    }

    @Test
    void axesThatOnlyRunTimeKnowsHaveNoKernel() {
        KernelRequest step = KernelRequest.of(
                List.of(
                        Tensor.allocate(DType.FLOAT32, 2, 3).type(),
                        Tensor.allocate(DType.INT64, 1).type()),
                List.of(Tensor.allocate(DType.FLOAT32, 2, 1).type()),
                Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(OPS.get(0), step)).isNull();
    }

    @Test
    void vectorsAreSelectedForEveryReduction() {
        for (Kind kind : Kind.values()) {
            assertThat(ReduceKernels.TABLE
                            .choose(new ReduceProblem(kind, 2, 1, 1, 40, 0, 1), Capabilities.avx512())
                            .choice()
                            .id())
                    .isEqualTo("reduce_f32_vector");
        }
        assertThat(ReduceKernels.TABLE
                        .choose(new ReduceProblem(Kind.SUM, 2, 0, 4, 1, 0, 1), Capabilities.avx512())
                        .choice()
                        .id())
                .isEqualTo("reduce_f32_scalar");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (Kind kind : Kind.values()) {
            for (ReduceProblem p : List.of(
                    new ReduceProblem(kind, 9, 1, 1, 77, 0, 1),
                    new ReduceProblem(kind, 9, 1, 1, 777, 0, 1),
                    new ReduceProblem(kind, 3, 5, 77, 1, 0, 1))) {
                Kernel kernel = ReduceKernels.TABLE.prepare(p, Tier.capabilities());
                long outputs = p.outer() * p.columns();
                assertThat(KernelCheck.allocated(
                                kernel, outputs * p.elementsPerOutput() * Float.BYTES, outputs * Float.BYTES))
                        .as(kernel.id() + " of " + p)
                        .isZero();
            }
        }
    }
}
