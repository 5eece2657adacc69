package dev.tenon.kernel.x64;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.elementwise.VectorBinary;
import dev.tenon.kernel.vector.elementwise.VectorSelect;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.BinaryCode;
import dev.tenon.kernel.x64.elementwise.UnaryCode;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Allocation;
import dev.tenon.testkit.GuardedMemory;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Profile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Element-wise loops in machine code: against the reference, and against the vector tier bit for bit. */
class AssembledLoopsTest {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long SEED = 20261129;
    private static final float ALPHA = 0.75f;
    private static final float BETA = 2.5f;

    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        1e-40f,
        -1e-40f,
        3e38f,
        -3e38f,
        88.5f,
        88.73f,
        89.5f,
        -87.4f,
        -103.9f,
        -104.1f,
        5.1f,
        -5.1f,
        3.925f,
        -3.925f,
        9.01f,
        -9.01f,
        1e-20f,
        Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY
    };

    private static float number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> Float.intBitsToFloat(random.nextInt());
            default -> (float) (random.nextGaussian() * 5);
        };
    }

    private static void fill(MemorySegment memory, Random random) {
        for (long at = 0; at < memory.byteSize(); at += Float.BYTES) {
            memory.set(F32, at, number(random));
        }
    }

    private static final List<Op> OPERATORS = List.of(
            new Exp(),
            new Erf(),
            new Tanh(),
            new Sigmoid(),
            new Swish(ALPHA),
            new Gelu("none"),
            new Gelu("tanh"),
            new Sqrt(),
            new Relu(),
            new LeakyRelu(ALPHA),
            new Log(),
            new HardSwish(),
            new HardSigmoid(0.3f, 0.4f),
            new Clip());

    /** Every length around two vectors, against the operator's reference and contract, between guards. */
    @Test
    void functionsOfRunsOfAnyLength() {
        Random random = new Random(SEED);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Op op : OPERATORS) {
                for (int n = 0; n <= 33; n++) {
                    assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(tensor(random, n)), 1, machine))
                            .contains("_avx");
                }
            }
        }
    }

    private static Tensor tensor(Random random, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, number(random));
        }
        return t;
    }

    @Test
    void conversionsOfAnyLength() {
        Random random = new Random(SEED);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (DType type : List.of(DType.INT8, DType.UINT8, DType.INT32)) {
                for (int n = 0; n <= 33; n++) {
                    Tensor x = Tensor.allocate(type, n);
                    for (long i = 0; i < n; i++) {
                        x.setLong(i, random.nextInt());
                    }
                    Op op = new Cast(DType.FLOAT32, true, "up");
                    assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, machine))
                            .contains("_avx");
                }
            }
        }
    }

    @Test
    void operatorsOfTwoNumbersOfAnyLengthAndBroadcast() {
        Random random = new Random(SEED);
        for (Capabilities machine : Profile.ofEachWidth()) {
            for (Op op : List.of(new Add(), new Sub(), new Mul(), new Div(), new Min(), new Max())) {
                for (int n = 0; n <= 33; n++) {
                    Tensor x = tensor(random, 3, n);
                    for (Tensor y :
                            List.of(tensor(random, 3, n), tensor(random), tensor(random, n), tensor(random, 3, 1))) {
                        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(x, y), 1, machine))
                                .contains("_avx");
                        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(y, x), 1, machine))
                                .contains("_avx");
                    }
                }
            }
        }
    }

    /** A run is a part of its memory: nothing before and after it is written. */
    @Test
    void runsWriteNothingElse() {
        Random random = new Random(SEED);
        for (int bits : Profile.widths()) {
            for (UnaryCode code : UnaryCode.values()) {
                UnaryLoop loop = AssembledLoops.unary(code, bits, ALPHA, BETA);
                for (int n = 0; n <= 33; n++) {
                    MemorySegment x = Arena.ofAuto().allocate(4L * n + 8, 4);
                    fill(x, random);
                    GuardedMemory y = GuardedMemory.of(4L * n);
                    loop.run(x, 4, y.segment(), 0, n);
                    y.check(code + " of " + n);
                    loop.run(x, 4, x, 4, n);
                    assertThat(x.asSlice(4, 4L * n).mismatch(y.segment())).isEqualTo(-1);
                }
            }
        }
    }

    /** Rows of a matrix that is wider, in place: as row by row. */
    @Test
    void blocksOfRowsAreAsTheirRows() {
        Random random = new Random(SEED);
        for (int bits : Profile.widths()) {
            for (UnaryCode code : List.of(UnaryCode.GELU, UnaryCode.CLIP)) {
                UnaryLoop loop = AssembledLoops.unary(code, bits, ALPHA, BETA);
                for (int n : new int[] {0, 1, 15, 16, 17, 40}) {
                    GuardedMemory block = GuardedMemory.of(4L * (3 * 50 + n));
                    fill(block.segment(), random);
                    MemorySegment expected =
                            Arena.ofAuto().allocate(block.segment().byteSize(), 64);
                    expected.copyFrom(block.segment());
                    for (int r = 0; r < 4; r++) {
                        loop.run(expected, 200L * r, expected, 200L * r, n);
                    }
                    loop.runRows(block.segment(), 0, block.segment(), 0, 200, 4, n);
                    block.check(code + " of rows of " + n);
                    assertThat(block.segment().mismatch(expected)).isEqualTo(-1);
                }
            }
        }
    }

    private static Map<UnaryCode, UnaryLoop> vectorLoops() {
        return Map.ofEntries(
                Map.entry(UnaryCode.EXP, VectorUnary::exp),
                Map.entry(UnaryCode.SCALED_EXP, afterwards(v -> v * ALPHA, VectorUnary::exp)),
                Map.entry(UnaryCode.SHIFTED_TANH, afterwards(v -> v + ALPHA, VectorUnary::tanh)),
                Map.entry(UnaryCode.SHIFTED_SQUARE, afterwards(v -> (v + ALPHA) * (v + ALPHA), UnaryLoop.copying(4))),
                Map.entry(
                        UnaryCode.SHIFTED_CUBE,
                        afterwards(v -> (v + ALPHA) * ((v + ALPHA) * (v + ALPHA)), UnaryLoop.copying(4))),
                Map.entry(UnaryCode.LOG, VectorUnary::log),
                Map.entry(UnaryCode.ERF, VectorUnary::erf),
                Map.entry(UnaryCode.TANH, VectorUnary::tanh),
                Map.entry(UnaryCode.SIGMOID, VectorUnary::sigmoid),
                Map.entry(UnaryCode.SWISH, VectorUnary.swish(ALPHA)),
                Map.entry(UnaryCode.GELU, VectorUnary::gelu),
                Map.entry(UnaryCode.GELU_TANH, VectorUnary::geluTanh),
                Map.entry(UnaryCode.SQRT, VectorUnary::sqrt),
                Map.entry(UnaryCode.RELU, VectorUnary::relu),
                Map.entry(UnaryCode.LEAKY_RELU, VectorUnary.leakyRelu(ALPHA)),
                Map.entry(UnaryCode.CLIP, AssembledLoopsTest::clip),
                Map.entry(UnaryCode.HARD_SWISH, VectorUnary::hardSwish),
                Map.entry(UnaryCode.HARD_SIGMOID, VectorUnary.hardSigmoid(ALPHA, BETA)));
    }

    /** A loop that applies a function to each element before another loop does. */
    private static UnaryLoop afterwards(FloatFunction first, UnaryLoop second) {
        return (x, xAt, y, yAt, n) -> {
            MemorySegment between = Arena.ofAuto().allocate(4L * n, 64);
            for (long i = 0; i < n; i++) {
                between.set(F32, 4 * i, first.apply(x.get(F32, xAt + 4 * i)));
            }
            second.run(between, 0, y, yAt, n);
        };
    }

    /** A function of a float. */
    @FunctionalInterface
    private interface FloatFunction {
        float apply(float x);
    }

    private static void clip(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        MemorySegment bounds = MemorySegment.ofArray(new float[] {ALPHA, BETA});
        MemorySegment own = Arena.ofAuto().allocate(8, 8).copyFrom(bounds);
        VectorSelect.clip(x, xAt, own, 0, own, 4, 0, y, yAt, n);
    }

    @Test
    @Tag("vector")
    void functionsHaveTheBitsOfTheVectorTier() {
        int n = 64 * SimdSpecies.LANES * 40;
        Random random = new Random(SEED);
        MemorySegment x = Arena.ofAuto().allocate(4L * n, 64);
        MemorySegment y = Arena.ofAuto().allocate(4L * n, 64);
        MemorySegment expected = Arena.ofAuto().allocate(4L * n, 64);
        for (int bits : Profile.widths()) {
            for (UnaryCode code : UnaryCode.values()) {
                fill(x, random);
                vectorLoops().get(code).run(x, 0, expected, 0, n);
                AssembledLoops.unary(code, bits, ALPHA, BETA).run(x, 0, y, 0, n);
                for (long at = 0; at < 4L * n; at += 4) {
                    assertThat(Float.floatToIntBits(y.get(F32, at)))
                            .as(code + " of " + x.get(F32, at) + ", " + bits + " bits, seed " + SEED)
                            .isEqualTo(Float.floatToIntBits(expected.get(F32, at)));
                }
            }
        }
    }

    @Test
    @Tag("vector")
    void operatorsOfTwoNumbersHaveTheBitsOfTheVectorTier() {
        Map<BinaryCode, BinaryLoop> loops = Map.of(
                BinaryCode.ADD, VectorBinary::add,
                BinaryCode.SUB, VectorBinary::sub,
                BinaryCode.MUL, VectorBinary::mul,
                BinaryCode.DIV, VectorBinary::div,
                BinaryCode.MIN, VectorBinary::min,
                BinaryCode.MAX, VectorBinary::max);
        int n = 64 * SimdSpecies.LANES;
        Random random = new Random(SEED);
        MemorySegment a = Arena.ofAuto().allocate(4L * n, 64);
        MemorySegment b = Arena.ofAuto().allocate(4L * n, 64);
        MemorySegment y = Arena.ofAuto().allocate(4L * n, 64);
        MemorySegment expected = Arena.ofAuto().allocate(4L * n, 64);
        int[][] steps = {{1, 1}, {0, 1}, {1, 0}};
        for (int bits : Profile.widths()) {
            for (BinaryCode code : BinaryCode.values()) {
                for (int[] step : steps) {
                    fill(a, random);
                    fill(b, random);
                    loops.get(code).run(a, 0, step[0], b, 0, step[1], expected, 0, n);
                    AssembledLoops.binary(code, bits).run(a, 0, step[0], b, 0, step[1], y, 0, n);
                    for (long at = 0; at < 4L * n; at += 4) {
                        assertThat(Float.floatToIntBits(y.get(F32, at)))
                                .as(code + ", " + bits + " bits, seed " + SEED)
                                .isEqualTo(Float.floatToIntBits(expected.get(F32, at)));
                    }
                }
            }
        }
    }

    @Test
    void runsAllocateNothing() {
        MemorySegment x = Arena.ofAuto().allocate(400, 64);
        for (int bits : Profile.widths()) {
            UnaryLoop gelu = AssembledLoops.unary(UnaryCode.GELU, bits, 0);
            BinaryLoop add = AssembledLoops.binary(BinaryCode.ADD, bits);
            assertThat(Allocation.steady(200, Allocation.NOTHING, () -> {
                                gelu.run(x, 0, x, 0, 100);
                                add.run(x, 0, 1, x, 0, 0, x, 0, 100);
                            })
                            .caller())
                    .isZero();
        }
    }
}
