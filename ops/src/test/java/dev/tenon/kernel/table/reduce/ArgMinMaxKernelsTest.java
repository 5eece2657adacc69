package dev.tenon.kernel.table.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.reduce.ArgMinMaxProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of ArgMax, ArgMin and Hardmax against the reference, around all tails, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class ArgMinMaxKernelsTest {
    private static final List<Op> OPS = List.of(
            new ArgMax(1, true, false),
            new ArgMax(1, false, true),
            new ArgMin(1, false, false),
            new ArgMin(1, true, true),
            new Hardmax(1));

    private static final float[] SPECIAL = {
        Float.NaN,
        Float.intBitsToFloat(0xffc00001),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MAX_VALUE
    };

    @Property(tries = 60)
    void anyShape(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 4) int op,
            @ForAll @IntRange(min = 1, max = 5) int outer,
            @ForAll @IntRange(min = 1, max = 100) int length,
            @ForAll @IntRange(min = 1, max = 70) int inner,
            @ForAll boolean rows,
            @ForAll @IntRange(min = 0, max = 3) int kind) {
        check(OPS.get(op), seed, kind, outer, length, rows ? 1 : inner);
    }

    /** Elements of kind 0 are random, of kind 1 few values, of kind 2 some special values, of kind 3 only special values. */
    private static void check(Op op, long seed, int kind, long... dims) {
        Tensor x = Tensor.allocate(DType.FLOAT32, dims);
        Random random = new Random(seed);
        for (long i = 0; i < x.size(); i++) {
            double v = kind == 0 ? random.nextGaussian() : random.nextInt(3) - 1;
            boolean special = kind == 3 || kind == 2 && random.nextInt(20) == 0;
            x.setDouble(i, special ? SPECIAL[random.nextInt(kind == 3 ? 4 : SPECIAL.length)] : v);
        }
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                .startsWith("extreme_f32");
    }

    @Test
    void rowsAndColumnsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            for (int op = 0; op < OPS.size(); op++) {
                anyShape(size, op, 2, size, 1, true, op % 3);
                anyShape(size, op, 1, 5, size, false, op % 3);
            }
        }
    }

    @Test
    @Tag("widest")
    void longLines() {
        long[][] lines = {{3, 20_011, 1}, {1, 9001, 37}, {1, 21, 4099}};
        for (int i = 0; i < OPS.size(); i++) {
            for (int j = 0; j < lines.length; j++) {
                if (Exhaustive.isOn() || j == i % lines.length) {
                    check(OPS.get(i), j + 1, j / 2, lines[j]);
                }
            }
        }
    }

    /** Among them the infinities that no element exceeds, and zeros of both signs. */
    @Test
    void onlyOneValue() {
        for (float value : SPECIAL) {
            for (int inner : new int[] {1, 40}) {
                Tensor x = Tensor.allocate(DType.FLOAT32, 2, 50, inner);
                for (long i = 0; i < x.size(); i++) {
                    x.setDouble(i, value);
                }
                for (Op op : OPS) {
                    KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities());
                }
            }
        }
    }

    @Test
    void emptyInputsGiveEmptyOutputs() {
        for (Op op : OPS) {
            Tensor x = Tensor.allocate(DType.FLOAT32, 0, 5, 2);
            assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Tier.capabilities()))
                    .startsWith("extreme_f32");
        }
    }

    @Test
    void vectorsAreSelectedIfLinesOrColumnsFillOne() {
        assertThat(select(100, 1, false)).isEqualTo("extreme_f32_vector");
        assertThat(select(100, 1, true)).isEqualTo("extreme_f32_vector");
        assertThat(select(15, 1, false)).isEqualTo("extreme_f32_scalar");
        assertThat(select(100, 16, false)).isEqualTo("extreme_f32_columns_vector");
        assertThat(select(100, 16, true)).isEqualTo("extreme_f32_scalar");
        assertThat(select(100, 15, false)).isEqualTo("extreme_f32_scalar");
        assertThat(ArgMinMaxKernels.TABLE
                        .choose(new ArgMinMaxProblem(100, 100, 15, true, false, false), Capabilities.avx512())
                        .refusals())
                .containsExactly(
                        "extreme_f32_vector: the axis is not the last",
                        "extreme_f32_columns_vector: 15 columns, less than a vector");
    }

    private static String select(long length, long inner, boolean mark) {
        return ArgMinMaxKernels.TABLE
                .choose(new ArgMinMaxProblem(100, length, inner, true, false, mark), Capabilities.avx512())
                .choice()
                .id();
    }

    @Test
    void otherTypesRunThroughTheReference() {
        KernelRequest step = KernelRequest.of(
                List.of(Tensor.allocate(DType.INT32, 2, 30).type()),
                List.of(Tensor.allocate(DType.INT64, 2).type()),
                Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(OPS.get(0), step)).isNull();
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        for (int inner : new int[] {1, 40}) {
            for (boolean mark : new boolean[] {false, true}) {
                for (boolean last : new boolean[] {false, true}) {
                    ArgMinMaxProblem p = new ArgMinMaxProblem(9, 100, inner, true, last, mark);
                    Kernel kernel = ArgMinMaxKernels.TABLE.prepare(p, Tier.capabilities());
                    long elements = 900L * inner;
                    assertThat(KernelCheck.allocated(kernel, elements * Float.BYTES, elements * Long.BYTES))
                            .as(kernel.id() + " of " + p)
                            .isZero();
                }
            }
        }
    }
}
