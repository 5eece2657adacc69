package dev.tenon.kernel.table.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.RotaryProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Operands;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
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

/** Kernels of rotary embedding against the reference: all tails, both layouts, positions; which one is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class RotaryKernelsTest {
    private static List<Tensor> inputs(Random random, boolean packed, long heads, long size, long half, int tables) {
        List<Tensor> in = new ArrayList<>();
        in.add(packed ? Literals.normal(random, 2, 3, heads * size) : Literals.normal(random, 2, heads, 3, size));
        for (int i = 0; i < 2; i++) {
            in.add(tables > 0 ? Literals.normal(random, tables, half) : Literals.normal(random, 2, 3, half));
        }
        if (tables > 0) {
            Tensor positions = Tensor.allocate(DType.INT64, 2, 3);
            for (long i = 0; i < positions.size(); i++) {
                positions.setLong(i, random.nextInt(tables));
            }
            in.add(positions);
        }
        return in;
    }

    @Property(tries = 40)
    void anyRows(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 40) int half,
            @ForAll @IntRange(min = 0, max = 20) int rest,
            @ForAll boolean interleaved,
            @ForAll boolean packed,
            @ForAll @IntRange(min = 0, max = 5) int tables) {
        Random random = new Random(seed);
        RotaryEmbedding op =
                new RotaryEmbedding(interleaved, packed ? (Long) (long) heads : null, rest > 0 ? 2L * half : 0);
        List<Tensor> in = inputs(random, packed, heads, 2L * half + rest, half, tables);
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                .startsWith("rotary_f32");
    }

    @Property(tries = 15)
    void valueHeadsAreCopied(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int heads,
            @ForAll @IntRange(min = 1, max = 3) int values,
            @ForAll @IntRange(min = 1, max = 20) int half,
            @ForAll boolean interleaved,
            @ForAll @IntRange(min = 0, max = 5) int tables) {
        Random random = new Random(seed);
        RotaryEmbedding rotation = new RotaryEmbedding(interleaved, (long) heads, 0);
        List<Tensor> in = inputs(random, true, heads + values, 2L * half, half, tables);
        QkvRotaryEmbedding op = new QkvRotaryEmbedding(rotation, values);
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                .startsWith("rotary_f32");
    }

    @Test
    void rowsAroundEveryTail() {
        for (int half : Tails.sizes()) {
            for (boolean interleaved : new boolean[] {false, true}) {
                anyRows(half, 2, half, half % 3, interleaved, half % 2 == 0, 4);
            }
        }
    }

    @Test
    void valueHeadsStayInPlace() {
        QkvRotaryEmbedding op = new QkvRotaryEmbedding(new RotaryEmbedding(false, 3L, 0), 2);
        List<Datum> in = List.copyOf(inputs(new Random(7), true, 5, 38, 19, 4));
        List<Datum> expected = op.reference(new Operands(op, "", in, 1));
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, in, List.of(((Tensor) expected.getFirst()).type()), false, Tier.capabilities());
        Tensor apart = KernelRun.run(prepared, in).getFirst();
        assertThat(KernelCheck.inPlace(prepared, in, 0).contentEquals(apart)).isTrue();
    }

    @Test
    void theResultMayOverwriteTheInput() {
        for (int form = 0; form < 4; form++) {
            boolean packed = form % 2 == 1;
            Random random = new Random(7);
            RotaryEmbedding op = new RotaryEmbedding(form > 1, packed ? (Long) 2L : null, 38);
            List<Datum> in = List.copyOf(inputs(random, packed, 2, 43, 19, 4));
            List<Datum> expected = op.reference(new Operands(op, "", in, 1));
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(),
                    op,
                    in,
                    List.of(((Tensor) expected.getFirst()).type()),
                    false,
                    Tier.capabilities());
            assertThat(prepared.kernel().inPlace(0, 0)).isTrue();
            assertThat(prepared.kernel().inPlace(1, 0)).isFalse();
            Tensor apart = KernelRun.run(prepared, in).getFirst();
            assertThat(KernelCheck.inPlace(prepared, in, 0).contentEquals(apart))
                    .isTrue();
        }
    }

    @Test
    void positionsOutsideOfTheTablesAreNamed() {
        RotaryEmbedding op = new RotaryEmbedding(false, null, 0);
        for (long position : new long[] {-1, 4}) {
            List<Tensor> in = inputs(new Random(7), false, 2, 8, 4, 4);
            in.get(3).setLong(4, position);
            List<Datum> data = List.copyOf(in);
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(), op, data, List.of(in.getFirst().type()), false, Tier.capabilities());
            assertThatThrownBy(() -> KernelRun.run(prepared, data))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessageContaining("position_ids[1,1] is " + position)
                    .hasMessageContaining("[0, 3]");
        }
    }

    @Test
    void vectorsAreSelectedWhereAvailable() {
        for (boolean interleaved : new boolean[] {false, true}) {
            RotaryProblem p = new RotaryProblem(new RotaryProblem.Dims(1, 2, 16, 64, true), 32, interleaved, 2, -1);
            assertThat(RotaryKernels.TABLE
                            .choose(p, Capabilities.avx2())
                            .choice()
                            .id())
                    .isEqualTo("rotary_f32_vector");
            assertThat(RotaryKernels.TABLE
                            .choose(p, Capabilities.SCALAR)
                            .choice()
                            .id())
                    .isEqualTo("rotary_f32_scalar");
        }
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing(boolean interleaved) {
        RotaryProblem p = new RotaryProblem(new RotaryProblem.Dims(2, 3, 5, 77, true), 38, interleaved, 3, 9);
        Kernel kernel = RotaryKernels.TABLE.prepare(p, Tier.capabilities());
        long x = p.rows() * 77 * Float.BYTES;
        long table = 9L * 38 * Float.BYTES;
        assertThat(KernelCheck.allocated(kernel, x, table, table, 10 * Long.BYTES, x))
                .as(kernel.id())
                .isZero();
    }
}
