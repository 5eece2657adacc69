package dev.tenon.kernel.table.fused;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.reduce.ReduceKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceLogSum;
import dev.tenon.op.reduce.ReduceLogSumExp;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceProd;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of reductions and softmax that apply element-wise operators before and after. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class FusedRowsTest {
    private static final int[] LENGTHS = {1, 2, 3, 7, 16, 31, 33, 64, 65, 130};
    private static final int MOST_DIMS = 4;
    private static final long MOST_ELEMENTS = 20_000;
    private static final int LARGE = 700;

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    private static Tensor floats(long seed, long... dims) {
        return Literals.random(DType.FLOAT32, seed, dims);
    }

    private static Op reduction(int kind, boolean keep) {
        Attributes a = Attributes.none().with("keepdims", keep ? 1L : 0L);
        return switch (kind) {
            case 0 -> ReduceSum.of(a);
            case 1 -> ReduceMean.of(a);
            case 2 -> ReduceMax.of(a);
            case 3 -> ReduceMin.of(a);
            case 4 -> ReduceL1.of(a);
            case 5 -> ReduceL2.of(a);
            case 6 -> ReduceLogSum.of(a);
            case 7 -> ReduceLogSumExp.of(a);
            case 8 -> ReduceProd.of(a);
            default -> ReduceSumSquare.of(a);
        };
    }

    /**
     * {@code |reduce(|x * row + column|) * factor - term|}; the elements are small integers, of which most reductions are
     * exact.
     */
    @Property(tries = 40)
    void anyReduction(@ForAll long seed) {
        Random random = new Random(seed);
        long[] dims = dims(random);
        List<Long> axes = new ArrayList<>();
        boolean[] reduced = new boolean[dims.length];
        for (int i = 0; i < dims.length; i++) {
            if (random.nextBoolean()) {
                reduced[i] = true;
                axes.add((long) (random.nextBoolean() ? i : i - dims.length));
            }
        }
        boolean keep = random.nextBoolean();
        if (axes.isEmpty() || ReduceKernels.problem(Reduction.Kind.SUM, dims, reduced, 1) == null) {
            return;
        }
        Tensor x = FusedKernelsTest.integers(random, dims);
        Tensor row = FusedKernelsTest.integers(random, dims[dims.length - 1]);
        long[] columns = dims.clone();
        columns[dims.length - 1] = 1;
        Tensor column = FusedKernelsTest.integers(random, columns);
        List<Datum> operands = List.of(
                x,
                row,
                column,
                Tensor.of(axes.stream().mapToLong(Long::longValue).toArray()),
                Tensor.scalar(1f + random.nextInt(3)),
                Tensor.scalar((float) random.nextInt(3)));
        Op reduction = reduction(random.nextInt(10), keep);
        List<Part> prologue = List.of(part(new Mul(), 0, 1), part(new Add(), 6, 2), part(new Abs(), 7));
        Part behindThem = part(reduction, 8, 3);
        check(new Fused(6, prologue, behindThem, List.of()), operands);
        List<Part> body = List.of(part(new Mul(), 9, 4), part(new Sub(), 10, 5), part(new Abs(), 11));
        check(new Fused(6, prologue, behindThem, body), operands);
        List<Part> alone = List.of(part(new Mul(), 6, 4), part(new Sub(), 7, 5));
        check(new Fused(6, part(reduction, 0, 3), alone), operands);
    }

    @Property(tries = 15)
    void anySoftmax(@ForAll long seed) {
        Random random = new Random(seed);
        long[] dims = dims(random);
        int axis = random.nextInt(4) == 0 ? random.nextInt(dims.length) : -1;
        Tensor x = floats(seed, dims);
        Tensor scale = Tensor.scalar(0.125f);
        Tensor mask = floats(seed + 1, dims[dims.length - 1]);
        for (Op op : List.of(new Softmax(axis), new LogSoftmax(axis))) {
            List<Part> prologue = List.of(part(new Mul(), 0, 1), part(new Add(), 3, 2));
            check(new Fused(3, prologue, part(op, 4), List.of()), List.of(x, scale, mask));
            List<Part> body = List.of(part(new Mul(), 5, 1), part(new Add(), 6, 2));
            check(new Fused(3, prologue, part(op, 4), body), List.of(x, scale, mask));
            check(
                    new Fused(3, part(op, 0), List.of(part(new Mul(), 3, 1), part(new Add(), 4, 2))),
                    List.of(x, scale, mask));
        }
    }

    @Test
    void intermediateValuesOfOtherTypes() {
        List<Part> prologue = List.of(
                part(new Greater(), 0, 1),
                part(new Cast(DType.INT64), 0),
                part(new Cast(DType.FLOAT32), 4),
                part(new Where(), 3, 5, 1));
        Fused op = new Fused(3, prologue, part(reduction(0, true), 6, 2), List.of(part(new Neg(), 7)));
        for (int n : LENGTHS) {
            check(op, List.of(floats(1, 5, n), floats(2, n), Tensor.of(new long[] {-1})));
        }
    }

    @Test
    @Tag("widest")
    void linesLargerThanCaches() {
        Tensor x = floats(1, 2, LARGE, LARGE);
        Tensor row = floats(2, LARGE);
        List<Part> prologue = List.of(part(new Mul(), 0, 1), part(new Abs(), 3));
        long[][] axes = {{1}, {2}, {1, 2}, {0, 1, 2}};
        for (int i = 0; i < axes.length; i++) {
            for (int kind : new int[] {0, 2}) {
                boolean withBody = (i + kind / 2) % 2 == 0;
                for (List<Part> body : List.of(List.<Part>of(), List.of(part(new Neg(), 5)))) {
                    if (Exhaustive.isOn() || withBody != body.isEmpty()) {
                        Fused op = new Fused(3, prologue, part(reduction(kind, true), 4, 2), body);
                        check(op, List.of(x, row, Tensor.of(axes[i])));
                    }
                }
            }
        }
        List<Part> scaled = List.of(part(new Mul(), 0, 1));
        Fused softmax = new Fused(2, scaled, part(new Softmax(-1), 2), List.of(part(new Neg(), 3)));
        check(softmax, List.of(floats(3, 2, LARGE * LARGE), Tensor.scalar(3f)));
    }

    @Test
    void nothingToReduce() {
        List<Part> prologue = List.of(part(new Relu(), 0));
        Fused sum = new Fused(2, prologue, part(reduction(0, true), 2, 1), List.of(part(new Neg(), 3)));
        check(sum, List.of(floats(1, 3, 0), Tensor.of(new long[] {1})));
        check(sum, List.of(floats(1, 0, 3), Tensor.of(new long[] {1})));
        Fused softmax = new Fused(1, prologue, part(new Softmax(-1), 1), List.of());
        check(softmax, List.of(floats(1, 0, 3)));
        check(softmax, List.of(floats(1, 3, 0)));
    }

    @Test
    void softmaxMayOverwriteItsInput() {
        List<Part> prologue = List.of(part(new Mul(), 0, 1));
        Fused op = new Fused(2, prologue, part(new Softmax(-1), 2), List.of());
        Fused again = new Fused(2, prologue, part(new Softmax(-1), 2), List.of(part(new Add(), 3, 0)));
        Fused sum = new Fused(2, prologue, part(reduction(0, true), 2), List.of());
        List<Datum> operands = List.of(floats(1, 300, 70), floats(2, 70));
        Tensor expected =
                (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, operands, List.of(expected.type()), false, Tier.capabilities());
        assertThat(prepared.kernel().inPlace(0, 0)).isTrue();
        assertThat(prepared.kernel().inPlace(1, 0)).isFalse();
        Closeness.check(
                "in place",
                KernelCheck.inPlace(prepared, operands, 0),
                expected,
                Closeness.magnitudes(op, operands, 1).getFirst(),
                op.numerics());
        for (Fused other : List.of(again, sum)) {
            Tensor its = (Tensor)
                    other.reference(new Operands(other, "", operands, 1)).getFirst();
            assertThat(KernelRun.prepare(
                                    CoreKernels.set(), other, operands, List.of(its.type()), false, Tier.capabilities())
                            .kernel()
                            .inPlace(0, 0))
                    .isFalse();
        }
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        List<Part> prologue = List.of(part(new Mul(), 0, 1), part(new Add(), 2, 1));
        Fused sum = new Fused(2, prologue, part(reduction(0, true), 3), List.of(part(new Neg(), 4)));
        Fused softmax = new Fused(2, prologue, part(new Softmax(-1), 3), List.of(part(new Neg(), 4)));
        for (Fused op : List.of(sum, softmax)) {
            List<Datum> operands = List.of(floats(1, 40, 77), floats(2, 77));
            Tensor y = (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
            Kernel kernel = CoreKernels.set()
                    .prepare(
                            op,
                            KernelRequest.of(
                                    operands.stream()
                                            .map(d -> ((Tensor) d).type())
                                            .toList(),
                                    List.of(y.type()),
                                    Tier.capabilities()));
            assertThat(KernelCheck.allocated(kernel, 40 * 77 * 4, 77 * 4, y.size() * 4))
                    .as(kernel.id())
                    .isZero();
        }
    }

    private static long[] dims(Random random) {
        while (true) {
            long[] dims = new long[1 + random.nextInt(MOST_DIMS)];
            long elements = 1;
            for (int d = 0; d < dims.length; d++) {
                dims[d] = LENGTHS[random.nextInt(LENGTHS.length)];
                elements *= dims[d];
            }
            if (elements <= MOST_ELEMENTS) {
                return dims;
            }
        }
    }

    private static void check(Fused op, List<Datum> operands) {
        FusedKernelsTest.check(op, operands, false);
    }
}
