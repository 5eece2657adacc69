package dev.tenon.kernel.table.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chains that quantise numbers and leave them floats have the bits of the operators that they are made of. */
@Tag("tiers")
class RoundingChainTest {
    private static final int SEED = 28;
    private static final int[] LENGTHS = {1, 3, 15, 16, 31, 32, 33, 64, 100, 513};
    private static final float[] SPECIAL = {
        Float.NaN,
        0f,
        -0f,
        0.5f,
        -0.5f,
        1.5f,
        2.5f,
        -2.5f,
        1e9f,
        -1e9f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        -0.3f,
        254.5f,
        255.5f,
        -3.5f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE
    };

    private final Random random = new Random(SEED);

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    private Tensor numbers(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            boolean special = random.nextInt(3) == 0;
            t.setDouble(i, special ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 200);
        }
        return t;
    }

    /** Operands: the numbers, a scale, the least number, the width, what is taken off. The chain may lack a subtraction. */
    private static Fused chain(Op scaling, boolean least, boolean taken) {
        List<Part> parts = new ArrayList<>();
        parts.add(part(scaling, 0, 1));
        parts.add(part(new Round(), 5));
        int last = 6;
        if (least) {
            parts.add(part(new Sub(), last++, 2));
        }
        parts.add(part(new ThresholdedRelu(0), last++));
        parts.add(part(new Min(), last++, 3));
        if (taken) {
            parts.add(part(new Sub(), last++, 4));
        }
        parts.add(part(new Add(), last, last));
        return new Fused(5, null, parts);
    }

    @ParameterizedTest
    @CsvSource({
        "false, true, true, -128, 0",
        "false, false, false, 0, 0",
        "true, true, true, -3, 3",
        "true, true, false, 0, 0",
        "true, false, true, 0, -7",
        "false, true, true, -255, 4"
    })
    void hasTheBitsOfItsOperators(boolean divides, boolean least, boolean taken, int lowest, int off) {
        Fused op = chain(divides ? new Div() : new Mul(), least, taken);
        for (int n : LENGTHS) {
            for (long[] dims : new long[][] {{}, {1}, {n}, {2, 1}}) {
                Tensor scale = Tensor.allocate(DType.FLOAT32, dims);
                for (long i = 0; i < scale.size(); i++) {
                    scale.setDouble(i, 0.25 + random.nextFloat());
                }
                check(
                        op,
                        List.of(
                                numbers(2, n),
                                scale,
                                Tensor.scalar((float) lowest),
                                Tensor.scalar(255f),
                                Tensor.scalar((float) off)));
            }
        }
    }

    /** A bound before the numbers are rounded, and a factor after. */
    @Test
    void maybeBoundedAndMultiplied() {
        for (int n : LENGTHS) {
            for (long[] dims : new long[][] {{}, {1}, {n}, {2, n}}) {
                List<Part> parts = List.of(
                        part(new Mul(), 0, 1),
                        part(new Min(), 5, 2),
                        part(new Round(), 6),
                        part(new ThresholdedRelu(0), 7),
                        part(new Min(), 8, 3),
                        part(new Mul(), 9, 4));
                check(
                        new Fused(5, null, parts),
                        List.of(numbers(2, n), numbers(n), numbers(dims), Tensor.scalar(255f), Tensor.scalar(0.3f)));
            }
        }
    }

    @Test
    void isTheEpilogueOfAProduct() {
        List<Part> body = List.of(
                part(new Mul(), 6, 2),
                part(new Round(), 7),
                part(new Sub(), 8, 3),
                part(new ThresholdedRelu(0), 9),
                part(new Min(), 10, 4),
                part(new Sub(), 11, 5));
        Fused op = new Fused(6, part(new MatMul(), 0, 1), body);
        for (int n : LENGTHS) {
            Tensor w = Tensor.allocate(DType.FLOAT32, 5, n);
            Tensor x = Tensor.allocate(DType.FLOAT32, 13, 5);
            for (Tensor t : List.of(w, x)) {
                for (long i = 0; i < t.size(); i++) {
                    t.setDouble(i, random.nextInt(255) - 127);
                }
            }
            Tensor scale = Tensor.allocate(DType.FLOAT32, n);
            for (long i = 0; i < n; i++) {
                scale.setDouble(i, random.nextFloat() / 64);
            }
            check(op, List.of(x, w, scale, Tensor.scalar(-128f), Tensor.scalar(255f), Tensor.scalar(128f)));
        }
    }

    /** Each column has a bound of its own before its numbers are rounded; there may be a subtraction and a factor, or neither. */
    @Test
    void isTheBoundedEpilogueOfAProduct() {
        for (boolean more : new boolean[] {false, true}) {
            List<Part> body = new ArrayList<>(List.of(
                    part(new Mul(), 6, 2),
                    part(new Min(), 7, 3),
                    part(new Round(), 8),
                    part(new ThresholdedRelu(0), 9),
                    part(new Min(), 10, 4)));
            if (more) {
                body.add(part(new Sub(), 11, 5));
                body.add(part(new Mul(), 12, 5));
            }
            Fused op = new Fused(6, part(new MatMul(), 0, 1), body);
            for (int n : LENGTHS) {
                Tensor scale = numbers(n);
                Tensor bound = numbers(n);
                Tensor x = Tensor.allocate(DType.FLOAT32, 13, 5);
                Tensor w = Tensor.allocate(DType.FLOAT32, 5, n);
                for (Tensor t : List.of(w, x)) {
                    for (long i = 0; i < t.size(); i++) {
                        t.setDouble(i, random.nextInt(31) - 15);
                    }
                }
                check(op, List.of(x, w, scale, bound, Tensor.scalar(255f), Tensor.scalar(3f)));
            }
        }
    }

    @Test
    void aWidthThatIsNoIntegerIsNoChain() {
        Fused op = chain(new Mul(), true, true);
        check(
                op,
                List.of(
                        numbers(3, 40),
                        Tensor.scalar(0.5f),
                        Tensor.scalar(-2.5f),
                        Tensor.scalar(9.25f),
                        Tensor.scalar(0.5f)));
    }

    /** Compares bits, with constants and without, on this machine and without vectors. */
    private static void check(Fused op, List<Datum> operands) {
        Tensor expected =
                (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
        for (Capabilities c : List.of(Tier.capabilities(), Capabilities.SCALAR)) {
            for (boolean constant : new boolean[] {true, false}) {
                Tensor found = KernelRun.run(
                                KernelRun.prepare(
                                        CoreKernels.set(), op, operands, List.of(expected.type()), constant, c),
                                operands)
                        .getFirst();
                for (long i = 0; i < expected.size(); i++) {
                    assertThat(Float.floatToIntBits(found.getFloat(i)))
                            .as("seed %d, element %d of %s with %s", SEED, i, op, operands)
                            .isEqualTo(Float.floatToIntBits(expected.getFloat(i)));
                }
            }
        }
    }
}
