package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of convolution against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
class ConvKernelsTest {
    private static final Window2d.Axis AXIS = new Window2d.Axis(56, 3, 56, 1, 1, 1, 1);
    private static final Window2d PLANE = new Window2d(AXIS, AXIS);

    @Property(tries = 15)
    void anyGeometry(
            @ForAll @IntRange(min = 1, max = 3) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 4) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 40) int moreColumns,
            @ForAll @IntRange(min = 1, max = 3) int group,
            @ForAll @IntRange(min = 1, max = 2) int inputs,
            @ForAll @IntRange(min = 1, max = 5) int outputs,
            @ForAll boolean bias) {
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * dilation + 1 + moreColumns;
        Conv op = Conv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride, 4 - stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("pads", new long[] {pad, 0, 1, pad}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, (long) group * inputs, height, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * outputs, inputs, kernelHeight, kernelWidth);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    @Property(tries = 10)
    void depthwiseWindowsThatSlide(
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 13) int height,
            @ForAll @IntRange(min = 1, max = 3) int pad,
            @ForAll @IntRange(min = 2, max = 4) int group,
            @ForAll @IntRange(min = 1, max = 2) int outputs,
            @ForAll boolean bias) {
        Conv op = Conv.of(Attributes.none().with("group", group).with("pads", new long[] {pad, 1, 1, pad}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, group, height, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * outputs, 1, 3, 3);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    /** Windows up to 7 x 7, with strides that the depthwise kernel takes and longer ones. */
    @Property(tries = 15)
    void depthwiseOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 7) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 7) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 5) int strideDown,
            @ForAll @IntRange(min = 1, max = 5) int strideAcross,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 12) int moreRows,
            @ForAll @IntRange(min = 0, max = 70) int moreColumns,
            @ForAll @IntRange(min = 2, max = 5) int group,
            @ForAll @IntRange(min = 1, max = 3) int outputs,
            @ForAll boolean bias) {
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * (4 - dilation) + 1 + moreColumns;
        Conv op = Conv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {strideDown, strideAcross})
                .with("dilations", new long[] {dilation, 4 - dilation})
                .with("pads", new long[] {pad, 0, 1, pad}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, group, height, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * outputs, 1, kernelHeight, kernelWidth);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "4, 1", "5, 1", "1, 2", "2, 2", "1, 3"})
    void depthwiseWindowsOfFive(int stride, int dilation) {
        Conv op = Conv.of(Attributes.none()
                .with("group", 6L)
                .with("strides", new long[] {stride, stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("pads", new long[] {2, 2, 2, 2}));
        for (long width : new long[] {9, 16, 17, 31, 33, 70}) {
            Tensor x = Literals.random(DType.FLOAT32, 1, 2, 6, 13, width + 4L * (dilation - 1));
            Tensor w = Literals.random(DType.FLOAT32, 2, 6, 1, 5, 5);
            String id = KernelCheck.run(CoreKernels.set(), op, List.of(x, w), 1, Tier.capabilities());
            assertThat(id)
                    .startsWith(
                            !Tier.capabilities().vector()
                                    ? "conv_f32_scalar"
                                    : stride > 4 ? "conv_f32_gemm" : "conv_f32_depthwise");
        }
    }

    @Property(tries = 8)
    void oneAxis(
            @ForAll @IntRange(min = 1, max = 5) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 80) int more,
            @ForAll @IntRange(min = 1, max = 4) int group,
            @ForAll @IntRange(min = 1, max = 3) int inputs,
            @ForAll @IntRange(min = 1, max = 4) int outputs,
            @ForAll boolean bias) {
        Conv op = Conv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride})
                .with("dilations", new long[] {dilation})
                .with("pads", new long[] {kernel / 2, kernel / 2}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, (long) group * inputs, (kernel - 1L) * dilation + 1 + more);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * outputs, inputs, kernel);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    /** Groups of several channels, where neither channels nor rows fill whole tiles of a kernel. */
    @Property(tries = 6)
    void groupsOfSeveralChannels(
            @ForAll @IntRange(min = 2, max = 4) int group,
            @ForAll @IntRange(min = 2, max = 9) int inputs,
            @ForAll @IntRange(min = 1, max = 15) int outputs,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 5) int height,
            @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll boolean bias) {
        Conv op = Conv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {1, stride})
                .with("pads", new long[] {1, 1, 1, 1}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, (long) group * inputs, height, width);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) group * outputs, inputs, 3, 3);
        check(op, x, w, bias ? Literals.random(DType.FLOAT32, 3, (long) group * outputs) : null);
    }

    /** Rows and output channels around those of vectors and tiles, dense and depthwise. */
    @Test
    void planesAroundEveryTail() {
        for (int width : Tails.sizes()) {
            anyGeometry(3, 3, 2, 1, 1, width % 3, width, 1, 2, 1 + width % 14, true);
            oneAxis(3, 1, 1, width, 1, 3, 1 + width % 14, false);
            depthwiseWindowsThatSlide(width, 3 + width % 5, 1, 2, 1, true);
        }
    }

    /** There is no kernel for three spatial axes, so the reference runs. */
    @Test
    void threeAxesAreLeftToTheReference() {
        Tensor x = Literals.random(DType.FLOAT32, 1, 1, 4, 3, 5, 7);
        Tensor w = Literals.random(DType.FLOAT32, 2, 6, 2, 2, 2, 3);
        Conv op = Conv.of(Attributes.none().with("group", 2L));
        List<TensorType> outputs = List.of(new TensorType(DType.FLOAT32, Shape.of(1, 6, 2, 4, 5)));
        assertThat(KernelRun.prepare(CoreKernels.set(), op, List.of(x, w), outputs, false, Tier.capabilities()))
                .isNull();
    }

    @Test
    @Tag("widest")
    void severalBlocksOfWindowsAndOfChannels() {
        Conv same = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        check(
                same,
                Literals.random(DType.FLOAT32, 1, 1, 40, 19, 23),
                Literals.random(DType.FLOAT32, 2, 150, 40, 3, 3),
                Literals.random(DType.FLOAT32, 3, 150));
        Conv plain = Conv.of(Attributes.none());
        check(
                plain,
                Literals.random(DType.FLOAT32, 1, 2, 300, 9, 61),
                Literals.random(DType.FLOAT32, 2, 70, 300, 1, 1),
                null);
    }

    private static void check(Conv op, Tensor x, Tensor w, Tensor bias) {
        List<Tensor> inputs = bias == null ? List.of(x, w) : List.of(x, w, bias);
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                .startsWith("conv_f32");
    }

    /** A file of packed weights is read by the ids of their layouts, so layouts of other machines need other ids. */
    @Test
    void layoutsOfOtherMachinesHaveOtherIds() {
        List<Layout> layouts = new ArrayList<>();
        for (int columns : new int[] {8, 16, 32}) {
            for (ChannelsLastWeightLayout.Form form : ChannelsLastWeightLayout.Form.values()) {
                layouts.add(new ChannelsLastWeightLayout(form, columns));
            }
            for (DType numbers : List.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16)) {
                layouts.add(new PanelLayout(columns, false, numbers));
                layouts.add(new PanelLayout(columns, true, numbers));
            }
        }
        assertThat(layouts.stream().map(Layout::id)).doesNotHaveDuplicates();
    }

    @Test
    void depthwiseBeforeProductBeforePlainLoops() {
        ConvProblem depthwise = new ConvProblem(PLANE, 1, 32, 1, 1, -1, 2);
        ConvProblem dense = new ConvProblem(PLANE, 1, 1, 32, 64, 2, 3);
        assertThat(ConvKernels.TABLE
                        .choose(depthwise, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("conv_f32_depthwise_vector");
        assertThat(ConvKernels.TABLE
                        .choose(dense, Capabilities.avx512())
                        .choice()
                        .id())
                .isEqualTo("conv_f32_gemm_vector");
        assertThat(ConvKernels.TABLE.choose(dense, Capabilities.avx512()).refusals())
                .containsExactly("conv_f32_depthwise_vector: groups of 32 and 64 channels");
        assertThat(ConvKernels.TABLE.choose(dense, Capabilities.SCALAR).choice().id())
                .isEqualTo("conv_f32_scalar");
        ConvProblem deep = new ConvProblem(PLANE, 1, 1, 1 << 14, 1, -1, 2);
        assertThat(ConvKernels.TABLE
                        .choose(deep, Capabilities.avx512())
                        .choice()
                        .id())
                .isEqualTo("conv_f32_scalar");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        Window2d.Axis a = new Window2d.Axis(9, 3, 5, 2, 1, 1, 1);
        for (ConvProblem p : List.of(
                new ConvProblem(new Window2d(a, a), 1, 4, 1, 1, 2, 3),
                new ConvProblem(new Window2d(a, a), 1, 1, 3, 5, 2, 3))) {
            Kernel kernel = ConvKernels.TABLE.prepare(p, Tier.capabilities());
            long channels = (long) p.groups() * p.outputChannels();
            long[] bytes = {
                (long) p.groups() * p.inputChannels() * p.window().pixels(),
                channels * p.terms(),
                channels,
                channels * p.window().windows()
            };
            assertThat(KernelCheck.allocated(
                            kernel,
                            Arrays.stream(bytes).map(n -> n * Float.BYTES).toArray()))
                    .as(kernel.id())
                    .isZero();
        }
    }
}
