package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.vector.conv.ConvTransposePanelLayout;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of transposed convolution against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class ConvTransposeKernelsTest {
    @Property(tries = 15)
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

    /** One axis, where neither rows nor channels fill whole tiles of a kernel. */
    @Property(tries = 8)
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

    /** Rows, and channels that are last, around those of vectors and tiles. */
    @Test
    void sizesAroundEveryTail() {
        for (int size : Tails.sizes()) {
            oneAxis(3, 2, 1, size, 1, 3, 1 + size % 14, true);
            anyGeometryWithChannelsLast(2, 2, 2, 1 + size % 6, 3, size, 1, true, true);
        }
    }

    /** There is no kernel for three spatial axes, so the reference runs. */
    @Test
    void threeAxesAreLeftToTheReference() {
        Tensor x = Literals.random(DType.FLOAT32, 1, 1, 4, 2, 3, 5);
        Tensor w = Literals.random(DType.FLOAT32, 2, 4, 3, 2, 2, 2);
        ConvTranspose op = ConvTranspose.of(Attributes.none().with("group", 2L));
        List<TensorType> outputs = List.of(new TensorType(DType.FLOAT32, Shape.of(1, 6, 3, 4, 6)));
        assertThat(KernelRun.prepare(CoreKernels.set(), op, List.of(x, w), outputs, false, Tier.capabilities()))
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
    @Tag("widest")
    void severalBlocksOfWindowsAndOfChannels() {
        ConvTranspose op = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}));
        int channels = Exhaustive.isOn() ? 40 : 9;
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 1, channels, 37, 43),
                Literals.random(DType.FLOAT32, 2, channels, 75, 2, 2),
                Literals.random(DType.FLOAT32, 3, 75));
    }

    private static void check(ConvTranspose op, Tensor x, Tensor w, Tensor bias) {
        List<Tensor> inputs = bias == null ? List.of(x, w) : List.of(x, w, bias);
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                .startsWith("convtranspose_f32");
        long[] channels = new long[x.rank() - 1];
        Arrays.fill(channels, 1);
        channels[0] = w.dim(1) * op.group();
        checkFused(op, inputs, channels);
    }

    /** Windows that neither overlap nor leave gaps have a kernel of their own. All others run in scalar loops. */
    @Property(tries = 12)
    void anyGeometryWithChannelsLast(
            @ForAll @IntRange(min = 1, max = 3) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 3) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 5) int height,
            @ForAll @IntRange(min = 1, max = 30) int width,
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 40) int outputs,
            @ForAll @IntRange(min = 1, max = 3) int group,
            @ForAll boolean separate,
            @ForAll boolean bias) {
        Attributes given = separate
                ? Attributes.none().with("strides", new long[] {kernelHeight, kernelWidth})
                : Attributes.none()
                        .with("group", group)
                        .with("strides", new long[] {2, 1})
                        .with("output_padding", new long[] {1, 0})
                        .with("dilations", new long[] {1, 2})
                        .with("pads", new long[] {0, 1, 0, 0});
        int groups = separate ? 1 : group;
        int few = separate ? inputs : Math.min(inputs, 3);
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, height, width + 2L, (long) few * groups);
        Tensor w = Literals.random(DType.FLOAT32, 2, (long) few * groups, outputs, kernelHeight, kernelWidth);
        Tensor b = bias ? Literals.random(DType.FLOAT32, 3, (long) groups * outputs) : null;
        checkLast(ConvTranspose.of(given), x, w, b, separate);
    }

    @Test
    void oneAxisAndWideWithChannelsLast() {
        ConvTranspose three = ConvTranspose.of(Attributes.none().with("strides", new long[] {3}));
        Tensor line = Literals.random(DType.FLOAT32, 1, 2, 19, 7);
        checkLast(three, line, Literals.random(DType.FLOAT32, 2, 7, 4, 3), Literals.random(DType.FLOAT32, 3, 4), true);
        ConvTranspose two = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}));
        Tensor many = Literals.random(DType.FLOAT32, 1, 1, 3, 700, 5);
        checkLast(two, many, Literals.random(DType.FLOAT32, 2, 5, 1, 2, 2), Literals.random(DType.FLOAT32, 3, 1), true);
    }

    @Test
    @Tag("widest")
    void deepWithChannelsLast() {
        ConvTranspose two = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}));
        Tensor deep = Literals.random(DType.FLOAT32, 1, 1, 2, 9, 600);
        checkLast(two, deep, Literals.random(DType.FLOAT32, 2, 600, 150, 2, 2), null, true);
    }

    private static void checkLast(ConvTranspose op, Tensor x, Tensor w, Tensor bias, boolean separate) {
        List<Tensor> inputs = bias == null ? List.of(x, w) : List.of(x, w, bias);
        ChannelsLast last = new ChannelsLast(op);
        String tier = separate && Tier.capabilities().vector() ? "vector" : "scalar";
        KernelCheck check = KernelCheck.of(last, inputs, 1);
        assertThat(check.run(CoreKernels.set(), true, Tier.capabilities()))
                .startsWith("convtranspose_f32_last_" + tier);
        assertThat(check.run(CoreKernels.set(), false, Tier.capabilities())).isEqualTo("convtranspose_f32_last_scalar");
        checkFused(last, inputs, w.dim(1) * op.group());
    }

    /** Compares fused epilogues with the reference: first one with all kinds of operands, then one with bounds only. */
    private static void checkFused(Op op, List<Tensor> inputs, long... channels) {
        long[] dims = KernelRun.outputTypes(op, inputs, 1).getFirst().shape().toArray();
        int n = inputs.size();
        Part anchor = new Part(op, IntStream.range(0, n).boxed().toList());
        List<Tensor> all = new ArrayList<>(inputs);
        all.add(Literals.random(DType.FLOAT32, 4, channels));
        all.add(Literals.random(DType.FLOAT32, 5, dims));
        Fused chain = new Fused(
                n + 2,
                anchor,
                List.of(
                        new Part(new Add(), List.of(n + 2, n)),
                        new Part(new Relu(), List.of(n + 3)),
                        new Part(new Add(), List.of(n + 4, n + 1)),
                        new Part(new Mul(), List.of(n, n + 5))));
        Fused bounded = new Fused(n, anchor, List.of(new Part(new Relu(), List.of(n))));
        assertThat(KernelCheck.run(CoreKernels.set(), chain, all, 1, true, Tier.capabilities()))
                .startsWith("convtranspose_f32")
                .endsWith("_fused");
        assertThat(KernelCheck.run(CoreKernels.set(), bounded, inputs, 1, true, Tier.capabilities()))
                .startsWith("convtranspose_f32")
                .endsWith("_fused");
    }

    /** An epilogue that runs on each block or line of a result gives the bits of one that runs on all of it afterwards. */
    @Test
    void fusionChangesNoBits() {
        ConvTranspose overlapping = ConvTranspose.of(
                Attributes.none().with("strides", new long[] {2, 2}).with("pads", new long[] {1, 0, 0, 1}));
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, 40, 37, 43);
        Tensor w = Literals.random(DType.FLOAT32, 2, 40, 21, 4, 3);
        requireSameBits(overlapping, x, w, Literals.random(DType.FLOAT32, 3, 21, 1, 1));
        ConvTranspose separate = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 3}));
        Tensor last = Literals.random(DType.FLOAT32, 1, 2, 37, 43, 40);
        Tensor few = Literals.random(DType.FLOAT32, 2, 40, 21, 2, 3);
        requireSameBits(new ChannelsLast(separate), last, few, Literals.random(DType.FLOAT32, 3, 21));
    }

    private static void requireSameBits(Op op, Tensor x, Tensor w, Tensor factor) {
        Part anchor = new Part(op, List.of(0, 1));
        Fused fused = new Fused(
                3,
                anchor,
                List.of(
                        new Part(new Mul(), List.of(3, 2)),
                        new Part(new Clip(), List.of(4, Fused.ABSENT, Fused.ABSENT)),
                        new Part(new Relu(), List.of(5))));
        float[] alone = run(op, List.of(x, w));
        float[] together = run(fused, List.of(x, w, factor));
        long pixels = op instanceof ChannelsLast ? 1 : (long) alone.length / 2 / factor.size();
        float[] expected = new float[alone.length];
        for (int i = 0; i < alone.length; i++) {
            expected[i] = Math.max(0, alone[i] * factor.getFloat(i / pixels % factor.size()));
        }
        assertThat(together).as("%s", op).isEqualTo(expected);
    }

    private static float[] run(Op op, List<Tensor> inputs) {
        List<Datum> operands = List.copyOf(inputs);
        List<TensorType> types = KernelRun.outputTypes(op, operands, 1);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, operands, types, true, Tier.capabilities());
        return KernelRun.run(prepared, operands).getFirst().toFloatArray();
    }

    @Test
    void productBeforePlainLoops() {
        Window2d.Axis a = new Window2d.Axis(112, 2, 56, 2, 1, 0, 0);
        ConvProblem p = new ConvProblem(new Window2d(a, a), 1, 1, 32, 64, 2, 3);
        assertThat(ConvTransposeKernels.TABLE
                        .choose(p, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("convtranspose_f32_gemm_vector");
        assertThat(ConvTransposeKernels.TABLE
                        .choose(p, Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("convtranspose_f32_scalar");
        ConvProblem deep = new ConvProblem(new Window2d(a, a), 1, 1, (1 << 16) + 1, 1, -1, 2);
        assertThat(ConvTransposeKernels.TABLE
                        .choose(deep, Capabilities.avx512())
                        .refusals())
                .containsExactly("convtranspose_f32_gemm_vector: 65537 channels and 4 taps");
    }

    @Test
    void packedWeightsSelectTheKernel() {
        Window2d.Axis a = new Window2d.Axis(112, 2, 56, 2, 1, 0, 0);
        ConvProblem p = new ConvProblem(new Window2d(a, a), 1, 1, 32, 64, 2, 3);
        ChannelsLastConvTransposeProblem packed = new ChannelsLastConvTransposeProblem(p, true);
        ChannelsLastConvTransposeProblem plain = new ChannelsLastConvTransposeProblem(p, false);
        KernelTable<ChannelsLastConvTransposeProblem> table = ChannelsLastConvTransposeKernels.TABLE;
        assertThat(table.choose(packed, Capabilities.avx2()).choice().id()).isEqualTo("convtranspose_f32_last_vector");
        assertThat(table.choose(plain, Capabilities.avx512()).choice().id()).isEqualTo("convtranspose_f32_last_scalar");
        assertThat(table.choose(plain, Capabilities.avx512()).refusals())
                .containsExactly("convtranspose_f32_last_vector: the weights are not in panels");
    }

    @Test
    void windowsThatOverlapOrLeaveGapsAreNotSeparate() {
        Tensor w = Literals.random(DType.FLOAT32, 1, 4, 3, 2, 2);
        Attributes separate = Attributes.none().with("strides", new long[] {2, 2});
        assertThat(isSeparate(separate, w)).isTrue();
        assertThat(isSeparate(separate.with("pads", new long[] {0, 0, 0, 0}).with("dilations", new long[] {1, 1}), w))
                .isTrue();
        assertThat(isSeparate(Attributes.none(), Literals.random(DType.FLOAT32, 1, 4, 3, 1, 1)))
                .isTrue();
        assertThat(isSeparate(Attributes.none(), w)).isFalse();
        assertThat(isSeparate(Attributes.none().with("strides", new long[] {2, 3}), w))
                .isFalse();
        assertThat(isSeparate(separate.with("group", 2L), w)).isFalse();
        assertThat(isSeparate(separate.with("pads", new long[] {0, 1, 0, 0}), w))
                .isFalse();
        assertThat(isSeparate(separate.with("dilations", new long[] {1, 2}), w)).isFalse();
        assertThat(isSeparate(separate.with("output_padding", new long[] {0, 1}), w))
                .isFalse();
        assertThat(isSeparate(separate.with("output_shape", new long[] {4, 4}), w))
                .isFalse();
        assertThat(isSeparate(separate, Literals.random(DType.FLOAT64, 1, 4, 3, 2, 2)))
                .isFalse();
        assertThat(isSeparate(
                        Attributes.none().with("strides", new long[] {2, 2, 2}),
                        Literals.random(DType.FLOAT32, 1, 4, 3, 2, 2, 2)))
                .isFalse();
    }

    private static boolean isSeparate(Attributes attributes, Tensor w) {
        TensorType planes = new TensorType(DType.FLOAT32, Shape.unknownRank());
        KernelRequest step = new KernelRequest(
                List.of(planes, w.type()),
                List.of(),
                Collections.nCopies(2, Layout.ROW_MAJOR),
                Arrays.asList(null, w),
                Capabilities.SCALAR);
        return CoreKernels.set().reasonAgainst(new ChannelsLast(ConvTranspose.of(attributes)), step) == null;
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
        Window2d.Axis b = new Window2d.Axis(14, 2, 7, 2, 1, 0, 0);
        ConvProblem separate = new ConvProblem(new Window2d(b, b), 1, 1, 3, 5, 2, 3);
        Tensor w = Tensor.allocate(DType.FLOAT32, 3, 5, 2, 2);
        boolean packed = Tier.capabilities().vector();
        long weights = packed ? new ConvTransposePanelLayout(1).byteSize(w.type()) : w.byteSize();
        Kernel last = ChannelsLastConvTransposeKernels.TABLE.prepare(
                new ChannelsLastConvTransposeProblem(separate, packed), Tier.capabilities());
        assertThat(KernelCheck.allocated(last, 3 * 49 * f, weights, 5 * f, 5 * 196 * f))
                .as(last.id())
                .isZero();
    }
}
