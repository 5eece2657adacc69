package dev.tenon.kernel.table.norm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
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

/** Kernels of the normalisations against the reference, around all tails, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
public class NormKernelsTest {
    private static final float EPSILON = 1e-5f;

    @Property(tries = 25)
    void rowsOfAnyLength(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll @IntRange(min = 8, max = 150) int length,
            @ForAll @IntRange(min = -2, max = 2) int mean,
            @ForAll boolean bias,
            @ForAll @IntRange(min = 1, max = 3) int outputs) {
        Random random = new Random(seed);
        Tensor x = Literals.normalAround(random, mean, rows, length);
        Tensor scale = Literals.normalAround(random, 0, length);
        LayerNormalization op = new LayerNormalization(-1, EPSILON, DType.FLOAT32);
        List<Tensor> inputs = bias ? List.of(x, scale, Literals.normalAround(random, 0, length)) : List.of(x, scale);
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, outputs, Tier.capabilities()))
                .startsWith("norm_f32");
    }

    @Property(tries = 20)
    void rootMeanSquareOfRowsOfAnyLength(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll @IntRange(min = 1, max = 150) int length) {
        Random random = new Random(seed);
        RMSNormalization op = new RMSNormalization(1, EPSILON, DType.FLOAT32);
        List<Tensor> inputs =
                List.of(Literals.normalAround(random, 0, rows, length), Literals.normalAround(random, 0, length));
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                .startsWith("norm_f32");
    }

    @Test
    void rowsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            rootMeanSquareOfRowsOfAnyLength(size, 3, size);
            rowsOfAnyLength(size, 2, 7 + size, 1, size % 2 == 0, 1 + size % 3);
        }
    }

    @Test
    void aMeanFarAboveTheDeviationLosesLittle() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 1, 64);
        for (long i = 0; i < 64; i++) {
            x.setDouble(i, 1024 + (i % 2 == 0 ? 1 : -1));
        }
        Tensor scale = Tensor.allocate(DType.FLOAT32, 64);
        for (long i = 0; i < 64; i++) {
            scale.setDouble(i, 1);
        }
        LayerNormalization op = new LayerNormalization(-1, 0, DType.FLOAT32);
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x, scale), 3, Tier.capabilities()))
                .startsWith("norm_f32");
    }

    @Test
    void broadcastScalesHaveNoKernel() {
        for (long[] dims : new long[][] {{1}, {2, 1}, {2, 3}}) {
            KernelRequest step = KernelRequest.of(
                    List.of(
                            Tensor.allocate(DType.FLOAT32, 2, 3).type(),
                            Tensor.allocate(DType.FLOAT32, dims).type()),
                    List.of(Tensor.allocate(DType.FLOAT32, 2, 3).type()),
                    Capabilities.avx512());
            assertThat(CoreKernels.set().prepare(new LayerNormalization(-1, EPSILON, DType.FLOAT32), step))
                    .isNull();
        }
    }

    @Test
    void vectorsAreSelectedWhereAvailable() {
        NormProblem p = new NormProblem(Kind.LAYER, 2, 3, EPSILON, false, 2);
        assertThat(NormKernels.TABLE.choose(p, Capabilities.avx2()).choice().id())
                .isEqualTo("norm_f32_vector");
        assertThat(NormKernels.TABLE.choose(p, Capabilities.SCALAR).choice().id())
                .isEqualTo("norm_f32_scalar");
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        for (Kind kind : Kind.values()) {
            NormProblem p = new NormProblem(kind, 9, 77, EPSILON, kind == Kind.LAYER, 3);
            Kernel kernel = NormKernels.TABLE.prepare(p, Tier.capabilities());
            long row = 77 * Float.BYTES;
            assertThat(KernelCheck.allocated(kernel, 9 * row, row, row, 9 * row, 9 * Float.BYTES, 9 * Float.BYTES))
                    .as(kernel.id() + " of " + p)
                    .isZero();
        }
    }
}
