package dev.tenon.kernel.table.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.quant.QuantProblem.Kind;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of quantisation against the reference, bit for bit, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
public class QuantKernelsTest {
    private static final double[] SPECIAL = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3e38, -3e38, 1e-45, -0.0
    };

    private static Tensor floats(Random random, int special, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        double width = Math.scalb(1.0, random.nextInt(12) - 4);
        for (long i = 0; i < t.size(); i++) {
            // Half of the numbers are multiples of a half, which round to even.
            t.setDouble(i, random.nextBoolean() ? random.nextGaussian() * width : random.nextInt(600) * 0.5 - 150);
        }
        for (int i = 0; i < special; i++) {
            t.setDouble(random.nextLong(t.size()), SPECIAL[random.nextInt(SPECIAL.length)]);
        }
        return t;
    }

    private static Tensor integers(Random random, DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextLong());
        }
        return t;
    }

    private static Tensor scales(Random random, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextBoolean() ? 1 : random.nextDouble() + 1e-3);
        }
        return t;
    }

    @Property(tries = 60)
    void blocks(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int outer,
            @ForAll @IntRange(min = 2, max = 70) int length,
            @ForAll @IntRange(min = 1, max = 5) int inner,
            @ForAll @IntRange(min = 1, max = 40) int block,
            @ForAll boolean zeroPoint) {
        Random random = new Random(seed);
        DType type = List.of(DType.UINT4, DType.INT4, DType.UINT8, DType.INT8).get(random.nextInt(4));
        long blocks = Math.ceilDiv(length, block);
        if (outer * blocks * inner == 1) {
            return;
        }
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(integers(random, type, outer, length, inner));
        inputs.add(scales(random, outer, blocks, inner));
        if (zeroPoint) {
            inputs.add(integers(random, type, outer, blocks, inner));
        }
        DequantizeLinear op = new DequantizeLinear(1, block, null);
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                .isEqualTo("block_dequantize_scalar");
    }

    @Property(tries = 40)
    void dynamic(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 400) int size,
            @ForAll @IntRange(min = 0, max = 2) int special) {
        Tensor x = floats(new Random(seed), special, size);
        assertThat(KernelCheck.run(CoreKernels.set(), new DynamicQuantizeLinear(), List.of(x), 3, Tier.capabilities()))
                .startsWith("quant_f32");
        assertThat(KernelCheck.run(CoreKernels.set(), new CentredQuantization(), List.of(x), 2, Tier.capabilities()))
                .startsWith("quant_f32");
    }

    @Property(tries = 40)
    void linear(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int outer,
            @ForAll @IntRange(min = 1, max = 5) int channels,
            @ForAll @IntRange(min = 1, max = 70) int inner,
            @ForAll boolean perAxis,
            @ForAll boolean zeroPoint,
            @ForAll boolean signed) {
        Random random = new Random(seed);
        DType type = signed ? DType.INT8 : DType.UINT8;
        long[] scale = perAxis ? new long[] {channels} : new long[0];
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(floats(random, 2, outer, channels, inner));
        inputs.add(scales(random, scale));
        if (zeroPoint) {
            inputs.add(integers(random, type, scale));
        }
        QuantizeLinear quantize = new QuantizeLinear(1, true, 0, zeroPoint ? null : type, null);
        assertThat(KernelCheck.run(CoreKernels.set(), quantize, inputs, 1, Tier.capabilities()))
                .startsWith("quant_f32");
        inputs.set(0, integers(random, type, outer, channels, inner));
        DequantizeLinear dequantize = new DequantizeLinear(1, 0, null);
        assertThat(KernelCheck.run(CoreKernels.set(), dequantize, inputs, 1, Tier.capabilities()))
                .startsWith("quant_f32");
    }

    @Property(tries = 10)
    void fromInt32(@ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int size, @ForAll boolean zeroPoint) {
        Random random = new Random(seed);
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(integers(random, DType.INT32, size));
        inputs.add(scales(random));
        if (zeroPoint) {
            inputs.add(integers(random, DType.INT32));
        }
        assertThat(KernelCheck.run(CoreKernels.set(), new DequantizeLinear(1, 0, null), inputs, 1, Tier.capabilities()))
                .isEqualTo("quant_f32_scalar");
    }

    @Test
    void runsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            dynamic(size, size, 1);
            linear(size, 2, 3, size, true, size % 2 == 0, size % 3 == 0);
            linear(size, 1, 1, size, false, true, true);
        }
    }

    @Test
    void severalParts() {
        Random random = new Random(7);
        Tensor x = floats(random, 5, 200_001);
        Tensor scale = scales(random);
        assertThat(KernelCheck.run(
                        CoreKernels.set(),
                        new QuantizeLinear(1, true, 0, null, null),
                        List.of(x, scale),
                        1,
                        Tier.capabilities()))
                .startsWith("quant_f32");
        assertThat(KernelCheck.run(CoreKernels.set(), new DynamicQuantizeLinear(), List.of(x), 3, Tier.capabilities()))
                .startsWith("quant_f32");
    }

    @Test
    void vectorsForBytesAndLongRuns() {
        assertThat(select(problem(Kind.QUANTIZE, 8, 1, 40), Capabilities.avx512()))
                .isEqualTo("quant_f32_vector");
        assertThat(select(problem(Kind.QUANTIZE, 8, 3, 5), Capabilities.avx512()))
                .isEqualTo("quant_f32_scalar");
        assertThat(select(problem(Kind.DEQUANTIZE, 32, 1, 40), Capabilities.avx512()))
                .isEqualTo("quant_f32_scalar");
        assertThat(select(problem(Kind.DYNAMIC, 8, 1, 40), Capabilities.avx2())).isEqualTo("quant_f32_vector");
        Capabilities narrow = new Capabilities(128, 32, 0, Caches.TYPICAL);
        assertThat(select(problem(Kind.DYNAMIC, 8, 1, 40), narrow)).isEqualTo("quant_f32_vector");
        assertThat(select(problem(Kind.QUANTIZE, 8, 1, 40), narrow)).isEqualTo("quant_f32_vector");
        assertThat(select(problem(Kind.DEQUANTIZE, 8, 1, 40), narrow)).isEqualTo("quant_f32_scalar");
        assertThat(select(problem(Kind.DYNAMIC, 8, 1, 40), Capabilities.SCALAR)).isEqualTo("quant_f32_scalar");
    }

    private static QuantProblem problem(Kind kind, int bits, long channels, long inner) {
        return new QuantProblem(
                kind, bits, false, kind != Kind.DYNAMIC, 1, channels, inner, kind == Kind.DYNAMIC ? 1 : 3);
    }

    private static String select(QuantProblem p, Capabilities c) {
        return QuantKernels.TABLE.choose(p, c).choice().id();
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        Kernel quantize = QuantKernels.TABLE.prepare(problem(Kind.QUANTIZE, 8, 1, 1000), Tier.capabilities());
        assertThat(KernelCheck.allocated(quantize, 4000, 4, 1, 1000)).isZero();
        Kernel dequantize = QuantKernels.TABLE.prepare(problem(Kind.DEQUANTIZE, 8, 1, 1000), Tier.capabilities());
        assertThat(KernelCheck.allocated(dequantize, 1000, 4, 1, 4000)).isZero();
        Kernel dynamic = QuantKernels.TABLE.prepare(problem(Kind.DYNAMIC, 8, 1, 1000), Tier.capabilities());
        assertThat(KernelCheck.allocated(dynamic, 4000, 1000, 4, 1, dynamic.sharedBytes()))
                .isZero();
    }
}
