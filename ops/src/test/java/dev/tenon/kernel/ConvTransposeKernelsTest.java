package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of transposed convolution against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class ConvTransposeKernelsTest {
    @Property(tries = 150)
    void anyGeometry(
            @ForAll @IntRange(min = 1, max = 3) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 4) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 2) int pad,
            @ForAll @IntRange(min = 0, max = 2) int added,
            @ForAll @IntRange(min = 2, max = 9) int height,
            @ForAll @IntRange(min = 4, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 3) int group,
            @ForAll @IntRange(min = 1, max = 5) int outputs,
            @ForAll boolean bias) {
        ConvTranspose op = ConvTranspose.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride, 4 - stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("output_padding", new long[] {added, 0})
                .with("pads", new long[] {0, pad, 0, pad / 2}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, 2L * group, height, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, 2L * group, outputs, kernelHeight, kernelWidth);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    /** Rows and channels of one axis that are no whole tiles of a kernel. */
    @Property(tries = 80)
    void oneAxis(
            @ForAll @IntRange(min = 1, max = 5) int kernel,
            @ForAll @IntRange(min = 1, max = 4) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 3) int group,
            @ForAll @IntRange(min = 1, max = 3) int inputs,
            @ForAll @IntRange(min = 1, max = 15) int outputs,
            @ForAll boolean bias) {
        ConvTranspose op = ConvTranspose.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride})
                .with("dilations", new long[] {dilation}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, (long) group * inputs, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * inputs, outputs, kernel);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    /** Three spatial axes have no kernel: their reference runs. */
    @Test
    void threeAxesAreLeftToTheReference() {
        Tensor x = Literals.random(DType.FLOAT32, 1, 1, 4, 2, 3, 5);
        Tensor w = Literals.random(DType.FLOAT32, 2, 4, 3, 2, 2, 2);
        ConvTranspose op = ConvTranspose.of(Attributes.none().with("group", 2L));
        List<TensorType> outputs = List.of(new TensorType(DType.FLOAT32, Shape.of(1, 6, 3, 4, 6)));
        assertThat(KernelRun.prepare(ConvTransposeKernels.SET, op, List.of(x, w), outputs, false, Tier.capabilities()))
                .isNull();
    }

    @Test
    void oneAxisAndAGivenShape() {
        ConvTranspose op = ConvTranspose.of(
                Attributes.none().with("strides", new long[] {3}).with("output_shape", new long[] {61}));
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 2, 3, 19),
                Literals.random(DType.FLOAT32, 2, 3, 4, 5),
                Literals.random(DType.FLOAT32, 3, 4));
    }

    @Test
    void severalBlocksOfWindowsAndOfChannels() {
        ConvTranspose op = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}));
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 1, 40, 37, 43),
                Literals.random(DType.FLOAT32, 2, 40, 75, 2, 2),
                Literals.random(DType.FLOAT32, 3, 75));
    }

    private static void check(ConvTranspose op, Tensor x, Tensor w, Tensor bias) {
        List<Tensor> inputs = bias == null ? List.of(x, w) : List.of(x, w, bias);
        assertThat(KernelCheck.run(ConvTransposeKernels.SET, op, inputs, 1, Tier.capabilities()))
                .startsWith("convtranspose_f32");
    }

    @Test
    void productBeforePlainLoops() {
        Window2d.Axis a = new Window2d.Axis(112, 2, 56, 2, 1, 0, 0);
        ConvProblem p = new ConvProblem(new Window2d(a, a), 1, 1, 32, 64, 2, 3);
        assertThat(ConvTransposeKernels.TABLE.select(p, Capabilities.avx2()).id())
                .isEqualTo("convtranspose_f32_gemm_vector");
        assertThat(ConvTransposeKernels.TABLE.select(p, Capabilities.SCALAR).id())
                .isEqualTo("convtranspose_f32_scalar");
        ConvProblem deep = new ConvProblem(new Window2d(a, a), 1, 1, (1 << 16) + 1, 1, -1, 2);
        assertThat(ConvTransposeKernels.TABLE.refusals(deep, Capabilities.avx512()))
                .containsExactly("convtranspose_f32_gemm_vector: 65537 channels and 4 taps");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        Window2d.Axis a = new Window2d.Axis(11, 3, 5, 2, 1, 0, 0);
        ConvProblem p = new ConvProblem(new Window2d(a, a), 1, 1, 3, 5, 2, 3);
        Kernel kernel = ConvTransposeKernels.TABLE.prepare(p, Tier.capabilities());
        long f = Float.BYTES;
        assertThat(KernelCheck.allocated(kernel, 3 * 25 * f, 3 * 5 * 9 * f, 5 * f, 5 * 121 * f))
                .as(kernel.id())
                .isZero();
    }
}
