package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.x64.byteconv.ByteConvWeights;
import dev.tenon.kernel.x64.byteconv.DepthwiseWeights;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.Attributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Kernels of the convolution of bytes with channels last against the reference, bit for bit. */
public class QuantizedConvKernelsTest {
    /** The most output channels for which scalar loops are tested too. */
    private static final int MAX_SCALAR = 40;

    private static DType type(boolean signed) {
        return signed ? DType.INT8 : DType.UINT8;
    }

    /** A problem: a window, channels, and what its numbers are. */
    private record Case(int[] x, int[] w, int group, int[] strides, int[] pads, boolean signedX, boolean signedW) {
        private QLinearConv op() {
            return QLinearConv.of(Attributes.none()
                    .with("group", group)
                    .with("strides", longs(strides))
                    .with("pads", longs(pads)));
        }

        private static long[] longs(int[] numbers) {
            return Arrays.stream(numbers).asLongStream().toArray();
        }

        private void check(float yScale, int seed) {
            boolean signedY = seed % 2 == 0;
            Tensor weights = Literals.random(type(signedW), seed + 1, longs(w));
            for (long i = 0; i < weights.size() && !signedW; i++) {
                weights.setLong(i, 30 + weights.getLong(i) / 2);
            }
            // Sums of two products fit 16 bits then.
            for (long i = 0; i < weights.size() && signedW && seed % 3 == 0; i++) {
                weights.setLong(i, weights.getLong(i) / 2);
            }
            Tensor scales = Tensor.allocate(DType.FLOAT32, w[0]);
            Tensor bias = Tensor.allocate(DType.INT32, w[0]);
            Tensor zeros = Tensor.allocate(type(signedW), w[0]);
            for (int i = 0; i < w[0]; i++) {
                scales.setDouble(i, 0.01 * (1 + i % 7));
                bias.setLong(i, 1000L * i - 20_000);
                zeros.setLong(i, signedW ? 0 : 90);
            }
            List<Tensor> operands = List.of(
                    Literals.random(type(signedX), seed, longs(x)),
                    Tensor.scalar(0.02f),
                    Literals.random(type(signedX), seed + 3),
                    weights,
                    scales,
                    zeros,
                    Tensor.scalar(yScale),
                    Literals.random(type(signedY), seed + 4),
                    bias);
            KernelCheck check = KernelCheck.of(new ChannelsLast(op()), operands, 1);
            for (Capabilities machine : Profile.ofEachByteProduct()) {
                assertThat(check.compare(CoreKernels.set(), true, machine))
                        .startsWith("conv_i8_last_")
                        .doesNotEndWith("scalar");
            }
            if (w[0] <= MAX_SCALAR) {
                assertThat(check.compare(CoreKernels.set(), false, Capabilities.SCALAR))
                        .isEqualTo("conv_i8_last_scalar");
            }
        }
    }

    @Property(tries = 60)
    void denseWindows(
            @ForAll @IntRange(min = 1, max = 4) int height,
            @ForAll @IntRange(min = 1, max = 4) int width,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 2) int pad,
            @ForAll @IntRange(min = 1, max = 9) int inputs,
            @ForAll @IntRange(min = 1, max = 20) int outputs,
            @ForAll @IntRange(min = 0, max = 20) int more,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, height + more / 3, width + more, inputs};
        int[] w = {4 * outputs, inputs, height, width};
        int[] pads = {pad, 0, Math.min(1, pad), pad};
        new Case(x, w, 1, new int[] {stride, 1 + more % 2}, pads, signedX, signedW).check(0.7f, more + 20 * stride);
    }

    @Property(tries = 40)
    void pixels(
            @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, rows, 3, 4 * inputs};
        int[] w = {4 * outputs, 4 * inputs, 1, 1};
        new Case(x, w, 1, new int[] {1, 1}, new int[4], signedX, signedW).check(1.7f, rows);
    }

    @Property(tries = 40)
    void groups(
            @ForAll @IntRange(min = 2, max = 4) int group,
            @ForAll @IntRange(min = 1, max = 3) int kernel,
            @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll @IntRange(min = 1, max = 9) int inputs,
            @ForAll @IntRange(min = 1, max = 5) int outputs,
            @ForAll boolean signedX) {
        int[] x = {2, 5, 6, group * inputs};
        int[] w = {4 * group * outputs, inputs, kernel, kernel};
        new Case(x, w, group, new int[] {stride, stride}, new int[] {1, 0, 0, 1}, signedX, true)
                .check(0.9f, inputs + kernel);
    }

    @Property(tries = 80)
    void depthwise(
            @ForAll @IntRange(min = 1, max = 7) int height,
            @ForAll @IntRange(min = 1, max = 7) int width,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 1, max = 40) int channels,
            @ForAll @IntRange(min = 0, max = 30) int more,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, height + more / 2, width + more, 4 * channels};
        int[] w = {4 * channels, 1, height, width};
        int[] pads = {pad, 0, Math.min(1, pad), pad};
        new Case(x, w, 4 * channels, new int[] {1 + more % 2, stride}, pads, signedX, signedW)
                .check(0.3f, more + 9 * stride);
    }

    /** A sum with other bytes: windows that are copied and windows that are not, rows of every tail. */
    @Property(tries = 60)
    void sumsWithOtherBytes(
            @ForAll @IntRange(min = 1, max = 3) int kernel,
            @ForAll @IntRange(min = 1, max = 40) int rows,
            @ForAll @IntRange(min = 1, max = 20) int inputs,
            @ForAll @IntRange(min = 1, max = 9) int outputs,
            @ForAll boolean signedX,
            @ForAll boolean signedY,
            @ForAll boolean first) {
        int channels = 16 * outputs;
        long[] x = {2, rows + kernel - 1, 3 + kernel - 1, 4L * inputs};
        DType type = type(signedY);
        Tensor scales = Tensor.allocate(DType.FLOAT32, channels);
        Tensor bias = Tensor.allocate(DType.INT32, channels);
        for (int i = 0; i < channels; i++) {
            scales.setDouble(i, 0.01 * (1 + i % 7));
            bias.setLong(i, 1000L * i - 20_000);
        }
        List<Tensor> operands = List.of(
                Literals.random(type(signedX), rows, x),
                Tensor.scalar(0.02f),
                Literals.random(type(signedX), rows + 1),
                Literals.random(DType.INT8, rows + 2, channels, 4L * inputs, kernel, kernel),
                scales,
                Tensor.allocate(DType.INT8),
                Tensor.scalar(0.3f + inputs),
                Literals.random(type, rows + 3),
                bias,
                Literals.random(type, rows + 4, 2, rows, 3, channels),
                Tensor.scalar(0.7f),
                Literals.random(type, rows + 5),
                Tensor.scalar(1.1f + inputs),
                Literals.random(type, rows + 6));
        QuantizedConvSum op = new QuantizedConvSum(QLinearConv.of(Attributes.none()), first);
        KernelCheck check = KernelCheck.of(op, operands, 1);
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            String id = check.run(CoreKernels.set(), true, machine);
            assertThat(id).startsWith("conv_i8_last_product").endsWith("_sum");
        }
        assertThat(check.compare(CoreKernels.set(), true, Capabilities.SCALAR)).isEqualTo("conv_i8_last_scalar");
    }

    @Test
    void largeSumsSaturate() {
        int[] x = {1, 3, 40, 64};
        new Case(x, new int[] {64, 64, 1, 1}, 1, new int[] {1, 1}, new int[4], false, true).check(1e-12f, 1);
        new Case(x, new int[] {64, 1, 3, 3}, 64, new int[] {1, 1}, new int[4], true, true).check(1e-12f, 2);
        new Case(x, new int[] {64, 64, 1, 1}, 1, new int[] {1, 1}, new int[4], false, true).check(1e-3f, 2);
        new Case(x, new int[] {64, 64, 3, 3}, 1, new int[] {1, 1}, new int[4], true, false).check(1e-3f, 1);
    }

    @Test
    void manyPartsOfRowsAndColumns() {
        new Case(new int[] {3, 7, 7, 224}, new int[] {400, 224, 1, 1}, 1, new int[] {1, 1}, new int[4], false, true)
                .check(2.7f, 1);
        new Case(
                        new int[] {2, 7, 9, 512},
                        new int[] {260, 512, 3, 3},
                        1,
                        new int[] {1, 1},
                        new int[] {1, 1, 1, 1},
                        false,
                        true)
                .check(3.7f, 2);
        new Case(new int[] {1, 60, 50, 24}, new int[] {144, 24, 1, 1}, 1, new int[] {1, 1}, new int[4], false, true)
                .check(0.7f, 3);
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        int[] numbers = new int[64];
        ByteConvWeights.Parameters parameters = new ByteConvWeights.Parameters(numbers, numbers, new float[64], false);
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            for (boolean depthwise : new boolean[] {false, true}) {
                ByteArithmetic best = ByteArithmetic.of(machine);
                DepthwiseWeights shape = depthwise ? DepthwiseWeights.of(3, 3, best) : null;
                int groups = depthwise ? 64 : 1;
                ByteConvWeights layout = new ByteConvWeights(groups, 3, false, best, parameters, shape);
                int own = depthwise ? 1 : 64;
                QuantizedConvProblem p = new QuantizedConvProblem(
                        new ConvShape(new Window2d(axis, axis), 1, groups, own, own),
                        new QuantizedConvProblem.Bytes(false, 3),
                        true,
                        1,
                        layout,
                        false,
                        new QuantizedConvProblem.Bytes(false, 5),
                        2,
                        null);
                Kernel kernel = QuantizedConvKernels.TABLE.prepare(p, machine);
                long weights = layout.byteSize(
                        Tensor.allocate(DType.INT8, 64, own, 3, 3).type());
                assertThat(KernelCheck.allocated(kernel, 81 * 64, weights, 81 * 64))
                        .as(kernel.id())
                        .isZero();
            }
        }
    }
}
