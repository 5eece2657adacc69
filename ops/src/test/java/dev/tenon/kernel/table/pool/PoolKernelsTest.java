package dev.tenon.kernel.table.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.Window3d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of pooling against the reference. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
public class PoolKernelsTest {
    @Property(tries = 20)
    void anyGeometry(
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 30) int moreColumns,
            @ForAll boolean ceil,
            @ForAll boolean countPadding,
            @ForAll boolean oneAxis) {
        long reach = (kernel - 1L) * dilation + 1;
        Attributes a = Attributes.none().with("ceil_mode", ceil);
        if (oneAxis) {
            a = a.with("kernel_shape", new long[] {kernel})
                    .with("strides", new long[] {stride})
                    .with("dilations", new long[] {dilation})
                    .with("pads", new long[] {pad, 1});
        } else {
            a = a.with("kernel_shape", new long[] {kernel, kernel})
                    .with("strides", new long[] {stride, 4 - stride})
                    .with("dilations", new long[] {dilation, dilation})
                    .with("pads", new long[] {pad, 0, 1, pad});
        }
        Tensor x = oneAxis
                ? Literals.random(DType.FLOAT32, 1, 2, 3, reach + moreColumns)
                : Literals.random(DType.FLOAT32, 1, 2, 3, reach + moreRows, reach + moreColumns);
        x.setDouble(x.size() / 2, Double.NaN);
        check(MaxPool.of(a), x);
        check(AveragePool.of(a.with("count_include_pad", countPadding)), x);
        checkIndices(MaxPool.of(a), x);
        checkIndices(MaxPool.of(a.with("storage_order", 1L)), x);
    }

    @Test
    void rowsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            anyGeometry(3, 2, 1, 1, 2, size, false, size % 2 == 0, false);
            anyGeometry(2, 1, 1, 0, 0, size, true, false, true);
        }
    }

    /** Special values, many of them equal, in windows that are padding in part or as a whole. */
    @Property(tries = 20)
    void indicesOfAnyVolume(
            @ForAll @IntRange(min = 1, max = 3) int kernel,
            @ForAll @IntRange(min = 1, max = 5) int stride,
            @ForAll @IntRange(min = 1, max = 2) int dilation,
            @ForAll @IntRange(min = 0, max = 4) int pad,
            @ForAll @IntRange(min = 0, max = 6) int more,
            @ForAll @IntRange(min = 0, max = 70) int moreColumns,
            @ForAll @IntRange(min = 0, max = 1) int order,
            @ForAll boolean ceil,
            @ForAll("autoPads") String autoPad) {
        long reach = (kernel - 1L) * dilation + 1;
        Attributes a = Attributes.none()
                .with("kernel_shape", new long[] {kernel, 2, kernel})
                .with("strides", new long[] {2, 1, stride})
                .with("dilations", new long[] {dilation, 1, dilation})
                .with("storage_order", (long) order)
                .with("ceil_mode", ceil);
        a = autoPad.equals("NOTSET")
                ? a.with("pads", new long[] {pad, 1, pad, 0, 0, pad})
                : a.with("auto_pad", autoPad);
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, 3, reach + more, 2 + more, reach + moreColumns);
        float[] few = {
            -1f, -0f, 0f, 2f, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN
        };
        for (long i = 0; i < x.size(); i++) {
            if (i % 3 > 0) {
                x.setDouble(i, few[Math.floorMod(Double.hashCode(x.getDouble(i)), few.length)]);
            }
        }
        checkIndices(MaxPool.of(a), x);
    }

    @Provide
    Arbitrary<String> autoPads() {
        return Arbitraries.of("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
    }

    @Test
    void indicesOfTheFirstOfEqualMaxima() {
        float low = Float.NEGATIVE_INFINITY;
        float[] values = {
            -0f, 0f, 3f, Float.NaN, low, low, 0f, -0f, 3f, 9f, low, Float.NaN, 0f, -0f, Float.NaN, 3f, low, low
        };
        Tensor x = Tensor.of(values, 1, 1, 3, 6);
        Op op = MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2, 2}));
        List<TensorType> types = List.of(
                Tensor.allocate(DType.FLOAT32, 1, 1, 2, 5).type(),
                Tensor.allocate(DType.INT64, 1, 1, 2, 5).type());
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, List.of(x), types, false, Tier.capabilities());
        List<Tensor> results = KernelRun.run(prepared, List.of(x));
        assertThat(results.getFirst().toFloatArray())
                .containsExactly(-0f, 3f, Float.NaN, Float.NaN, Float.NaN, 0f, Float.NaN, Float.NaN, 9f, Float.NaN);
        assertThat(results.getLast().toLongArray()).containsExactly(0, 2, 3, 3, 11, 6, 14, 14, 9, 11);
    }

    /** Bands of rows, groups of small planes, rows with and without a tail, and special values. */
    @ParameterizedTest
    @CsvSource({
        "3, 1, 1", "3, 2, 1", "3, 2, 0", "2, 2, 0", "2, 1, 0", "2, 1, 1", "5, 1, 2", "5, 2, 2", "7, 2, 3", "3, 3, 1"
    })
    void commonWindows(int kernel, int stride, int pad) {
        Attributes a = Attributes.none()
                .with("kernel_shape", new long[] {kernel, kernel})
                .with("strides", new long[] {stride, stride})
                .with("pads", new long[] {pad, pad, pad, pad});
        long[][] shapes = {
            {1, 70, 7, 7}, {2, 9, 14, 14}, {1, 3, 28, 28}, {1, 2, 37, 33}, {1, 1, 90, 112}, {1, 1, 9, 701}
        };
        for (long[] shape : shapes) {
            Tensor x = Literals.random(DType.FLOAT32, 1, shape);
            check(MaxPool.of(a), x);
            check(AveragePool.of(a), x);
            float[] others = {
                Float.NaN,
                Float.intBitsToFloat(0xFFC00000),
                Float.intBitsToFloat(0xFFFFFFFF),
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                -0f,
                -Float.MAX_VALUE
            };
            for (int i = 0; i < others.length; i++) {
                x.segment().setAtIndex(ValueLayout.JAVA_FLOAT, x.size() * i / others.length, others[i]);
            }
            if (Exhaustive.isOn() || shape[1] == 70 || shape[3] == 33) {
                check(MaxPool.of(a), x);
                check(MaxPool.of(a), Tensor.allocate(DType.FLOAT32, shape));
            }
        }
    }

    @Test
    void signsOfZerosAndWindowsOfNegativeInfinity() {
        Attributes a = Attributes.none().with("kernel_shape", new long[] {2, 2});
        float low = Float.NEGATIVE_INFINITY;
        Tensor x = Tensor.of(new float[] {-0f, 0f, -0f, -0f, -0f, -0f, low, low, low, low, -1f, low}, 1, 1, 3, 4);
        List<Datum> inputs = List.of(x);
        Op op = MaxPool.of(a);
        List<TensorType> types =
                List.of(Tensor.allocate(DType.FLOAT32, 1, 1, 2, 3).type());
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, types, false, Tier.capabilities());
        assertThat(KernelRun.run(prepared, inputs).getFirst().toFloatArray())
                .containsExactly(0f, 0f, -0f, -0f, -0f, -1f);
    }

    @Test
    void wholePlanes() {
        for (Op op : List.of(new GlobalAveragePool(), new GlobalMaxPool())) {
            check(op, Literals.random(DType.FLOAT32, 1, 2, 5, 7, 9));
            check(op, Literals.random(DType.FLOAT32, 2, 1, 70, 3, 2, 5));
            check(op, Literals.random(DType.FLOAT32, 3, 2, 3));
            for (long size : new long[] {1, 2, 3, 4, 7, 8, 14, 15, 16, 17}) {
                check(op, Literals.random(DType.FLOAT32, 4, 2, 33, size, size));
            }
        }
    }

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
    void wholePlanesOfOneValue(float value) {
        int[] widths = {1, 2, 3, 4, 5, 8, 10, 33};
        for (int width : widths) {
            float[] values = new float[2 * 3 * width];
            Arrays.fill(values, value);
            List<Datum> inputs = List.of(Tensor.of(values, 1, 2, 3, width));
            List<TensorType> types =
                    List.of(Tensor.allocate(DType.FLOAT32, 1, 2, 1, 1).type());
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(), new GlobalMaxPool(), inputs, types, false, Tier.capabilities());
            assertThat(KernelRun.run(prepared, inputs).getFirst().toFloatArray())
                    .as("planes of 3 x %s by %s", width, prepared.kernel().id())
                    .containsExactly(value, value);
        }
    }

    private static void check(Op op, Tensor x) {
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                .startsWith("pool_f32");
    }

    private static void checkIndices(Op op, Tensor x) {
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 2, Tier.capabilities()))
                .startsWith("pool_f32_indexed");
    }

    @Test
    void indicesByVectorsUnlessStridesAreLong() {
        Window2d.Axis three = new Window2d.Axis(56, 3, 28, 2, 1, 1, 1);
        Window2d.Axis far = new Window2d.Axis(56, 3, 11, 5, 1, 1, 1);
        IndexedPoolProblem p = new IndexedPoolProblem(new Window3d(three, new Window2d(far, three)), 8, false);
        assertThat(IndexedPoolKernels.TABLE
                        .choose(p, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("pool_f32_indexed_vector");
        assertThat(IndexedPoolKernels.TABLE
                        .choose(p, Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("pool_f32_indexed_scalar");
        IndexedPoolProblem steps = new IndexedPoolProblem(new Window3d(three, new Window2d(three, far)), 8, false);
        assertThat(IndexedPoolKernels.TABLE.choose(steps, Capabilities.avx2()).refusals())
                .containsExactly("pool_f32_indexed_vector: strides above 4");
        Window2d.Axis line = new Window2d.Axis(1 << 23, 3, 1 << 22, 2, 1, 0, 1);
        IndexedPoolProblem large = new IndexedPoolProblem(new Window3d(three, new Window2d(three, line)), 1, true);
        assertThat(IndexedPoolKernels.TABLE.choose(large, Capabilities.avx2()).refusals())
                .containsExactly("pool_f32_indexed_vector: volumes too large");
    }

    @Test
    void wholePlanesBeforeWindowsBeforePlainLoops() {
        Window2d.Axis three = new Window2d.Axis(56, 3, 28, 2, 1, 1, 1);
        Window2d.Axis whole = new Window2d.Axis(7, 7, 1, 1, 1, 0, 0);
        Window2d.Axis far = new Window2d.Axis(56, 3, 11, 5, 1, 1, 1);
        PoolProblem p = new PoolProblem(new Window2d(three, three), 8, true, false);
        assertThat(PoolKernels.TABLE.choose(p, Capabilities.avx2()).choice().id())
                .isEqualTo("pool_f32_vector");
        assertThat(PoolKernels.TABLE.choose(p, Capabilities.SCALAR).choice().id())
                .isEqualTo("pool_f32_scalar");
        PoolProblem global = new PoolProblem(new Window2d(whole, whole), 8, true, false);
        assertThat(PoolKernels.TABLE
                        .choose(global, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("pool_f32_global_vector");
        PoolProblem steps = new PoolProblem(new Window2d(far, far), 8, true, false);
        assertThat(PoolKernels.TABLE.choose(steps, Capabilities.avx2()).refusals())
                .containsExactly(
                        "pool_f32_global_vector: the window is not the whole plane",
                        "pool_f32_vector: strides above 4");
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 5, 2, 1, 1, 1);
        Window2d.Axis all = new Window2d.Axis(9, 9, 1, 1, 1, 0, 0);
        List<Window2d> windows = List.of(new Window2d(axis, axis), new Window2d(all, all));
        for (int i = 0; i < 4; i++) {
            PoolProblem p = new PoolProblem(windows.get(i / 2), 4, i % 2 > 0, false);
            Kernel kernel = PoolKernels.TABLE.prepare(p, Tier.capabilities());
            assertThat(KernelCheck.allocated(kernel, 4 * 81L * Float.BYTES, 4 * 25L * Float.BYTES))
                    .as(kernel.id())
                    .isZero();
        }
        IndexedPoolProblem p = new IndexedPoolProblem(new Window3d(axis, windows.getFirst()), 4, false);
        Kernel kernel = IndexedPoolKernels.TABLE.prepare(p, Tier.capabilities());
        long results = 4 * 125L;
        assertThat(KernelCheck.allocated(kernel, 4 * 729L * Float.BYTES, results * Float.BYTES, results * Long.BYTES))
                .as(kernel.id())
                .isZero();
    }
}
