package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.pool.ChannelsLastPoolKernels;
import dev.tenon.kernel.table.pool.ChannelsLastPoolKernelsTest;
import dev.tenon.op.Attributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels for channels last, scalar ones and those with vectors, against the reference. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class ChannelsLastConvKernelsTest {
    private static final ChannelsLast SAME =
            new ChannelsLast(Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})));

    /** Kernels in machine code have a test of their own. */
    private static Capabilities machine() {
        return Tier.capabilities().withInstructions(Set.of());
    }

    @Property(tries = 15)
    void denseOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 3) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 4) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 12) int moreColumns,
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll boolean bias) {
        Conv op = conv(1, stride, dilation, pad);
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * dilation + 1 + moreColumns;
        dense(op, height, width, inputs, outputs, kernelHeight, kernelWidth, bias);
    }

    @Property(tries = 15)
    void windowsOfFewChannels(
            @ForAll @IntRange(min = 3, max = 7) int kernelHeight,
            @ForAll @IntRange(min = 3, max = 7) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll @IntRange(min = 1, max = 2) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 60) int moreColumns,
            @ForAll @IntRange(min = 1, max = 2) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll boolean bias) {
        Conv op = Conv.of(Attributes.none()
                .with("strides", new long[] {stride, stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("pads", new long[] {pad, 0, 1, pad}));
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * dilation + 1 + moreColumns;
        dense(op, height, width, inputs, outputs, kernelHeight, kernelWidth, bias);
    }

    private static void dense(
            Conv op,
            long height,
            long width,
            int inputs,
            int outputs,
            int kernelHeight,
            int kernelWidth,
            boolean bias) {
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 2, height, width, inputs),
                Literals.random(DType.FLOAT32, 2, outputs, inputs, kernelHeight, kernelWidth),
                bias ? Literals.random(DType.FLOAT32, 3, outputs) : null);
    }

    @Property(tries = 10)
    void depthwiseOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 5) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 5) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 12) int moreColumns,
            @ForAll @IntRange(min = 1, max = 70) int channels,
            @ForAll boolean bias) {
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * dilation + 1 + moreColumns;
        check(
                conv(channels, stride, dilation, pad),
                Literals.random(DType.FLOAT32, 1, 2, height, width, channels),
                Literals.random(DType.FLOAT32, 2, channels, 1, kernelHeight, kernelWidth),
                bias ? Literals.random(DType.FLOAT32, 3, channels) : null);
    }

    private static Conv conv(long group, long stride, long dilation, long pad) {
        return Conv.of(Attributes.none()
                .with("group", group)
                .with("strides", new long[] {stride, 4 - stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("pads", new long[] {pad, 0, 1, pad}));
    }

    @Property(tries = 6)
    void slidingWindowsOfThreeAndFiveColumns(
            @ForAll @IntRange(min = 1, max = 20) int height,
            @ForAll @IntRange(min = 4, max = 20) int width,
            @ForAll @IntRange(min = 16, max = 70) int channels,
            @ForAll boolean five) {
        int size = five ? 5 : 3;
        long pad = size / 2;
        Conv op =
                Conv.of(Attributes.none().with("group", (long) channels).with("pads", new long[] {pad, pad, pad, pad}));
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 2, height, width, channels),
                Literals.random(DType.FLOAT32, 2, channels, 1, size, size),
                null);
    }

    @Property(tries = 6)
    void transformedWeights(
            @ForAll @IntRange(min = 1, max = 33) int width,
            @ForAll @IntRange(min = 1, max = 33) int height,
            @ForAll @IntRange(min = 0, max = 1) int pad,
            @ForAll @IntRange(min = 12, max = 50) int inputs,
            @ForAll @IntRange(min = 12, max = 80) int outputs,
            @ForAll boolean bias) {
        Conv op = Conv.of(Attributes.none().with("pads", new long[] {pad, 1, 1, pad}));
        check(
                op,
                Literals.random(DType.FLOAT32, 1, 2, height + 1L, width + 1L, inputs),
                Literals.random(DType.FLOAT32, 2, outputs, inputs, 3, 3),
                bias ? Literals.random(DType.FLOAT32, 3, outputs) : null);
    }

    /** Numbers of channels around those of vectors and panels, and rows around those of tiles. */
    @Test
    void channelsAroundEveryTail() {
        for (int channels : Tails.sizes()) {
            channels(channels);
        }
    }

    private static void channels(int channels) {
        Conv dense = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        check(
                dense,
                Literals.random(DType.FLOAT32, 1, 1, 3, 5 + channels % 13, 7),
                Literals.random(DType.FLOAT32, 2, channels, 7, 3, 3),
                Literals.random(DType.FLOAT32, 3, channels));
        Conv depthwise =
                Conv.of(Attributes.none().with("group", (long) channels).with("pads", new long[] {1, 1, 1, 1}));
        check(
                depthwise,
                Literals.random(DType.FLOAT32, 1, 2, 3, 4 + channels % 5, channels),
                Literals.random(DType.FLOAT32, 2, channels, 1, 3, 3),
                null);
        Attributes pool = Attributes.none()
                .with("kernel_shape", new long[] {3, 3})
                .with("strides", new long[] {2, 2})
                .with("pads", new long[] {1, 1, 1, 1});
        Tensor x = Literals.random(DType.FLOAT32, 1, 1, 7, 8, channels);
        ChannelsLastPoolKernelsTest.pool(MaxPool.of(pool), x);
        ChannelsLastPoolKernelsTest.pool(AveragePool.of(pool), x);
    }

    @Test
    void deepOnesAndOneAxis() {
        Conv plain = Conv.of(Attributes.none());
        for (long[] plane :
                Exhaustive.isOn() ? new long[][] {{2, 9, 61, 600}} : new long[][] {{2, 9, 61, 30}, {1, 3, 13, 600}}) {
            check(
                    plain,
                    Literals.random(DType.FLOAT32, 1, plane),
                    Literals.random(DType.FLOAT32, 2, 70, plane[3], 1, 1),
                    Literals.random(DType.FLOAT32, 3, 70));
        }
        Conv same = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        int side = Exhaustive.isOn() ? 8 : 4;
        check(
                same,
                Literals.random(DType.FLOAT32, 1, 1, side, side, 530),
                Literals.random(DType.FLOAT32, 2, 40, 530, 3, 3),
                null);
        check(
                Conv.of(Attributes.none().with("pads", new long[] {2, 1}).with("strides", new long[] {2})),
                Literals.random(DType.FLOAT32, 1, 2, 21, 30),
                Literals.random(DType.FLOAT32, 2, 40, 30, 4),
                Literals.random(DType.FLOAT32, 3, 40));
        check(
                Conv.of(Attributes.none().with("pads", new long[] {4, 4})),
                Literals.random(DType.FLOAT32, 1, 2, 77, 1),
                Literals.random(DType.FLOAT32, 2, 40, 1, 9),
                Literals.random(DType.FLOAT32, 3, 40));
    }

    /** Many channels, and many windows. */
    @Test
    @Tag("widest")
    void largeSumsKeepToTheBoundOfTheOperator() {
        KernelCheck.run(CoreKernels.set(), SAME, operands(96, 30), 1, true, machine());
        if (machine().vector()) {
            KernelCheck.run(CoreKernels.set(), SAME, operands(256, 14), 1, true, machine());
        }
    }

    /** Operands of {@link #SAME}, with as many channels of the output as of the input. */
    private static List<Tensor> operands(long channels, long size) {
        return List.of(
                Literals.random(DType.FLOAT32, 1, 1, size, size, channels),
                Literals.random(DType.FLOAT32, 2, channels, channels, 3, 3));
    }

    private static void check(Conv op, Tensor x, Tensor w, Tensor bias) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, w));
        if (bias != null) {
            inputs.add(bias);
        }
        ChannelsLast last = new ChannelsLast(op);
        assertThat(KernelCheck.run(CoreKernels.set(), last, inputs, 1, true, machine()))
                .startsWith("conv_f32_last");
        // The same with an epilogue: a term for each channel, then Relu.
        Tensor channels = Literals.random(DType.FLOAT32, 4, w.dim(0));
        Part anchor = new Part(last, bias == null ? List.of(0, 1) : List.of(0, 1, 2));
        int n = inputs.size() + 1;
        Fused fused = new Fused(
                n, anchor, List.of(new Part(new Add(), List.of(n, n - 1)), new Part(new Relu(), List.of(n + 1))));
        inputs.add(channels);
        assertThat(KernelCheck.run(CoreKernels.set(), fused, inputs, 1, true, machine()))
                .startsWith("conv_f32_last");
    }

    /** A kernel that adds a residual and applies bounds gives the bits of separate steps. */
    @Property(tries = 8)
    void residualAndBoundsGiveTheBitsOfSeparateSteps(
            @ForAll @IntRange(min = 1, max = 13) int side,
            @ForAll @IntRange(min = 1, max = 80) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs) {
        Window2d.Axis axis = new Window2d.Axis(side, 3, side, 1, 1, 1, 1);
        Window2d plane = new Window2d(axis, axis);
        for (Form form : forms()) {
            boolean taps = form == Form.DEPTHWISE;
            int channels = taps ? outputs + 16 : outputs;
            ConvProblem conv =
                    new ConvProblem(plane, 2, taps ? channels : 1, taps ? 1 : inputs, taps ? 1 : outputs, 2, 4);
            ChannelsLastConvProblem alone = new ChannelsLastConvProblem(conv, form);
            float[] free = results(alone);
            check(form, free, null, results(alone.withBounds(-0.5f, Float.POSITIVE_INFINITY)), Float.POSITIVE_INFINITY);
            check(form, free, null, results(alone.withBounds(-0.5f, 0.25f)), 0.25f);
            if (form != null && !taps) {
                float[] more = residual(conv).toFloatArray();
                check(form, free, more, results(alone.withResidual(3).withBounds(-0.5f, 0.25f)), 0.25f);
            }
        }
    }

    private static void check(Form form, float[] free, float[] residual, float[] found, float greatest) {
        float[] expected = new float[free.length];
        for (int i = 0; i < free.length; i++) {
            float sum = residual == null ? free[i] : free[i] + residual[i];
            expected[i] = sum < -0.5f ? -0.5f : sum > greatest ? greatest : sum;
        }
        Closeness.requireEqual("weights as " + form, found, expected);
    }

    /** The forms of weights that the tier reads. */
    private static Form[] forms() {
        return machine().vector() ? new Form[] {Form.PANELS, Form.WINOGRAD_4X4, Form.DEPTHWISE} : new Form[] {null};
    }

    private static Tensor residual(ConvProblem c) {
        return Literals.random(
                DType.FLOAT32, 4, c.instances() * c.window().windows() * c.groups() * c.outputChannels());
    }

    /** The result of a kernel for random operands, one of which is NaN. */
    private static float[] results(ChannelsLastConvProblem p) {
        return results(p, false);
    }

    private static float[] results(ChannelsLastConvProblem p, boolean overResidual) {
        ConvProblem c = p.conv();
        Tensor x =
                Literals.random(DType.FLOAT32, 1, c.instances() * c.window().pixels() * c.groups() * c.inputChannels());
        x.setDouble(x.size() / 2, Double.NaN);
        return results(p, KernelRun.operand(x), overResidual);
    }

    private static float[] results(ChannelsLastConvProblem p, MemorySegment x, boolean overResidual) {
        MemorySegment[] operands = operands(p, x);
        if (overResidual) {
            operands[4] = operands[3];
        }
        run(ChannelsLastConvKernels.TABLE.prepare(p, machine()), operands);
        return operands[4].toArray(ValueLayout.JAVA_FLOAT);
    }

    private static void run(Kernel kernel, MemorySegment[] operands) {
        kernel.run(operands, Arena.ofAuto().allocate(Math.max(1, kernel.scratchBytes()), 64), 0, kernel.parts());
    }

    /** An input, random weights, bias and residual, and memory for the result. */
    private static MemorySegment[] operands(ChannelsLastConvProblem p, MemorySegment x) {
        ConvProblem c = p.conv();
        int channels = c.groups() * c.outputChannels();
        int lanes = Math.max(4, machine().vectorBits() / Float.SIZE);
        Layout layout = p.weights() == null
                ? Layout.ROW_MAJOR
                : new ChannelsLastWeightLayout(p.weights(), p.weights() == Form.DEPTHWISE ? 1 : 2 * lanes);
        Tensor w = Literals.random(DType.FLOAT32, 2, channels, c.inputChannels(), 3, 3);
        Tensor b = Literals.random(DType.FLOAT32, 3, channels);
        Tensor y = Tensor.allocate(DType.FLOAT32, c.instances() * c.window().windows() * channels);
        MemorySegment[] operands = {
            x,
            Arena.ofAuto().allocate(layout.byteSize(w.type()), 64),
            KernelRun.operand(b),
            KernelRun.operand(residual(c)),
            KernelRun.operand(y)
        };
        layout.pack(w, operands[1]);
        return operands;
    }

    /** A result with gaps between its rows has the bits of one without, and the gaps are not written. */
    @Test
    void rowsOfResultsMayHaveGaps() {
        int lanes = machine().vector() ? machine().vectorBits() / Float.SIZE : 1;
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        for (Form form : denseForms()) {
            for (int inputs : new int[] {5, 70}) {
                for (int outputs : new int[] {lanes, 2 * lanes, 7 * lanes}) {
                    ConvProblem conv = new ConvProblem(new Window2d(axis, axis), 2, 1, inputs, outputs, 2, 4);
                    rowsWithGaps(new ChannelsLastConvProblem(conv, form).withBounds(-0.5f, 0.5f), lanes);
                }
            }
        }
    }

    private static void rowsWithGaps(ChannelsLastConvProblem p, int lanes) {
        ConvProblem conv = p.conv();
        int outputs = conv.outputChannels();
        int pitch = outputs + 3 * lanes;
        Kernel apart = ChannelsLastConvKernels.TABLE.prepare(p, machine()).withOutputRowStride(pitch);
        if (!machine().vector()) {
            assertThat(apart).isNull();
            return;
        }
        int rows = (int) (2 * conv.window().windows());
        MemorySegment x = KernelRun.operand(
                Literals.random(DType.FLOAT32, 1, 2 * conv.window().pixels() * conv.inputChannels()));
        MemorySegment[] operands = operands(p, x);
        Tensor whole = Tensor.allocate(DType.FLOAT32, (rows - 1L) * pitch + outputs);
        for (long i = 0; i < whole.size(); i++) {
            whole.setDouble(i, 7);
        }
        operands[4] = KernelRun.operand(whole);
        run(apart, operands);
        float[] found = operands[4].toArray(ValueLayout.JAVA_FLOAT);
        float[] together = results(p, x, false);
        float[] expected = new float[found.length];
        for (int i = 0; i < found.length; i++) {
            int channel = i % pitch;
            expected[i] = channel < outputs ? together[i / pitch * outputs + channel] : 7;
        }
        Closeness.requireEqual(apart.id(), found, expected);
    }

    @Test
    void rowsHaveNoGapsWhereMoreIsWrittenOrRead() {
        int lanes = Math.max(4, machine().vectorBits() / Float.SIZE);
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Form form = machine().vector() ? Form.PANELS : null;
        for (int outputs : new int[] {lanes, lanes + 1}) {
            ConvProblem conv = new ConvProblem(new Window2d(axis, axis), 2, 1, 5, outputs, 2, 4);
            ChannelsLastConvProblem alone = new ChannelsLastConvProblem(conv, form);
            ChannelsLastConvProblem p = outputs == lanes && form != null ? alone.withResidual(3) : alone;
            assertThat(ChannelsLastConvKernels.TABLE.prepare(p, machine()).withOutputRowStride(4 * lanes))
                    .isNull();
        }
    }

    /** A kernel may multiply tiles of several instances together. */
    @Property(tries = 6)
    void instancesDoNotInfluenceEachOther(
            @ForAll @IntRange(min = 1, max = 31) int side,
            @ForAll @IntRange(min = 1, max = 70) int inputs,
            @ForAll @IntRange(min = 1, max = 9) int instances) {
        for (Form form : denseForms()) {
            instances(form, side, inputs, instances);
        }
    }

    private static void instances(Form form, int side, int inputs, int instances) {
        Window2d.Axis axis = new Window2d.Axis(side, 3, side, 1, 1, 1, 1);
        Window2d plane = new Window2d(axis, axis);
        ConvProblem all = new ConvProblem(plane, instances, 1, inputs, 37, 2, 4);
        ConvProblem one = new ConvProblem(plane, 1, 1, inputs, 37, 2, 4);
        long elements = plane.pixels() * inputs;
        MemorySegment x = KernelRun.operand(Literals.random(DType.FLOAT32, 1, instances * elements));
        float[] together = results(new ChannelsLastConvProblem(all, form), x, false);
        for (int i = 0; i < instances; i++) {
            MemorySegment its = x.asSlice(i * elements * Float.BYTES, elements * Float.BYTES);
            float[] alone = results(new ChannelsLastConvProblem(one, form), its, false);
            Closeness.requireEqual(
                    "instance " + i, Arrays.copyOfRange(together, i * alone.length, (i + 1) * alone.length), alone);
        }
    }

    private static Form[] denseForms() {
        return machine().vector() ? new Form[] {Form.PANELS, Form.WINOGRAD_4X4} : new Form[] {null};
    }

    /** Minimal filtering of channels around vectors and panels, of planes around tiles, and of more than one block of terms. */
    @Test
    @Tag("vector")
    void transformedWeightsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            transformed(1, 5 + size % 7, 4 + size % 5, Math.max(12, size), 13);
            transformed(1, 6, 5, 13, Math.max(12, size));
        }
        transformed(2, 200, 5, 40, 18);
        transformed(2, 5, 4, 512, 13);
        transformed(1, 6, 5, 600, 14);
    }

    private static void transformed(long images, long width, long height, int inputs, int outputs) {
        Capabilities requested = machine().requesting("conv_f32_last_winograd_vector");
        for (long pad = 0; pad < 2; pad++) {
            Conv op = Conv.of(Attributes.none().with("pads", new long[] {pad, 1, 1, pad}));
            List<Tensor> operands = List.of(
                    Literals.random(DType.FLOAT32, 1, images, height, width, inputs),
                    Literals.random(DType.FLOAT32, 2, outputs, inputs, 3, 3),
                    Literals.random(DType.FLOAT32, 3, outputs));
            List<Tensor> chosen = pad == 0 ? operands : operands.subList(0, 2);
            assertThat(KernelCheck.run(CoreKernels.set(), new ChannelsLast(op), chosen, 1, true, requested))
                    .startsWith("conv_f32_last_winograd_vector");
        }
    }

    @Test
    void boundsOfTheBodyAreFound() {
        Conv op = Conv.of(Attributes.none());
        Tensor x = Literals.random(DType.FLOAT32, 1, 1, 5, 5, 20);
        Tensor w = Literals.random(DType.FLOAT32, 2, 20, 20, 1, 1);
        List<Tensor> inputs = List.of(x, w, Tensor.scalar(-0.25f), Tensor.scalar(1e9f));
        Fused clip = new Fused(
                4,
                new Part(new ChannelsLast(op), List.of(0, 1)),
                List.of(new Part(new Clip(), List.of(4, 2, 3)), new Part(new Add(), List.of(5, 5))));
        boolean vector = machine().vector();
        String id = "conv_f32_last_" + (vector ? "product_vector" : "scalar");
        assertThat(KernelCheck.run(CoreKernels.set(), clip, inputs, 1, true, machine()))
                .startsWith(id)
                .endsWith("_fused");
        Fused relu = new Fused(2, clip.anchor(), List.of(new Part(new Relu(), List.of(2))));
        assertThat(KernelCheck.run(CoreKernels.set(), relu, List.of(x, w), 1, true, machine()))
                .startsWith(id)
                .doesNotContain("fused");
    }

    /** The result may overwrite the residual if each sum is one block of terms. */
    @Test
    void theResultMayOverwriteTheResidual() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Form form = machine().vector() ? Form.PANELS : null;
        for (int inputs : new int[] {20, 60}) {
            int outputs = inputs + 17;
            ConvProblem conv = new ConvProblem(new Window2d(axis, axis), 2, 1, inputs, outputs, 2, 4);
            ChannelsLastConvProblem sum = new ChannelsLastConvProblem(conv, form).withResidual(form == null ? -1 : 3);
            Kernel kernel = ChannelsLastConvKernels.TABLE.prepare(sum, machine());
            assertThat(kernel.inPlace(3, 0)).isEqualTo(form != null && inputs == 20);
            assertThat(kernel.inPlace(0, 0)).isFalse();
            if (kernel.inPlace(3, 0)) {
                Closeness.requireEqual(inputs + " inputs", results(sum, true), results(sum));
            }
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        int lanes = Math.max(4, machine().vectorBits() / Float.SIZE);
        Window2d.Axis a = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Window2d plane = new Window2d(a, a);
        for (Form form : forms()) {
            boolean taps = form == Form.DEPTHWISE;
            ConvProblem p = new ConvProblem(plane, 1, taps ? 40 : 1, taps ? 1 : 40, taps ? 1 : 40, 2, 4);
            ChannelsLastConvProblem bounded = new ChannelsLastConvProblem(p, form).withBounds(0, 6);
            Kernel kernel = ChannelsLastConvKernels.TABLE.prepare(
                    form == Form.PANELS ? bounded.withResidual(3) : bounded, machine());
            TensorType weights = new TensorType(DType.FLOAT32, Shape.of(40, taps ? 1 : 40, 3, 3));
            long weightBytes = form == null
                    ? weights.shape().knownElements() * Float.BYTES
                    : new ChannelsLastWeightLayout(form, 2 * lanes).byteSize(weights);
            long imageBytes = 40L * 81 * Float.BYTES;
            assertThat(KernelCheck.allocated(
                            kernel, imageBytes, weightBytes, 40L * Float.BYTES, imageBytes, imageBytes))
                    .as(kernel.id())
                    .isZero();
        }
        Window2d.Axis second = new Window2d.Axis(9, 3, 5, 2, 1, 1, 1);
        for (Window2d windows : List.of(plane, new Window2d(second, second))) {
            for (boolean average : new boolean[] {false, true}) {
                ChannelsLastPoolProblem p = new ChannelsLastPoolProblem(windows, 1, 90, average, false);
                Kernel kernel = ChannelsLastPoolKernels.TABLE.prepare(p, machine());
                assertThat(KernelCheck.allocated(kernel, 90 * 81L * Float.BYTES, 90 * 81L * Float.BYTES))
                        .as(kernel.id() + " of " + p)
                        .isZero();
            }
        }
    }
}
