package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastIntegerConvProblem;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.IntegerConvProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.x64.byteconv.IntegerConvWeights;
import dev.tenon.kernel.x64.byteconv.X64IntegerConv;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.Attributes;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of ConvInteger with channels last against the reference, bit for bit. */
public class ChannelsLastIntegerConvKernelsTest {
    /** The most multiplications for which scalar loops are tested too. */
    private static final long MAX_SCALAR = 1 << 18;

    private static DType type(boolean signed) {
        return signed ? DType.INT8 : DType.UINT8;
    }

    private static long[] longs(int... numbers) {
        return Arrays.stream(numbers).asLongStream().toArray();
    }

    private static ConvInteger op(int group, int[] strides, int[] pads) {
        return ConvInteger.of(Attributes.none()
                .with("group", group)
                .with("strides", longs(strides))
                .with("pads", longs(pads)));
    }

    /** The zero points of weights. */
    private enum Zeros {
        NONE,
        ONE,
        SEVERAL;

        private Tensor of(boolean signed, int channels, int seed) {
            return switch (this) {
                case NONE -> null;
                case ONE -> Literals.random(type(signed), seed);
                case SEVERAL -> Literals.random(type(signed), seed, channels);
            };
        }
    }

    /** A problem: a window, channels, and what its numbers are. */
    private record Case(int[] x, int[] w, int group, int[] strides, int[] pads, boolean signedX, boolean signedW) {
        private void check(int seed) {
            for (Zeros zeros : Zeros.values()) {
                Tensor weights = Literals.random(type(signedW), seed + 1, longs(w));
                // Sums of two products fit 16 bits then.
                for (long i = 0; i < weights.size() && seed % 3 == 0; i++) {
                    weights.setLong(i, signedW ? weights.getLong(i) / 2 : 96 + weights.getLong(i) / 4);
                }
                List<Datum> operands = new ArrayList<>();
                operands.add(Literals.random(type(signedX), seed, longs(x)));
                operands.add(weights);
                operands.add(seed % 5 == 0 ? null : Literals.random(type(signedX), seed + 3));
                Tensor zero = zeros.of(signedW, w[0], seed + 4);
                if (zero != null) {
                    operands.add(zero);
                }
                KernelCheck check = KernelCheck.of(new ChannelsLast(op(group, strides, pads)), operands, 1);
                for (Capabilities machine : Profile.ofEachByteProduct()) {
                    assertThat(check.compare(CoreKernels.set(), true, machine)).startsWith("conv_i32_last_product_");
                }
                if ((long) x[1] * x[2] * weights.size() < MAX_SCALAR) {
                    assertThat(check.compare(CoreKernels.set(), false, Capabilities.SCALAR))
                            .isEqualTo("conv_i32_last_scalar");
                }
            }
        }
    }

    @Property(tries = 60)
    void denseWindows(
            @ForAll @IntRange(min = 1, max = 4) int height,
            @ForAll @IntRange(min = 1, max = 4) int width,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 2) int pad,
            @ForAll @IntRange(min = 2, max = 9) int inputs,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll @IntRange(min = 0, max = 20) int more,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, height + more / 3, width + more, inputs};
        int[] w = {outputs, inputs, height, width};
        int[] pads = {pad, 0, Math.min(1, pad), pad};
        new Case(x, w, 1, new int[] {stride, 1 + more % 2}, pads, signedX, signedW).check(more + 20 * stride);
    }

    @Property(tries = 40)
    void pixels(
            @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 60) int inputs,
            @ForAll @IntRange(min = 1, max = 140) int outputs,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, rows, 3, inputs};
        int[] w = {outputs, inputs, 1, 1};
        new Case(x, w, 1, new int[] {1, 1}, new int[4], signedX, signedW).check(rows);
    }

    @Property(tries = 40)
    void groups(
            @ForAll @IntRange(min = 2, max = 4) int group,
            @ForAll @IntRange(min = 1, max = 3) int kernel,
            @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll @IntRange(min = 2, max = 9) int inputs,
            @ForAll @IntRange(min = 1, max = 20) int outputs,
            @ForAll boolean signedX,
            @ForAll boolean signedW) {
        int[] x = {2, 5, 6, group * inputs};
        int[] w = {group * outputs, inputs, kernel, kernel};
        new Case(x, w, group, new int[] {stride, stride}, new int[] {1, 0, 0, 1}, signedX, signedW)
                .check(inputs + kernel);
    }

    @Test
    void lines() {
        for (Tensor zero : List.of(Literals.random(DType.UINT8, 5), Literals.random(DType.UINT8, 6, 20))) {
            ConvInteger op = ConvInteger.of(Attributes.none().with("pads", new long[] {2, 1}));
            List<Datum> operands = List.of(
                    Literals.random(DType.UINT8, 1, 3, 41, 6),
                    Literals.random(DType.UINT8, 2, 20, 6, 5),
                    Literals.random(DType.UINT8, 3),
                    zero);
            KernelCheck check = KernelCheck.of(new ChannelsLast(op), operands, 1);
            for (Capabilities machine : Profile.ofEachByteProduct()) {
                assertThat(check.compare(CoreKernels.set(), true, machine)).startsWith("conv_i32_last_product_1x5");
            }
        }
    }

    @Test
    void manyPartsOfRowsAndColumns() {
        new Case(new int[] {3, 7, 7, 224}, new int[] {400, 224, 1, 1}, 1, new int[] {1, 1}, new int[4], false, false)
                .check(1);
        int[] around = {1, 1, 1, 1};
        new Case(new int[] {2, 7, 9, 512}, new int[] {260, 512, 3, 3}, 1, new int[] {1, 1}, around, false, false)
                .check(2);
        new Case(new int[] {1, 60, 50, 24}, new int[] {144, 24, 1, 1}, 1, new int[] {1, 1}, new int[4], false, true)
                .check(3);
    }

    /** A sum of 2,304 products of 255 and 255 is no number that float32 holds with all of its bits, nor are those around it. */
    @Test
    void largeSumsAreExact() {
        Tensor x = Tensor.allocate(DType.UINT8, 1, 4, 5, 256);
        Tensor w = Tensor.allocate(DType.UINT8, 33, 256, 3, 3);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, i % 511 == 0 ? 254 : 255);
        }
        for (long i = 0; i < w.size(); i++) {
            w.setLong(i, i % 97 == 0 ? 1 : 0);
        }
        Tensor zero = Tensor.allocate(DType.UINT8);
        zero.setLong(0, 255);
        for (Tensor xZero : List.of(Tensor.allocate(DType.UINT8), zero)) {
            KernelCheck check = KernelCheck.of(
                    new ChannelsLast(op(1, new int[] {1, 1}, new int[] {1, 1, 1, 1})), List.of(x, w, xZero, zero), 1);
            for (Capabilities machine : Profile.ofEachByteProduct()) {
                assertThat(check.compare(CoreKernels.set(), true, machine)).startsWith("conv_i32_last_product_3x3");
            }
        }
    }

    /** Adds parts one after the other, each of which takes the last result. */
    private static Fused chain(int steps, ConvInteger op) {
        int inputs = 8;
        List<Part> parts = new ArrayList<>();
        parts.add(new Part(new Cast(DType.FLOAT32, true, "up"), List.of(inputs)));
        for (int step = 0; step < 6; step++) {
            if ((steps >> step & 1) == 0) {
                continue;
            }
            int last = inputs + parts.size();
            parts.add(
                    switch (step) {
                        case 0 -> new Part(new Mul(), List.of(last, 4));
                        case 1 -> new Part(new Mul(), List.of(last, 5));
                        case 2 -> new Part(new Add(), List.of(last, 6));
                        case 3 -> new Part(new Add(), List.of(7, last));
                        case 4 -> new Part(new Relu(), List.of(last));
                        default -> new Part(new Abs(), List.of(last));
                    });
        }
        return new Fused(inputs, new Part(new ChannelsLast(op), List.of(0, 1, 2, 3)), parts);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 33, 100})
    void operatorsAfterTheSumsHaveTheirBits(int outputs) {
        for (int group = 1; group <= 2; group++) {
            int all = outputs * group;
            List<Datum> operands = List.of(
                    Literals.random(DType.UINT8, 1, 2, 5, 6, 10),
                    Literals.random(DType.UINT8, 2, all, 10 / group, 3, 3),
                    Literals.random(DType.UINT8, 3),
                    Literals.random(DType.UINT8, 4, all),
                    Tensor.scalar(0.013f),
                    Literals.random(DType.FLOAT32, 5, all),
                    Literals.random(DType.FLOAT32, 6, 1, 1, 1, all),
                    Literals.random(DType.FLOAT32, 7, 2, 5, 6, all));
            for (int steps = 0; steps < 64; steps++) {
                Fused op = chain(steps, op(group, new int[] {1, 1}, new int[] {1, 1, 1, 1}));
                Tensor expected =
                        (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
                List<Capabilities> machines = new ArrayList<>(Profile.ofEachByteProduct());
                machines.add(Capabilities.SCALAR);
                for (Capabilities c : machines) {
                    KernelRun.Prepared prepared =
                            KernelRun.prepare(CoreKernels.set(), op, operands, List.of(expected.type()), true, c);
                    Tensor found = KernelRun.run(prepared, operands).getFirst();
                    assertThat(found.segment().mismatch(expected.segment()))
                            .as("%s by %s", op, prepared.kernel().id())
                            .isEqualTo(-1);
                }
            }
        }
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Window2d.Axis axis = new Window2d.Axis(9, 3, 9, 1, 1, 1, 1);
        Tensor w = Literals.random(DType.UINT8, 1, 64, 64, 3, 3);
        Tensor zero = Literals.random(DType.UINT8, 2, 64);
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            IntegerConvWeights layout = IntegerConvWeights.of(1, w, zero, ByteArithmetic.of(machine));
            Kernel kernel = X64IntegerConv.of(
                    new ChannelsLastIntegerConvProblem(
                            new ConvShape(new Window2d(axis, axis), 1, 1, 64, 64),
                            false,
                            2,
                            new IntegerConvProblem.Weights(1, false, -1, false),
                            layout,
                            false,
                            new OutputPlace(3),
                            64),
                    Caches.TYPICAL);
            assertThat(KernelCheck.allocated(kernel, 81 * 64, layout.byteSize(w.type()), 1, 81 * 64 * 4))
                    .as(kernel.id())
                    .isZero();
        }
    }
}
