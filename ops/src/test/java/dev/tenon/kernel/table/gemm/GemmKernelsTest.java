package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrix products of the tier against the reference, around the tails of tiles, panels and blocks. */
@Tag("tiers")
@Tag("assembled")
@Tag("short")
class GemmKernelsTest {
    private static final int[] ROWS = {1, 2, 5, 11, 12, 13, 25};
    private static final int[] COLUMNS = {1, 7, 15, 16, 17, 31, 32, 33, 65};
    private static final int[] DEPTHS = {1, 2, 16, 33};

    private final Random random = new Random(20);

    @Test
    void matricesOfEveryTail() {
        for (int i = 0; i < ROWS.length; i++) {
            for (int j = 0; j < COLUMNS.length; j++) {
                for (int d = 0; d < DEPTHS.length; d++) {
                    if (!Exhaustive.isOn() && d != (i + j) % DEPTHS.length) {
                        continue;
                    }
                    int m = ROWS[i];
                    int n = COLUMNS[j];
                    int k = DEPTHS[d];
                    check(new MatMul(), floats(m, k), floats(k, n));
                    check(new Gemm(1, 1, false, true), floats(m, k), floats(n, k), floats(n));
                    check(new TransposedMatMul(), floats(2, m, k), floats(2, n, k));
                }
            }
        }
    }

    @Test
    @Tag("widest")
    void longSumsGoThroughSeveralBlocks() {
        for (int k : new int[] {511, 512, 513, 1100}) {
            check(new MatMul(), floats(13, k), floats(k, 40));
            check(new MatMulInteger(), bytes(DType.UINT8, 13, k), bytes(DType.INT8, k, 40));
            check(new MatMulInteger(), bytes(DType.INT8, 3, k), bytes(DType.UINT8, k, 600), null, bytes(DType.UINT8));
        }
    }

    @Test
    void emptyOperands() {
        check(new MatMul(), floats(0, 3), floats(3, 4));
        check(new MatMul(), floats(2, 0), floats(0, 4));
        check(new MatMul(), floats(2, 3), floats(3, 0));
        check(new MatMul(), floats(0, 2, 3), floats(0, 3, 4));
        check(new Gemm(1, 1, false, false), floats(2, 0), floats(0, 4), floats(4));
        check(new MatMulInteger(), bytes(DType.UINT8, 2, 0), bytes(DType.INT8, 0, 4));
        check(new TransposedMatMul(), floats(2, 3, 0), floats(2, 4, 0));
    }

    @Test
    void stacksBroadcast() {
        check(new MatMul(), floats(2, 3, 13, 8), floats(2, 3, 8, 17));
        check(new MatMul(), floats(2, 1, 4, 8), floats(3, 8, 5));
        check(new MatMul(), floats(3, 4, 8), floats(8, 33));
        check(new MatMul(), floats(8), floats(2, 8, 5));
        check(new MatMul(), floats(2, 4, 8), floats(8));
        check(new MatMul(), floats(8), floats(8));
        check(new MatMul(), floats(130, 140), floats(140, 900));
        check(new TransposedMatMul(), floats(2, 3, 13, 8), floats(2, 3, 17, 8));
        check(new TransposedMatMul(), floats(2, 1, 4, 8), floats(3, 5, 8));
        check(new TransposedMatMul(), floats(3, 4, 8), floats(33, 8));
        check(new TransposedMatMul(), floats(8), floats(2, 5, 8));
        check(new TransposedMatMul(), floats(2, 13, 140), floats(2, 900, 140));
        if (Exhaustive.isOn()) {
            check(new TransposedMatMul(), floats(2, 130, 140), floats(2, 900, 140));
        }
    }

    @Test
    void everyFormOfGemm() {
        for (boolean transA : new boolean[] {false, true}) {
            for (boolean transB : new boolean[] {false, true}) {
                for (float factor : new float[] {1, 0.5f}) {
                    Tensor a = transA ? floats(6, 13) : floats(13, 6);
                    Tensor b = transB ? floats(35, 6) : floats(6, 35);
                    Gemm op = new Gemm(factor, 2 - factor, transA, transB);
                    check(op, a, b);
                    for (Tensor c :
                            List.of(floats(35), floats(1, 35), floats(13, 1), floats(13, 35), floats(1), scalar())) {
                        check(op, a, b, c);
                    }
                }
            }
        }
    }

    @Test
    void rowsTimesMatricesOfEveryTail() {
        for (int n : new int[] {1, 3, 15, 16, 17, 31, 32, 33, 300}) {
            for (int k : new int[] {0, 1, 3, 4, 5, 16, 37}) {
                check(new MatMul(), floats(1, k), floats(k, n));
                check(new Gemm(1, 1, false, true), floats(1, k), floats(n, k), floats(n));
            }
        }
        for (int k : new int[] {512, 513, 1030}) {
            check(new MatMul(), floats(1, k), floats(k, 40));
        }
        check(new MatMul(), floats(1, 5), floats(5, 4100));
        for (int m = 2; m <= 5; m++) {
            check(new MatMul(), floats(m, 7), floats(7, 1200));
            check(new Gemm(1, 1, true, false), floats(7, m), floats(7, 1200), floats(1200));
            check(new Gemm(1, 1, false, true), floats(m, 1100), floats(9, 1100));
        }
    }

    @Test
    void matricesTimesColumnsOfEveryTail() {
        for (int m : new int[] {1, 2, 3, 4, 5, 16, 17, 33, 300}) {
            for (int k : new int[] {0, 1, 3, 15, 16, 17, 33}) {
                check(new MatMul(), floats(m, k), floats(k, 1));
                check(new MatMul(), floats(m, k), floats(k));
                check(new Gemm(0.5f, 2, true, false), floats(k, m), floats(k, 1), floats(m, 1));
                check(new Gemm(0.5f, 1, false, true), floats(m, k), floats(1, k), floats(m, 1));
            }
        }
        check(new MatMul(), floats(6, 2047), floats(2047, 1));
        check(new MatMul(), floats(6, 2050), floats(2050, 1));
        check(new MatMul(), floats(4100, 17), floats(17, 1));
        check(new MatMul(), floats(3, 5, 40), floats(3, 40, 1));
        check(new MatMul(), floats(2, 3, 5, 40), floats(3, 40, 1));
    }

    @Test
    void transposedLeftOperandsOfEveryHeight() {
        for (int m = 2; m <= 30; m++) {
            check(new Gemm(1, 1, true, false), floats(21, m), floats(21, 40), floats(40));
        }
        check(new Gemm(2, 3, true, true), floats(530, 30), floats(70, 530), floats(30, 70));
    }

    @Test
    void nanAndInfinityPropagate() {
        for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int[] size : new int[][] {{1, 37, 70}, {33, 70, 1}, {1, 70, 40}, {20, 30, 40}}) {
                Tensor a = floats(size[0], size[1]);
                Tensor b = floats(size[1], size[2]);
                a.setDouble(a.size() - 1, special);
                check(new MatMul(), a, b);
                b.setDouble(0, special);
                check(new MatMul(), a, b);
                b.setDouble(0, 0);
                check(new Gemm(-1, 0.5f, false, false), a, b, floats(size[2]));
            }
        }
    }

    @Test
    void stacksShareTheirRightMatrices() {
        check(new MatMul(), floats(4, 3, 5, 8), floats(4, 1, 8, 40));
        check(new MatMul(), floats(2, 3, 20, 8), floats(3, 8, 40));
        check(new MatMul(), floats(4, 1, 8), floats(1, 8, 40));
        check(new MatMul(), floats(5, 30, 20), floats(5, 20, 70));
        check(new MatMul(), floats(1, 30, 20), floats(5, 20, 70));
        check(new MatMul(), floats(0, 30, 20), floats(1, 20, 70));
        check(new TransposedMatMul(), floats(4, 3, 5, 8), floats(4, 1, 40, 8));
        check(new TransposedMatMul(), floats(1, 30, 20), floats(5, 70, 20));
        check(new TransposedMatMul(), floats(0, 30, 20), floats(1, 70, 20));
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        Capabilities machine = Tier.capabilities();
        TensorType y = type(20, 40);
        check(machine, new Gemm(0.5f, 2, true, false), List.of(type(30, 20), type(30, 40), y), y);
        check(machine, new MatMul(), List.of(type(1, 70), type(70, 300)), type(1, 300));
        check(machine, new MatMul(), List.of(type(70, 300), type(300, 1)), type(70, 1));
    }

    private static TensorType type(long... dims) {
        return Tensor.allocate(DType.FLOAT32, dims).type();
    }

    private static void check(Capabilities machine, Op op, List<TensorType> inputs, TensorType y) {
        Kernel kernel = CoreKernels.set().prepare(op, KernelRequest.of(inputs, List.of(y), machine));
        long[] bytes = Stream.concat(inputs.stream(), Stream.of(y))
                .mapToLong(Layout.ROW_MAJOR::byteSize)
                .toArray();
        assertThat(KernelCheck.allocated(kernel, bytes)).as(kernel.id()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"u8", "i8"})
    void zeroPointsOfEveryKind(String type) {
        DType t = DType.parse(type);
        for (int n : COLUMNS) {
            Tensor a = bytes(t, 5, 19);
            Tensor b = bytes(t, 19, n);
            check(new MatMulInteger(), a, b);
            check(new MatMulInteger(), a, b, bytes(t));
            check(new MatMulInteger(), a, b, bytes(t, 5), bytes(t, n));
            check(new MatMulInteger(), a, b, null, bytes(t, n));
            check(new MatMulInteger(), bytes(t, 2, 5, 19), b, bytes(t), bytes(t));
        }
    }

    @Test
    void extremesOfIntegersAreExact() {
        Tensor a = filled(DType.UINT8, 255, 4, 3000);
        check(new MatMulInteger(), a, filled(DType.INT8, -128, 3000, 33));
        check(new MatMulInteger(), a, filled(DType.UINT8, 255, 3000, 33));
        check(
                new MatMulInteger(),
                a,
                filled(DType.INT8, -128, 3000, 33),
                filled(DType.UINT8, 0),
                filled(DType.INT8, 127));
    }

    @Test
    void doublesHaveAKernel() {
        check(new MatMul(), doubles(5, 7), doubles(7, 9));
    }

    @Test
    void packedConstantsHaveOneLayoutForEveryShape() {
        Capabilities machine = Capabilities.avx512();
        KernelRequest request = KernelRequest.of(
                List.of(floats(3, 8).type(), floats(8, 40).type()),
                List.of(floats(3, 40).type()),
                machine);
        KernelRequest constant = new KernelRequest(
                request.inputs(), request.outputs(), request.layouts(), Arrays.asList(null, floats(8, 40)), machine);
        assertThat(CoreKernels.set().constantLayout(new MatMul(), 1, constant).id())
                .isEqualTo("panels32");
        assertThat(CoreKernels.set().constantLayout(new MatMul(), 0, constant)).isEqualTo(Layout.ROW_MAJOR);
        assertThat(layout(machine, floats(5, 8, 40))).isEqualTo("panels32");
        assertThat(layout(machine, floats(40, 1))).isEqualTo("row-major");
        Capabilities assembled = machine.withInstructions(EnumSet.allOf(InstructionSet.class));
        assertThat(layout(assembled, floats(40, 1))).isEqualTo("panels32");
        assertThat(layout(assembled, floats(5, 40, 2))).isEqualTo("panels32");
        assertThat(layout(assembled, floats(5, 40, 1))).as("a stack of columns").isEqualTo("row-major");
    }

    private static String layout(Capabilities machine, Tensor b) {
        TensorType any = (TensorType) ValueType.parse("f32[s,m,k]");
        KernelRequest step = new KernelRequest(
                List.of(any, b.type()),
                List.of(any),
                List.of(Layout.ROW_MAJOR, Layout.ROW_MAJOR),
                Arrays.asList(null, b),
                machine);
        return CoreKernels.set().constantLayout(new MatMul(), 1, step).id();
    }

    private static void check(Op op, Datum... inputs) {
        KernelCheck check = KernelCheck.of(op, Arrays.asList(inputs), 1);
        for (boolean constant : new boolean[] {false, true}) {
            assertThat(check.compare(CoreKernels.set(), constant, Tier.capabilities()))
                    .as("%s", check)
                    .isNotNull();
        }
    }

    private Tensor floats(long... dims) {
        return Literals.normal(random, 1, DType.FLOAT32, dims);
    }

    private Tensor scalar() {
        return Tensor.scalar(random.nextFloat());
    }

    private Tensor doubles(long... dims) {
        return Literals.normal(random, 1, DType.FLOAT64, dims);
    }

    private Tensor bytes(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt());
        }
        return t;
    }

    private static Tensor filled(DType type, long value, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        IntStream.range(0, (int) t.size()).forEach(i -> t.setLong(i, value));
        return t;
    }
}
