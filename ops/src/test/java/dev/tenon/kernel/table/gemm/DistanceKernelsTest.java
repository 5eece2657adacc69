package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.PairwiseDistances;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.GuardPages;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.SeedInFailures;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Distances of rows agree with the reference, whether the second matrix is packed before the call or in it. */
@Tag("assembled")
class DistanceKernelsTest {
    private static final int[] ROWS = {1, 2, 23, 24, 25, 49, 130};
    private static final int[] LENGTHS = {1, 2, 3, 4, 7, 8, 17, 100};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @RegisterExtension
    final SeedInFailures failures = new SeedInFailures(seed);

    private Tensor rows(int rows, int length) {
        float[] all = new float[rows * length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) random.nextGaussian();
        }
        return Tensor.of(all, rows, length);
    }

    private static KernelRun.Prepared prepare(
            PairwiseDistances op, List<Datum> inputs, boolean constant, Capabilities machine) {
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), constant, machine);
        String id = machine.equals(Capabilities.SCALAR) ? "distances_f32_scalar" : "distances_f32_x64";
        assertThat(prepared.kernel().id()).isEqualTo(id);
        return prepared;
    }

    @Test
    void distancesAgreeWithTheReference() {
        for (int i = 0; i < 40; i++) {
            PairwiseDistances op = new PairwiseDistances(i % 2 == 0);
            int length = LENGTHS[random.nextInt(LENGTHS.length)];
            Tensor a = rows(ROWS[random.nextInt(ROWS.length)], length);
            Tensor b = rows(1 + random.nextInt(i % 10 == 9 ? 300 : 70), length);
            List<Datum> inputs = List.of(a, b);
            Datum expected = op.reference(new Operands(op, "", inputs, 1)).getFirst();
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                for (boolean constant : new boolean[] {false, true}) {
                    Tensor found = KernelRun.run(prepare(op, inputs, constant, machine), inputs)
                            .getFirst();
                    Closeness.check(op + " of " + a.type() + " " + b.type(), found, expected, null, op.numerics());
                    if (machine.equals(Capabilities.SCALAR)) {
                        assertThat(found.contentEquals((Tensor) expected)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void aRowHasTheSameBitsInAnyBatch() {
        PairwiseDistances op = new PairwiseDistances(false);
        for (int i = 0; i < 8; i++) {
            int length = LENGTHS[random.nextInt(LENGTHS.length)];
            Tensor a = rows(53, length);
            Tensor b = rows(1 + random.nextInt(70), length);
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                List<Datum> inputs = List.of(a, b);
                Tensor all = KernelRun.run(prepare(op, inputs, true, machine), inputs)
                        .getFirst();
                for (int first = 0, rows = 1; first + rows <= 53; first += rows, rows = 1 + random.nextInt(9)) {
                    List<Datum> part = List.of(a.slice(first, first + rows), b);
                    Tensor some = KernelRun.run(prepare(op, part, false, machine), part)
                            .getFirst();
                    assertThat(some.contentEquals(all.slice(first, first + rows)))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void numbersThatAreNoneAreKept() {
        Tensor a = Tensor.of(new float[] {Float.NaN, 1, Float.POSITIVE_INFINITY, 1}, 2, 2);
        Tensor b = Tensor.of(new float[] {1, 1, Float.POSITIVE_INFINITY, 1}, 2, 2);
        PairwiseDistances op = new PairwiseDistances(false);
        for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
            List<Datum> inputs = List.of(a, b);
            float[] found = KernelRun.run(prepare(op, inputs, true, machine), inputs)
                    .getFirst()
                    .toFloatArray();
            assertThat(found).containsExactly(Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, Float.NaN);
        }
    }

    @Test
    void machineCodeStaysInsideOfItsOperands() {
        for (int i = 0; i < 8; i++) {
            PairwiseDistances op = new PairwiseDistances(i % 2 == 0);
            int length = LENGTHS[random.nextInt(LENGTHS.length)];
            List<Datum> inputs =
                    List.of(rows(ROWS[random.nextInt(ROWS.length)], length), rows(1 + random.nextInt(90), length));
            for (Capabilities machine : Profile.ofEachWidth()) {
                KernelRun.Prepared prepared = prepare(op, inputs, true, machine);
                Tensor expected = KernelRun.run(prepared, inputs).getFirst();
                for (boolean last : new boolean[] {false, true}) {
                    assertThat(guarded(prepared, inputs, expected.byteSize(), last)
                                    .mismatch(expected.segment()))
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static MemorySegment guarded(
            KernelRun.Prepared prepared, List<Datum> inputs, long resultBytes, boolean last) {
        MemorySegment[] operands = new MemorySegment[3];
        for (int i = 0; i < 2; i++) {
            Tensor x = (Tensor) inputs.get(i);
            long bytes = prepared.request().layout(i).byteSize(x.type());
            operands[i] = GuardPages.of(bytes).part(bytes, last);
            prepared.request().layout(i).pack(x, operands[i]);
        }
        operands[2] = GuardPages.of(resultBytes).part(resultBytes, last);
        long scratch = (prepared.kernel().scratchBytes() + 63) / 64 * 64;
        prepared.kernel().runAll(operands, GuardPages.of(scratch).part(scratch, last));
        return operands[2];
    }

    @Test
    void otherOperandsRunThroughTheReference() {
        PairwiseDistances op = new PairwiseDistances(false);
        for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
            for (List<Datum> inputs : List.<List<Datum>>of(
                    List.of(Tensor.allocate(DType.FLOAT64, 2, 3), Tensor.allocate(DType.FLOAT64, 4, 3)),
                    List.of(Tensor.allocate(DType.FLOAT32, 2, 0), Tensor.allocate(DType.FLOAT32, 4, 0)),
                    List.of(Tensor.allocate(DType.FLOAT32, 2, 1), Tensor.allocate(DType.FLOAT32, 4, 3)))) {
                assertThat(KernelRun.prepare(
                                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), true, machine))
                        .isNull();
            }
        }
    }
}
