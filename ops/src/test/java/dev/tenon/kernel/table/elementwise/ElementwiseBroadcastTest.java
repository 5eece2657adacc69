package dev.tenon.kernel.table.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Where;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Any broadcast of two or three operands gives what the reference gives. */
@Tag("tiers")
class ElementwiseBroadcastTest {
    private static final int MOST_DIMS = 4;
    private static final int MOST_BITS = 1 << MOST_DIMS;

    /** The dimensions of a result; for each operand, a bit mask of dimensions that are 1, and how many leading ones it lacks. */
    record Shapes(List<Integer> dims, List<Integer> ones, List<Integer> dropped) {
        long[] of(int operand) {
            int skip = Math.min(dropped.get(operand), dims.size());
            long[] own = new long[dims.size() - skip];
            for (int d = 0; d < own.length; d++) {
                own[d] = (ones.get(operand) >> d & 1) != 0 ? 1 : dims.get(d + skip);
            }
            return own;
        }
    }

    @Provide
    Arbitrary<Shapes> shapes() {
        Arbitrary<Integer> dim =
                Arbitraries.oneOf(Arbitraries.integers().between(0, 9), Arbitraries.of(16, 31, 33, 64, 65, 130));
        Arbitrary<Integer> mask = Arbitraries.integers().between(0, MOST_BITS - 1);
        Arbitrary<Integer> skip = Arbitraries.integers().between(0, MOST_DIMS);
        return Combinators.combine(
                        dim.list().ofMaxSize(MOST_DIMS),
                        mask.list().ofSize(3),
                        skip.list().ofSize(3))
                .as(Shapes::new)
                .filter(s -> s.dims().stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b) <= 200_000);
    }

    @Property(tries = 60)
    void binary(@ForAll("shapes") Shapes s) {
        check(new Sub(), random(DType.FLOAT32, 1, s.of(0)), random(DType.FLOAT32, 2, s.of(1)));
        check(new Add(), random(DType.INT64, 1, s.of(0)), random(DType.INT64, 2, s.of(1)));
    }

    @Property(tries = 60)
    void ternary(@ForAll("shapes") Shapes s) {
        Tensor a = random(DType.FLOAT32, 2, s.of(1));
        Tensor b = random(DType.FLOAT32, 3, s.of(2));
        check(new Where(), random(DType.BOOL, 1, s.of(0)), a, b);
        check(new Sum(), random(DType.FLOAT32, 4, s.of(0)), a, b);
    }

    /** The first two operands are broadcast, and only the third is as long as the result. */
    @Example
    void chainsThatBeginWithOperandsThatRepeat() {
        long[][][] shapes = {{{}, {1}, {40}}, {{}, {}, {1029}}, {{1}, {}, {17}}, {{5, 1}, {5, 1}, {5, 33}}};
        for (long[][] s : shapes) {
            Tensor a = random(DType.FLOAT32, 1, s[0]);
            Tensor b = random(DType.FLOAT32, 2, s[1]);
            Tensor c = random(DType.FLOAT32, 3, s[2]);
            for (Op op : List.of(new Sum(), new Max())) {
                check(op, a, b, c);
                check(op, c, a, b);
            }
        }
    }

    private static Tensor random(DType type, long seed, long[] dims) {
        return Literals.random(type, seed, dims);
    }

    private static void check(Op op, Datum... operands) {
        KernelCheck check = KernelCheck.of(op, List.of(operands), 1);
        assertThat(check.compare(CoreKernels.set(), false, Tier.capabilities()))
                .as("%s", check)
                .isNotNull();
    }
}
