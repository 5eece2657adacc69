package dev.tenon.kernel.table.fused;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows a product of integers in its kernel has the bits of the operators that it stands for, whichever are missing. */
@Tag("tiers")
class ScaledEpilogueTest {
    private static final int OPERANDS = 6;
    private static final int ROWS = 13;
    private static final int K = 20;

    /** Adds parts one after the other, each of which takes the last result. */
    private static Fused chain(int steps) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part(new Cast(DType.FLOAT32, true, "up"), List.of(OPERANDS)));
        for (int step = 0; step < 6; step++) {
            if ((steps >> step & 1) == 0) {
                continue;
            }
            int last = OPERANDS + parts.size();
            parts.add(
                    switch (step) {
                        case 0 -> new Part(new Mul(), List.of(last, 2));
                        case 1 -> new Part(new Mul(), List.of(last, 3));
                        case 2 -> new Part(new Add(), List.of(last, 4));
                        case 3 -> new Part(new Add(), List.of(5, last));
                        case 4 -> new Part(new Relu(), List.of(last));
                        default -> new Part(new Abs(), List.of(last));
                    });
        }
        return new Fused(OPERANDS, new Part(new MatMulInteger(), List.of(0, 1)), parts);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 33, 100})
    void hasTheBitsOfItsOperators(int n) {
        List<Datum> operands = List.of(
                Literals.random(DType.UINT8, 1, ROWS, K),
                Literals.random(DType.INT8, 2, K, n),
                Tensor.scalar(0.013f),
                Literals.random(DType.FLOAT32, 3, n),
                Literals.random(DType.FLOAT32, 4, n),
                Literals.random(DType.FLOAT32, 5, ROWS, n));
        for (int steps = 0; steps < 64; steps++) {
            check(chain(steps), operands);
        }
    }

    private static void check(Fused op, List<Datum> operands) {
        Tensor expected =
                (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
        for (Capabilities c : List.of(Tier.capabilities(), Capabilities.SCALAR)) {
            KernelRun.Prepared prepared =
                    KernelRun.prepare(CoreKernels.set(), op, operands, List.of(expected.type()), true, c);
            Tensor found = KernelRun.run(prepared, operands).getFirst();
            for (long i = 0; i < expected.size(); i++) {
                assertThat(Float.floatToIntBits(found.getFloat(i)))
                        .as("element %d of %s by %s", i, op, prepared.kernel().id())
                        .isEqualTo(Float.floatToIntBits(expected.getFloat(i)));
            }
        }
    }
}
