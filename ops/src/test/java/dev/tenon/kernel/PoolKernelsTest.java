package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of pooling against the reference. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class PoolKernelsTest {
    @Property(tries = 150)
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
    }

    @Test
    void wholePlanes() {
        for (Op op : List.of(new GlobalAveragePool(), new GlobalMaxPool())) {
            check(op, Literals.random(DType.FLOAT32, 1, 2, 5, 7, 9));
            check(op, Literals.random(DType.FLOAT32, 2, 1, 70, 3, 2, 5));
            check(op, Literals.random(DType.FLOAT32, 3, 2, 3));
        }
    }

    private static void check(Op op, Tensor x) {
        assertThat(KernelCheck.run(PoolKernels.SET, op, List.of(x), 1, Tier.capabilities()))
                .startsWith("pool_f32");
    }

    @Test
    void wholePlanesBeforeWindowsBeforePlainLoops() {
        Window2d.Axis three = new Window2d.Axis(56, 3, 28, 2, 1, 1, 1);
        Window2d.Axis whole = new Window2d.Axis(7, 7, 1, 1, 1, 0, 0);
        Window2d.Axis far = new Window2d.Axis(56, 3, 11, 5, 1, 1, 1);
        PoolProblem p = new PoolProblem(new Window2d(three, three), 8, true, false);
        assertThat(PoolKernels.TABLE.select(p, Capabilities.avx2()).id()).isEqualTo("pool_f32_vector");
        assertThat(PoolKernels.TABLE.select(p, Capabilities.SCALAR).id()).isEqualTo("pool_f32_scalar");
        PoolProblem global = new PoolProblem(new Window2d(whole, whole), 8, true, false);
        assertThat(PoolKernels.TABLE.select(global, Capabilities.avx2()).id()).isEqualTo("pool_f32_global_vector");
        PoolProblem steps = new PoolProblem(new Window2d(far, far), 8, true, false);
        assertThat(PoolKernels.TABLE.refusals(steps, Capabilities.avx2()))
                .containsExactly(
                        "pool_f32_global_vector: windows that are not whole planes",
                        "pool_f32_vector: strides above 4");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 5, 2, 1, 1, 1);
        for (boolean average : new boolean[] {false, true}) {
            PoolProblem p = new PoolProblem(new Window2d(axis, axis), 4, average, false);
            Kernel kernel = PoolKernels.TABLE.prepare(p, Tier.capabilities());
            assertThat(KernelCheck.allocated(kernel, 4 * 81L * Float.BYTES, 4 * 25L * Float.BYTES))
                    .as(kernel.id())
                    .isZero();
        }
    }
}
