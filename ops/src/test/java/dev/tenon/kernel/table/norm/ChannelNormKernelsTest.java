package dev.tenon.kernel.table.norm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.norm.ChannelNormProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of the normalisations by channel against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class ChannelNormKernelsTest {
    private static final float EPSILON = 1e-5f;

    @Property(tries = 20)
    void channelsOfAnyLength(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int instances,
            @ForAll @IntRange(min = 1, max = 3) int groups,
            @ForAll @IntRange(min = 1, max = 3) int members,
            @ForAll @IntRange(min = 4, max = 90) int pixels) {
        Random random = new Random(seed);
        long channels = (long) groups * members;
        Tensor x = Literals.normalAround(random, 3, instances, channels, pixels);
        Tensor scale = Literals.normalAround(random, 1, channels);
        Tensor bias = Literals.normalAround(random, 0, channels);
        Tensor mean = Literals.normalAround(random, 3, channels);
        Tensor variance = Literals.normalAround(random, 0, channels);
        for (long i = 0; i < channels; i++) {
            variance.setDouble(i, Math.abs(variance.getDouble(i)));
        }
        check(new BatchNormalization(EPSILON, 0.9f, false), x, scale, bias, mean, variance);
        check(new GroupNormalization(groups, EPSILON, DType.FLOAT32), x, scale, bias);
        check(new InstanceNormalization(EPSILON), x, scale, bias);
    }

    @Test
    void channelsAroundEveryTail() {
        for (int pixels : Tails.sizes()) {
            channelsOfAnyLength(pixels, 2, 2, 2, 3 + pixels);
        }
    }

    @Test
    void batchesOfFewAxes() {
        Random random = new Random(1);
        BatchNormalization op = new BatchNormalization(EPSILON, 0.9f, false);
        Tensor one = Tensor.of(new float[] {2}, 1);
        check(op, Literals.normalAround(random, 0, 37), one, one, one, one);
        Tensor five = Tensor.of(new float[] {1, 2, 3, 4, 5}, 5);
        check(op, Literals.normalAround(random, 0, 7, 5), five, five, five, five);
    }

    private static void check(Op op, Tensor... inputs) {
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(inputs), 1, Tier.capabilities()))
                .startsWith("channelnorm_f32");
    }

    @Test
    void trainingHasNoKernel() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 1, 2, 3);
        Tensor c = Tensor.allocate(DType.FLOAT32, 2);
        KernelRequest step = KernelRequest.of(
                List.of(x.type(), c.type(), c.type(), c.type(), c.type()), List.of(x.type()), Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(new BatchNormalization(EPSILON, 0.9f, true), step))
                .isNull();
        assertThat(CoreKernels.set().prepare(new BatchNormalization(EPSILON, 0.9f, false), step))
                .isNotNull();
    }

    @Test
    void vectorsForLongChannels() {
        ChannelNormProblem p = new ChannelNormProblem(true, 1, 8, 8, 49, EPSILON, 5);
        assertThat(ChannelNormKernels.TABLE
                        .choose(p, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("channelnorm_f32_vector");
        assertThat(ChannelNormKernels.TABLE
                        .choose(p, Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("channelnorm_f32_scalar");
        ChannelNormProblem rows = new ChannelNormProblem(true, 9, 8, 8, 1, EPSILON, 5);
        assertThat(ChannelNormKernels.TABLE.choose(rows, Capabilities.avx2()).refusals())
                .containsExactly("channelnorm_f32_vector: channels of 1 elements");
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        for (boolean given : new boolean[] {false, true}) {
            ChannelNormProblem p = new ChannelNormProblem(given, 2, 6, given ? 6 : 3, 77, EPSILON, 5);
            Kernel kernel = ChannelNormKernels.TABLE.prepare(p, Tier.capabilities());
            long x = 12 * 77L * Float.BYTES;
            long c = 6L * Float.BYTES;
            assertThat(KernelCheck.allocated(kernel, x, c, c, c, c, x))
                    .as(kernel.id() + " of " + p)
                    .isZero();
        }
    }
}
