package dev.tenon.kernel.x64.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.conv.ChannelsLastConvKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.GuardPages;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.Tails;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Convolutions in machine code against the reference, on machines that have nothing else. */
class X64ChannelsLastConvTest {
    @Property(tries = 40)
    void denseOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 4) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 5) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 33) int moreColumns,
            @ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll boolean bias) {
        long height = (kernelHeight - 1L) * dilation + 1 + moreRows;
        long width = (kernelWidth - 1L) * dilation + 1 + moreColumns;
        check(
                conv(1, stride, dilation, pad),
                Literals.random(DType.FLOAT32, 1, 2, height, width, inputs),
                Literals.random(DType.FLOAT32, 2, outputs, inputs, kernelHeight, kernelWidth),
                bias ? Literals.random(DType.FLOAT32, 3, outputs) : null);
    }

    @Property(tries = 40)
    void depthwiseOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 5) int kernelHeight,
            @ForAll @IntRange(min = 1, max = 5) int kernelWidth,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 4) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 33) int moreColumns,
            @ForAll @IntRange(min = 16, max = 70) int channels,
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

    /** Numbers of channels around those of vectors and panels, and of windows around those of tiles. */
    @Test
    void channelsAndWindowsAroundEveryTail() {
        Conv same = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        Conv one = Conv.of(Attributes.none());
        for (int size : Tails.sizes()) {
            check(
                    same,
                    Literals.random(DType.FLOAT32, 1, 1, 3, 5 + size % 13, 7),
                    Literals.random(DType.FLOAT32, 2, size, 7, 3, 3),
                    Literals.random(DType.FLOAT32, 3, size));
            check(
                    one,
                    Literals.random(DType.FLOAT32, 1, 1, 1, size, size),
                    Literals.random(DType.FLOAT32, 2, 49, size, 1, 1),
                    null);
            if (size >= 15) {
                int channels = size + 1;
                Conv depthwise =
                        Conv.of(Attributes.none().with("group", (long) channels).with("pads", new long[] {1, 1, 1, 1}));
                check(
                        depthwise,
                        Literals.random(DType.FLOAT32, 1, 2, 3, 4 + size % 15, channels),
                        Literals.random(DType.FLOAT32, 2, channels, 1, 3, 3),
                        null);
            }
        }
    }

    @Property(tries = 30)
    void transformedWeights(
            @ForAll @IntRange(min = 1, max = 33) int width,
            @ForAll @IntRange(min = 1, max = 33) int height,
            @ForAll @IntRange(min = 0, max = 1) int pad,
            @ForAll @IntRange(min = 12, max = 50) int inputs,
            @ForAll @IntRange(min = 12, max = 150) int outputs,
            @ForAll boolean bias) {
        transformed(width + 1L, height + 1L, pad, inputs, outputs, bias);
    }

    /** Channels around vectors and panels, and lines that are cut into several blocks. */
    @Test
    void transformedWeightsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            if (size >= 12) {
                transformed(5, 7, 1, size, 20, true);
                transformed(9, 8, 1, 13, size, false);
            }
        }
        transformed(200, 9, 1, 70, 70, true);
        transformed(1000, 5, 1, 16, 16, true);
    }

    /** Each width of vectors, with typical caches and with small ones, where parts and blocks are smaller. */
    private static List<Capabilities> machines() {
        List<Capabilities> machines = new ArrayList<>();
        for (Capabilities machine : Profile.ofEachWidth()) {
            machines.add(machine);
            machines.add(machine.withCaches(new Caches(16 << 10, 32 << 10, 0)));
        }
        return machines;
    }

    private static void transformed(long width, long height, long pad, int inputs, int outputs, boolean bias) {
        Conv op = Conv.of(Attributes.none().with("pads", new long[] {pad, 1, 1, pad}));
        List<Tensor> operands = new ArrayList<>(List.of(
                Literals.random(DType.FLOAT32, 1, 2, height, width, inputs),
                Literals.random(DType.FLOAT32, 2, outputs, inputs, 3, 3)));
        if (bias) {
            operands.add(Literals.random(DType.FLOAT32, 3, outputs));
        }
        ChannelsLast last = new ChannelsLast(op);
        KernelCheck alone = KernelCheck.of(last, operands, 1);
        Part anchor = new Part(last, bias ? List.of(0, 1, 2) : List.of(0, 1));
        int n = operands.size() + 1;
        operands.add(Literals.random(DType.FLOAT32, 4, 2, height + pad - 1, width + pad - 1, outputs));
        Fused fused = new Fused(
                n, anchor, List.of(new Part(new Relu(), List.of(n)), new Part(new Add(), List.of(n + 1, n - 1))));
        KernelCheck more = KernelCheck.of(fused, operands, 1);
        for (Capabilities each : machines()) {
            Capabilities machine = each.requesting("conv_f32_last_winograd_x64");
            assertThat(alone.run(CoreKernels.set(), true, machine))
                    .contains("_winograd")
                    .contains("_x64_");
            assertThat(more.run(CoreKernels.set(), true, machine))
                    .contains("_winograd")
                    .contains("_x64_");
        }
    }

    /** Windows of common sizes over lines of any length, in groups that may cross both borders. */
    @Test
    void depthwiseOnesOverLinesOfAnyLength() {
        for (int kernel : new int[] {3, 5}) {
            for (int stride : new int[] {1, 2}) {
                for (int width = 1; width <= 35; width++) {
                    long pad = kernel / 2;
                    Conv op = Conv.of(Attributes.none()
                            .with("group", 24L)
                            .with("strides", new long[] {stride, stride})
                            .with("pads", new long[] {pad, pad, pad, pad}));
                    check(
                            op,
                            Literals.random(DType.FLOAT32, 1, 1, 1 + width % 4, width, 24),
                            Literals.random(DType.FLOAT32, 2, 24, 1, kernel, kernel),
                            Literals.random(DType.FLOAT32, 3, 24));
                }
            }
        }
    }

    @Test
    void firstDeepAndSingleAxisOnes() {
        check(
                Conv.of(Attributes.none().with("strides", new long[] {2, 2}).with("pads", new long[] {3, 3, 3, 3})),
                Literals.random(DType.FLOAT32, 1, 1, 33, 41, 3),
                Literals.random(DType.FLOAT32, 2, 24, 3, 7, 7),
                Literals.random(DType.FLOAT32, 3, 24));
        check(
                Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})),
                Literals.random(DType.FLOAT32, 1, 2, 7, 7, 200),
                Literals.random(DType.FLOAT32, 2, 130, 200, 3, 3),
                null);
        check(
                Conv.of(Attributes.none().with("strides", new long[] {2, 2})),
                Literals.random(DType.FLOAT32, 1, 2, 13, 28, 30),
                Literals.random(DType.FLOAT32, 2, 70, 30, 1, 1),
                Literals.random(DType.FLOAT32, 3, 70));
        for (long dilation : new long[] {1, 5}) {
            check(
                    Conv.of(Attributes.none().with("pads", new long[] {4, 1}).with("dilations", new long[] {dilation})),
                    Literals.random(DType.FLOAT32, 1, 2, 77, 20),
                    Literals.random(DType.FLOAT32, 2, 40, 20, 4),
                    Literals.random(DType.FLOAT32, 3, 40));
        }
    }

    private static void check(Conv op, Tensor x, Tensor w, Tensor bias) {
        List<Tensor> inputs = new ArrayList<>(List.of(x, w));
        if (bias != null) {
            inputs.add(bias);
        }
        ChannelsLast last = new ChannelsLast(op);
        KernelCheck alone = KernelCheck.of(last, inputs, 1);
        // The same with an epilogue: a term for each channel, then Relu.
        Part anchor = new Part(last, bias == null ? List.of(0, 1) : List.of(0, 1, 2));
        int n = inputs.size() + 1;
        inputs.add(Literals.random(DType.FLOAT32, 4, w.dim(0)));
        Fused fused = new Fused(
                n, anchor, List.of(new Part(new Add(), List.of(n, n - 1)), new Part(new Relu(), List.of(n + 1))));
        KernelCheck more = KernelCheck.of(fused, inputs, 1);
        for (Capabilities machine : machines()) {
            assertThat(alone.run(CoreKernels.set(), true, machine))
                    .startsWith("conv_f32_last_")
                    .contains("_x64_");
            assertThat(more.run(CoreKernels.set(), true, machine))
                    .startsWith("conv_f32_last_")
                    .contains("_x64_");
        }
    }

    /** A residual, bounds and any other operator after them. */
    @Test
    void epiloguesOfAllKinds() {
        Conv same = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        for (int outputs : new int[] {1, 16, 40, 67}) {
            Tensor x = Literals.random(DType.FLOAT32, 1, 1, 5, 9, 20);
            Tensor w = Literals.random(DType.FLOAT32, 2, outputs, 20, 3, 3);
            Tensor residual = Literals.random(DType.FLOAT32, 4, 1, 5, 9, outputs);
            List<Tensor> inputs = List.of(x, w, residual, Tensor.scalar(0.5f));
            Part anchor = new Part(new ChannelsLast(same), List.of(0, 1));
            Part sum = new Part(new Add(), List.of(4, 2));
            Part relu = new Part(new Relu(), List.of(5));
            Part more = new Part(new Add(), List.of(6, 3));
            for (int parts = 1; parts <= 3; parts++) {
                Fused fused = new Fused(4, anchor, List.of(sum, relu, more).subList(0, parts));
                KernelCheck check = KernelCheck.of(fused, inputs, 1);
                for (Capabilities machine : Profile.ofEachWidth()) {
                    String id = check.run(CoreKernels.set(), true, machine);
                    assertThat(id).startsWith("conv_f32_last_").contains("_x64_");
                    assertThat(id.endsWith("_fused")).isEqualTo(parts == 3);
                }
            }
        }
    }

    /** The bits of a residual and bounds are those of separate steps; the result may overwrite the residual. NaN stays. */
    @Test
    void residualAndBoundsGiveTheBitsOfSeparateSteps() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Window2d plane = new Window2d(axis, axis);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (int outputs : new int[] {5, 37, 64}) {
                for (Form form : new Form[] {Form.WINOGRAD_2X2, Form.WINOGRAD_4X4}) {
                    boundsOfTransformedOnes(new ConvProblem(plane, 2, 1, 20, outputs, 2, 4), form, machine);
                }
                ConvProblem conv = new ConvProblem(plane, 2, 1, 20, outputs, 2, 4);
                ChannelsLastConvProblem alone = new ChannelsLastConvProblem(conv, Form.PANELS);
                MemorySegment[] operands = operands(alone, machine);
                operands[0].setAtIndex(ValueLayout.JAVA_FLOAT, 1000, Float.NaN);
                float[] expected = results(alone, machine, operands);
                float[] more = operands[3].toArray(ValueLayout.JAVA_FLOAT);
                for (int i = 0; i < expected.length; i++) {
                    float sum = expected[i] + more[i];
                    expected[i] = sum < -0.5f ? -0.5f : sum > 0.25f ? 0.25f : sum;
                }
                ChannelsLastConvProblem sum = alone.withResidual(3).withBounds(-0.5f, 0.25f);
                Closeness.requireEqual("apart", results(sum, machine, operands), expected);
                assertThat(kernel(sum, machine).inPlace(3, 0)).isTrue();
                operands[4] = operands[3];
                Closeness.requireEqual("in place", results(sum, machine, operands), expected);
            }
        }
    }

    private static void boundsOfTransformedOnes(ConvProblem conv, Form form, Capabilities machine) {
        ChannelsLastConvProblem alone = new ChannelsLastConvProblem(conv, form);
        MemorySegment[] operands = operands(alone, machine);
        operands[0].setAtIndex(ValueLayout.JAVA_FLOAT, 1000, Float.NaN);
        float[] expected = results(alone, machine, operands);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = expected[i] < -0.5f ? -0.5f : expected[i] > 0.25f ? 0.25f : expected[i];
        }
        Closeness.requireEqual(form + "", results(alone.withBounds(-0.5f, 0.25f), machine, operands), expected);
    }

    /** A result with gaps between its rows has the bits of one without, and the gaps are not written. */
    @Test
    void rowsOfResultsMayHaveGaps() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (int outputs : new int[] {3, 16, 33, 100}) {
                ConvProblem conv = new ConvProblem(new Window2d(axis, axis), 2, 1, 20, outputs, 2, 4);
                for (Form form : new Form[] {Form.PANELS, Form.WINOGRAD_2X2, Form.WINOGRAD_4X4}) {
                    ChannelsLastConvProblem p = new ChannelsLastConvProblem(conv, form);
                    MemorySegment[] operands = operands(p, machine);
                    float[] together = results(p, machine, operands);
                    int pitch = outputs + 11;
                    float[] expected = new float[(2 * 81 - 1) * pitch + outputs];
                    Arrays.fill(expected, 7);
                    for (int i = 0; i < together.length; i++) {
                        expected[i / outputs * pitch + i % outputs] = together[i];
                    }
                    float[] found = new float[expected.length];
                    Arrays.fill(found, 7);
                    operands[4] = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, found);
                    Kernel apart = kernel(p, machine).withOutputRowStride(pitch);
                    run(apart, operands);
                    Closeness.requireEqual(apart.id(), operands[4].toArray(ValueLayout.JAVA_FLOAT), expected);
                    assertThat(kernel(p.withResidual(3), machine).withOutputRowStride(pitch))
                            .isNull();
                }
            }
        }
    }

    /** A sum has one order, whatever the batch and whatever tile computes it. */
    @Property(tries = 10)
    void instancesDoNotInfluenceEachOther(
            @ForAll @IntRange(min = 1, max = 31) int side,
            @ForAll @IntRange(min = 1, max = 70) int inputs,
            @ForAll @IntRange(min = 0, max = 1) int pad,
            @ForAll @IntRange(min = 2, max = 9) int instances) {
        int output = Math.max(1, side + 2 * pad - 2);
        Window2d.Axis axis = new Window2d.Axis(Math.max(side, 3), 3, output, 1, 1, pad, pad);
        Window2d plane = new Window2d(axis, axis);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Form form : Form.values()) {
                boolean taps = form == Form.DEPTHWISE;
                int groups = taps ? inputs + 16 : 1;
                int channels = taps ? 1 : inputs;
                int outputs = taps ? 1 : 37;
                ConvProblem all = new ConvProblem(plane, instances, groups, channels, outputs, 2, 4);
                ConvProblem one = new ConvProblem(plane, 1, groups, channels, outputs, 2, 4);
                MemorySegment[] operands = operands(new ChannelsLastConvProblem(all, form), machine);
                float[] together = results(new ChannelsLastConvProblem(all, form), machine, operands);
                long bytes = operands[0].byteSize() / instances;
                MemorySegment x = operands[0];
                operands[4] = operands[4].asSlice(0, operands[4].byteSize() / instances);
                for (int i = 0; i < instances; i++) {
                    operands[0] = x.asSlice(i * bytes, bytes);
                    float[] alone = results(new ChannelsLastConvProblem(one, form), machine, operands);
                    Closeness.requireEqual(
                            form + ", instance " + i,
                            Arrays.copyOfRange(together, i * alone.length, (i + 1) * alone.length),
                            alone);
                }
            }
        }
    }

    /** A kernel refuses operands that are too small, before it calls machine code. */
    @Test
    void smallOperandsAreRefused() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Form form : Form.values()) {
                boolean taps = form == Form.DEPTHWISE;
                ConvProblem conv =
                        new ConvProblem(new Window2d(axis, axis), 2, taps ? 20 : 1, taps ? 1 : 20, taps ? 1 : 20, 2, 4);
                ChannelsLastConvProblem p = new ChannelsLastConvProblem(conv, form);
                for (int operand : new int[] {0, 1, 2, 4}) {
                    MemorySegment[] operands = operands(p, machine);
                    operands[operand] = operands[operand].asSlice(0, operands[operand].byteSize() - 4);
                    assertThatThrownBy(() -> run(kernel(p, machine), operands))
                            .isInstanceOf(IndexOutOfBoundsException.class);
                }
            }
        }
    }

    /** Pages before and after each operand end the process if machine code reads or writes a byte of them. */
    @Test
    void nothingOutsideOfOperandsIsTouched() {
        Window2d.Axis padded = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Window2d.Axis strided = new Window2d.Axis(15, 3, 7, 2, 1, 0, 0);
        Window2d.Axis one = new Window2d.Axis(9, 1, 9, 1, 1, 0, 0);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Window2d.Axis axis : List.of(padded, strided, one)) {
                for (Form form : axis.equals(padded) ? Form.values() : new Form[] {Form.PANELS, Form.DEPTHWISE}) {
                    for (int channels : new int[] {16, 17, 24, 33, 50}) {
                        boolean taps = form == Form.DEPTHWISE;
                        ConvProblem conv = new ConvProblem(
                                new Window2d(axis, axis),
                                2,
                                taps ? channels : 1,
                                taps ? 1 : channels,
                                taps ? 1 : channels,
                                2,
                                4);
                        ChannelsLastConvProblem alone = new ChannelsLastConvProblem(conv, form);
                        guarded(form == Form.PANELS ? alone.withResidual(3) : alone, machine);
                    }
                }
            }
        }
    }

    private static void guarded(ChannelsLastConvProblem p, Capabilities machine) {
        MemorySegment[] operands = operands(p, machine);
        float[] expected = results(p, machine, operands);
        Kernel kernel = kernel(p, machine);
        for (boolean atEnd : new boolean[] {false, true}) {
            MemorySegment[] between = Arrays.stream(operands)
                    .map(operand -> GuardPages.copy(operand, atEnd))
                    .toArray(MemorySegment[]::new);
            long scratch = (kernel.scratchBytes() + 63) / 64 * 64;
            kernel.run(between, GuardPages.of(scratch, atEnd), 0, kernel.parts());
            Closeness.requireEqual(kernel.id(), between[4].toArray(ValueLayout.JAVA_FLOAT), expected);
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        Window2d.Axis padded = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Window2d.Axis dilated = new Window2d.Axis(9, 3, 5, 1, 2, 0, 0);
        Window2d.Axis one = new Window2d.Axis(9, 1, 9, 1, 1, 0, 0);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Window2d.Axis axis : List.of(padded, dilated, one)) {
                for (Form form : axis.equals(padded) ? Form.values() : new Form[] {Form.PANELS, Form.DEPTHWISE}) {
                    boolean taps = form == Form.DEPTHWISE;
                    ConvProblem conv = new ConvProblem(
                            new Window2d(axis, axis), 1, taps ? 40 : 1, taps ? 1 : 40, taps ? 1 : 40, 2, 4);
                    ChannelsLastConvProblem p = new ChannelsLastConvProblem(conv, form).withBounds(0, 6);
                    Kernel kernel = kernel(form == Form.PANELS ? p.withResidual(3) : p, machine);
                    long[] bytes = Arrays.stream(operands(p, machine))
                            .mapToLong(MemorySegment::byteSize)
                            .toArray();
                    assertThat(KernelCheck.allocated(kernel, bytes))
                            .as(kernel.id())
                            .isZero();
                }
            }
        }
    }

    private static Kernel kernel(ChannelsLastConvProblem p, Capabilities machine) {
        return ChannelsLastConvKernels.TABLE.prepare(p, machine);
    }

    private static float[] results(ChannelsLastConvProblem p, Capabilities machine, MemorySegment[] operands) {
        run(kernel(p, machine), operands);
        return operands[4].toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Runs the parts one by one, the last one first. */
    private static void run(Kernel kernel, MemorySegment[] operands) {
        MemorySegment scratch = Arena.ofAuto().allocate(kernel.scratchBytes(), 64);
        for (int part = kernel.parts() - 1; part >= 0; part--) {
            kernel.run(operands, scratch, part, part + 1);
        }
    }

    /** A random input, weights, bias and residual, and memory for the result. */
    private static MemorySegment[] operands(ChannelsLastConvProblem p, Capabilities machine) {
        ConvProblem c = p.conv();
        int channels = c.groups() * c.outputChannels();
        Layout layout =
                new ChannelsLastWeightLayout(p.weights(), p.weights() == Form.DEPTHWISE ? 1 : machine.panelColumns());
        Window2d window = c.window();
        Tensor w = Literals.random(
                DType.FLOAT32,
                2,
                channels,
                c.inputChannels(),
                window.rows().kernel(),
                window.columns().kernel());
        long results = c.instances() * window.windows() * channels;
        MemorySegment weights = Arena.ofAuto().allocate(layout.byteSize(w.type()), 64);
        layout.pack(
                p.weights().numbers() == DType.FLOAT32
                        ? w
                        : narrow(w, p.weights().numbers()),
                weights);
        long elements = c.instances() * window.pixels() * c.groups() * c.inputChannels();
        return new MemorySegment[] {
            KernelRun.operand(Literals.random(DType.FLOAT32, 1, elements)),
            weights,
            KernelRun.operand(Literals.random(DType.FLOAT32, 3, channels)),
            KernelRun.operand(Literals.random(DType.FLOAT32, 4, results)),
            KernelRun.operand(Literals.random(DType.FLOAT32, 5, results))
        };
    }

    /** The same numbers, rounded to a type of 16 bits. */
    private static Tensor narrow(Tensor w, DType type) {
        Tensor narrow = Tensor.allocate(type, w.dims());
        for (long i = 0; i < w.size(); i++) {
            narrow.setDouble(i, w.getDouble(i));
        }
        return narrow.widened();
    }
}
