package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products by the kernels of the tier against the reference, around the tails of tiles, panels and blocks. */
@Tag("tiers")
class GemmKernelsTest {
    private static final int[] ROWS = {1, 2, 5, 11, 12, 13, 25};
    private static final int[] COLUMNS = {1, 7, 15, 16, 17, 31, 32, 33, 65};
    private static final int[] DEPTHS = {1, 2, 16, 33};

    private final Random random = new Random(20);

    @Test
    void matricesOfEveryTail() {
        for (int m : ROWS) {
            for (int n : COLUMNS) {
                for (int k : DEPTHS) {
                    check(new MatMul(), floats(m, k), floats(k, n));
                    check(new Gemm(1, 1, false, true), floats(m, k), floats(n, k), floats(n));
                }
            }
        }
    }

    @Test
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
        StepRequest request = StepRequest.of(
                List.of(floats(3, 8).type(), floats(8, 40).type()),
                List.of(floats(3, 40).type()),
                machine);
        StepRequest constant = new StepRequest(
                request.inputs(), request.outputs(), request.layouts(), Arrays.asList(null, floats(8, 40)), machine);
        assertThat(CoreKernels.set().constantLayout(new MatMul(), 1, constant).id())
                .isEqualTo("panels32");
        assertThat(CoreKernels.set().constantLayout(new MatMul(), 0, constant)).isEqualTo(Layout.ROW_MAJOR);
    }

    private void check(Op op, Datum... inputs) {
        List<Datum> operands = Arrays.asList(inputs);
        Datum expected = op.reference(new Operands(op, "product", operands, 1)).getFirst();
        for (Capabilities machine : List.of(Capabilities.SCALAR, Tier.capabilities())) {
            for (boolean constant : new boolean[] {false, true}) {
                KernelRun.Prepared prepared = KernelRun.prepare(
                        CoreKernels.set(), op, operands, List.of((TensorType) expected.type()), constant, machine);
                assertThat(prepared).as(op + " of " + operands).isNotNull();
                Datum magnitude = Closeness.magnitudes(op, operands, 1).getFirst();
                Closeness.check(
                        prepared.kernel().id() + " of " + operands,
                        KernelRun.run(prepared, operands).getFirst(),
                        expected,
                        magnitude,
                        op.numerics());
            }
        }
    }

    private Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextGaussian());
        }
        return t;
    }

    private Tensor scalar() {
        return Tensor.scalar(random.nextFloat());
    }

    private Tensor doubles(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT64, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextGaussian());
        }
        return t;
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
