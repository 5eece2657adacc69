package dev.tenon.kernel.table.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.reduce.PrefixSumProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.shape.CumSum;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of CumSum against the reference, around all tails, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class PrefixSumKernelsTest {
    private static final List<Op> OPS =
            List.of(new CumSum(false, false), new CumSum(true, false), new CumSum(false, true), new CumSum(true, true));

    private static final float[] SPECIAL = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE
    };

    @Property(tries = 60)
    void anyShape(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 3) int op,
            @ForAll @IntRange(min = 1, max = 5) int outer,
            @ForAll @IntRange(min = 1, max = 100) int length,
            @ForAll @IntRange(min = 1, max = 70) int inner,
            @ForAll boolean rows,
            @ForAll @IntRange(min = 0, max = 2) int special) {
        check(OPS.get(op), seed, special, outer, length, rows ? 1 : inner);
    }

    private static void check(Op op, long seed, int special, long... dims) {
        Tensor x = Tensor.allocate(DType.FLOAT32, dims);
        Random random = new Random(seed);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian());
        }
        for (int i = 0; i < special; i++) {
            x.setDouble(random.nextLong(x.size()), SPECIAL[random.nextInt(SPECIAL.length)]);
        }
        List<Tensor> inputs = List.of(x, Tensor.of(new long[] {1}));
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                .startsWith("prefix_sum_f32");
    }

    @Test
    void rowsAndColumnsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            for (int op = 0; op < OPS.size(); op++) {
                anyShape(size, op, 2, size, 1, true, 0);
                anyShape(size, op, 1, 5, size, false, 1);
            }
        }
    }

    @Test
    @Tag("widest")
    void longLines() {
        long[][] lines = {{2, 70_001, 1}, {1, 70_001, 17}, {1, 21, 4099}};
        for (int i = 0; i < OPS.size(); i++) {
            for (int j = 0; j < lines.length; j++) {
                if (Exhaustive.isOn() || j == i % lines.length) {
                    check(OPS.get(i), j + 1, j / 2, lines[j]);
                }
            }
        }
    }

    /** The sum of the last two of three numbers overflows, and the sum of all three does not. */
    @Test
    void sumsThatComeBackIntoRange() {
        for (int inner : new int[] {1, 20}) {
            Tensor x = Tensor.allocate(DType.FLOAT32, 1, 40, inner);
            for (int c = 0; c < inner; c++) {
                for (int i = 0; i < 40; i++) {
                    double[] three = {-0x1p127, 0x1p127, 0x1p127};
                    x.setDouble((long) i * inner + c, c % 3 == 0 && i / 3 == 5 ? three[i % 3] : 0);
                }
            }
            for (Op op : OPS) {
                List<Tensor> inputs = List.of(x, Tensor.of(new long[] {-2}));
                KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities());
            }
        }
    }

    /** The same where the numbers are in different vectors, so that the sums within a vector do not overflow. */
    @Test
    void sumsThatComeBackIntoRangeVectorsLater() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 3, 64);
        for (int row = 0; row < 3; row++) {
            x.setDouble(row * 64L + 1, 0x1p127);
            x.setDouble(row * 64L + 18, 0x1p127);
            x.setDouble(row * 64L + 35, -0x1p127);
        }
        for (Op op : OPS) {
            List<Tensor> inputs = List.of(x, Tensor.of(new long[] {1}));
            assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                    .startsWith("prefix_sum_f32");
        }
    }

    /** Two parts may compute the same columns. Both must give the same bits, even if one of them has a column with NaN. */
    @Test
    void theOrderOfPartsChangesNoBits() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 2048, 36);
        Random random = new Random(7);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian());
        }
        x.setDouble(5 * 36 + 35, Double.NaN);
        for (boolean reverse : new boolean[] {false, true}) {
            Kernel kernel = PrefixSumKernels.TABLE.prepare(
                    new PrefixSumProblem(1, 2048, 36, false, reverse), Tier.capabilities());
            MemorySegment data = Arena.ofAuto().allocate(x.byteSize(), 64);
            data.copyFrom(x.segment());
            MemorySegment up = Arena.ofAuto().allocate(x.byteSize(), 64);
            MemorySegment down = Arena.ofAuto().allocate(x.byteSize(), 64);
            for (int part = 0; part < kernel.parts(); part++) {
                kernel.run(new MemorySegment[] {data, null, up}, MemorySegment.NULL, part, part + 1);
            }
            for (int part = kernel.parts() - 1; part >= 0; part--) {
                kernel.run(new MemorySegment[] {data, null, down}, MemorySegment.NULL, part, part + 1);
            }
            assertThat(up.mismatch(down)).as(kernel.id()).isEqualTo(-1);
        }
    }

    @Test
    void emptyInputsGiveEmptyOutputs() {
        for (long[] dims : new long[][] {{0, 5, 2}, {5, 0, 2}, {5, 2, 0}}) {
            List<Tensor> inputs = List.of(Tensor.allocate(DType.FLOAT32, dims), Tensor.of(new long[] {1}));
            assertThat(KernelCheck.run(CoreKernels.set(), OPS.get(0), inputs, 1, Tier.capabilities()))
                    .startsWith("prefix_sum_f32");
        }
    }

    @Test
    void vectorsAreSelectedIfLinesOrColumnsFillOne() {
        assertThat(select(100, 1)).isEqualTo("prefix_sum_f32_vector");
        assertThat(select(15, 1)).isEqualTo("prefix_sum_f32_scalar");
        assertThat(select(100, 16)).isEqualTo("prefix_sum_f32_columns_vector");
        assertThat(select(100, 15)).isEqualTo("prefix_sum_f32_scalar");
        assertThat(PrefixSumKernels.TABLE
                        .choose(new PrefixSumProblem(100, 100, 15, false, false), Capabilities.avx512())
                        .refusals())
                .containsExactly(
                        "prefix_sum_f32_vector: the axis is not the last",
                        "prefix_sum_f32_columns_vector: 15 columns, less than a vector");
    }

    private static String select(long length, long inner) {
        return PrefixSumKernels.TABLE
                .choose(new PrefixSumProblem(100, length, inner, false, false), Capabilities.avx512())
                .choice()
                .id();
    }

    @Test
    void anAxisThatOnlyRunTimeKnowsHasNoKernel() {
        KernelRequest step = KernelRequest.of(
                List.of(
                        Tensor.allocate(DType.FLOAT32, 2, 30).type(),
                        Tensor.allocate(DType.INT64, 1).type()),
                List.of(Tensor.allocate(DType.FLOAT32, 2, 30).type()),
                Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(OPS.get(0), step)).isNull();
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        for (int inner : new int[] {1, 40}) {
            for (boolean exclusive : new boolean[] {false, true}) {
                for (boolean reverse : new boolean[] {false, true}) {
                    PrefixSumProblem p = new PrefixSumProblem(9, 100, inner, exclusive, reverse);
                    Kernel kernel = PrefixSumKernels.TABLE.prepare(p, Tier.capabilities());
                    long bytes = 900L * inner * Float.BYTES;
                    assertThat(KernelCheck.allocated(kernel, bytes, Long.BYTES, bytes))
                            .as(kernel.id() + " of " + p)
                            .isZero();
                }
            }
        }
    }
}
