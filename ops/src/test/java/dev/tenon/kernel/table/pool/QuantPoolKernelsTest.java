package dev.tenon.kernel.table.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Profile;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Kernels of averages of quantised numbers against the reference, bit for bit. */
public class QuantPoolKernelsTest {
    private static Tensor any(Random random, DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(256) + (type == DType.INT8 ? Byte.MIN_VALUE : 0));
        }
        return t;
    }

    @Property(tries = 40)
    void anyGeometry(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int more,
            @ForAll boolean countPadding,
            @ForAll boolean signed,
            @ForAll boolean zeros,
            @ForAll boolean oneAxis) {
        Random random = new Random(seed);
        long reach = (kernel - 1L) * dilation + 1;
        Attributes a = Attributes.none()
                .with("count_include_pad", countPadding)
                .with("kernel_shape", repeated(kernel, oneAxis))
                .with("strides", repeated(stride, oneAxis))
                .with("dilations", repeated(dilation, oneAxis))
                .with("pads", oneAxis ? new long[] {pad, 1} : new long[] {pad, 0, 1, pad});
        DType type = signed ? DType.INT8 : DType.UINT8;
        Tensor x = oneAxis
                ? any(random, type, 2, 3, reach + more)
                : any(random, type, 2, 3, reach + more / 2, reach + more);
        Tensor scale = Tensor.scalar(random.nextFloat() + 0.01f);
        Tensor outScale = Tensor.scalar(random.nextInt(5) == 0 ? scale.getFloat(0) : random.nextFloat() * 0.5f);
        List<Datum> in =
                Arrays.asList(x, scale, zeros ? any(random, type) : null, outScale, zeros ? any(random, type) : null);
        assertThat(KernelCheck.run(CoreKernels.set(), QLinearAveragePool.of(a), in, 1, Capabilities.SCALAR))
                .isEqualTo("pool_i8_scalar");
    }

    @Property(tries = 40)
    void channelsLast(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int more,
            @ForAll @IntRange(min = 1, max = 200) int channels,
            @ForAll boolean countPadding,
            @ForAll boolean signed,
            @ForAll boolean zeros) {
        Random random = new Random(seed);
        int border = Math.min(pad, kernel - 1);
        Attributes a = Attributes.none()
                .with("count_include_pad", countPadding)
                .with("kernel_shape", repeated(kernel, false))
                .with("strides", repeated(stride, false))
                .with("pads", new long[] {border, 0, 0, border});
        DType type = signed ? DType.INT8 : DType.UINT8;
        Tensor x = any(random, type, 2, (long) kernel + more / 2, (long) kernel + more, channels);
        Tensor outScale = Tensor.scalar(random.nextInt(5) == 0 ? 1e-12f : random.nextFloat() * 0.5f);
        List<Datum> in = Arrays.asList(
                x,
                Tensor.scalar(random.nextFloat() + 0.01f),
                zeros ? any(random, type) : null,
                outScale,
                zeros ? any(random, type) : null);
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            ChannelsLast op = new ChannelsLast(QLinearAveragePool.of(a));
            assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, machine)).startsWith("pool_i8_last_avx");
            ChannelsLast max = new ChannelsLast(MaxPool.of(a));
            assertThat(KernelCheck.run(CoreKernels.set(), max, List.of(x), 1, machine))
                    .startsWith("pool_i8_last_avx");
        }
        for (Op op : List.of(new ChannelsLast(QLinearAveragePool.of(a)), new ChannelsLast(MaxPool.of(a)))) {
            List<Datum> own = ((ChannelsLast) op).op() instanceof MaxPool ? List.of(x) : in;
            assertThat(KernelCheck.run(CoreKernels.set(), op, own, 1, Capabilities.SCALAR))
                    .isEqualTo("pool_i8_last_scalar");
        }
    }

    private static long[] repeated(long value, boolean once) {
        return once ? new long[] {value} : new long[] {value, value};
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Window2d.Axis whole = new Window2d.Axis(7, 7, 1, 1, 1, 0, 0);
        QuantPoolProblem p = new QuantPoolProblem(new Window2d(whole, whole), 64, false, false, true, true, 5);
        Kernel kernel = QuantPoolKernels.TABLE.prepare(p, Capabilities.SCALAR);
        assertThat(KernelCheck.allocated(kernel, 64 * 49, Float.BYTES, 1, Float.BYTES, 1, 64))
                .isZero();
    }
}
