package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.IntegerConvProblem;
import dev.tenon.kernel.conv.IntegerConvProblem.Requantisation;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of the convolution of 8-bit integers against the reference, bit for bit, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class IntegerConvKernelsTest {
    private static DType type(boolean signed) {
        return signed ? DType.INT8 : DType.UINT8;
    }

    @Property(tries = 20)
    void anyGeometry(
            @ForAll @IntRange(min = 1, max = 3) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 4) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 2) int pad,
            @ForAll @IntRange(min = 0, max = 6) int moreRows,
            @ForAll @IntRange(min = 0, max = 40) int moreColumns,
            @ForAll @IntRange(min = 1, max = 3) int group,
            @ForAll @IntRange(min = 1, max = 5) int outputs,
            @ForAll boolean signedX,
            @ForAll boolean signedW,
            @ForAll boolean perChannel) {
        Attributes a = Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride, 4 - stride})
                .with("pads", new long[] {pad, 0, 1, pad});
        long channels = (long) group * outputs;
        Tensor x = Literals.random(
                type(signedX), 1, 2, 2L * group, (long) kernelHeight + moreRows, (long) kernelWidth + moreColumns);
        Tensor w = Literals.random(type(signedW), 2, channels, 2, kernelHeight, kernelWidth);
        long[] each = perChannel ? new long[] {channels} : new long[0];
        Tensor xZero = Literals.random(type(signedX), 3);
        Tensor wZero = Literals.random(type(signedW), 4, each);
        check(ConvInteger.of(a), x, w, xZero, wZero);
        check(ConvInteger.of(a), x, w);
        Tensor wScale = Tensor.allocate(DType.FLOAT32, each);
        for (long i = 0; i < wScale.size(); i++) {
            wScale.setDouble(i, 0.03 * (i + 1));
        }
        Tensor bias = Tensor.allocate(DType.INT32, channels);
        for (long i = 0; i < channels; i++) {
            bias.setLong(i, 1000 * i - 2000);
        }
        Tensor xScale = Tensor.scalar(0.02f);
        Tensor yScale = Tensor.scalar(0.7f);
        Tensor yZero = Literals.random(type(signedW), 5);
        check(QLinearConv.of(a), x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias);
        check(QLinearConv.of(a), x, xScale, xZero, w, wScale, wZero, yScale, yZero);
    }

    @Test
    void rowsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            anyGeometry(3, 3, 2, 1, 1, size, 1, 1 + size % 5, size % 2 == 0, true, true);
        }
    }

    @Test
    void planesOfOneElementEach() {
        Tensor x = Literals.random(DType.UINT8, 1, 2, 70, 5, 9);
        Tensor w = Literals.random(DType.INT8, 2, 33, 70, 1, 1);
        check(ConvInteger.of(Attributes.none()), x, w);
    }

    private static void check(Op op, Tensor... inputs) {
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(inputs), 1, Tier.capabilities()))
                .startsWith("conv_i8");
    }

    private static IntegerConvProblem problem() {
        Window2d.Axis a = new Window2d.Axis(9, 3, 5, 2, 1, 1, 1);
        Requantisation q = new Requantisation(1, 4, false, 6, 7, -1, true);
        return new IntegerConvProblem(
                new ConvShape(new Window2d(a, a), 1, 1, 3, 5),
                false,
                2,
                new IntegerConvProblem.Weights(3, true, 5, false),
                q,
                8);
    }

    @Test
    void vectorsAreSelectedWhereAvailable() {
        assertThat(IntegerConvKernels.TABLE
                        .choose(problem(), Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("conv_i8_vector");
        assertThat(IntegerConvKernels.TABLE
                        .choose(problem(), Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("conv_i8_scalar");
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Kernel kernel = IntegerConvKernels.TABLE.prepare(problem(), Tier.capabilities());
        assertThat(KernelCheck.allocated(kernel, 3 * 81, 4, 1, 5 * 27, 4, 1, 4, 1, 5 * 25))
                .as(kernel.id())
                .isZero();
    }
}
