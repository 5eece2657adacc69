package dev.tenon.kernel.x64;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.AttentionProblem.HeadLayout;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.attention.AttentionKernels;
import dev.tenon.kernel.table.norm.NormKernels;
import dev.tenon.kernel.table.norm.SoftmaxKernels;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kernels of rows and of attention in machine code against the reference, for each width of vectors, around all tails. */
class AssembledRowsTest {
    private static final float EPSILON = 1e-5f;
    private static final double[] SPECIAL = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3e38, -3e38, 1e-45, -0.0
    };

    private static void check(Op op, List<Tensor> operands, int outputs, String family) {
        KernelCheck check = KernelCheck.of(op, operands, outputs);
        for (Capabilities machine : Profile.ofEachWidth()) {
            assertThat(check.run(CoreKernels.set(), false, machine))
                    .startsWith(family)
                    .contains("_avx");
        }
    }

    @Test
    void normalisationsOfRowsOfAllLengths() {
        Random random = new Random(1);
        for (int length = 8; length <= 140; length += length < 70 ? 1 : 7) {
            Tensor x = Literals.normal(random, 1 + length % 5, length);
            Tensor scale = Literals.normal(random, length);
            Tensor bias = Literals.normal(random, length);
            check(new LayerNormalization(-1, EPSILON, DType.FLOAT32), List.of(x, scale, bias), 3, "norm_f32");
            check(new LayerNormalization(-1, EPSILON, DType.FLOAT32), List.of(x, scale), 1, "norm_f32");
            check(new RMSNormalization(1, EPSILON, DType.FLOAT32), List.of(x, scale), 1, "norm_f32");
        }
        Tensor single = Literals.normal(random, 3, 1);
        check(
                new RMSNormalization(1, EPSILON, DType.FLOAT32),
                List.of(single, Literals.normal(random, 1)),
                1,
                "norm_f32");
    }

    @Test
    void normalisationsOfSums() {
        Random random = new Random(8);
        Tensor indices = Tensor.of(new long[] {2, -1, 0, 4, 1, 1});
        for (int length : new int[] {8, 17, 33, 64, 100}) {
            for (boolean layer : new boolean[] {true, false}) {
                Tensor scale = Literals.normal(random, length);
                Tensor bias = layer ? Literals.normal(random, length) : null;
                Tensor rows = Literals.normal(random, 6, length);
                Tensor table = Literals.normal(random, 5, length);
                Tensor one = Literals.normal(random, length);
                Op op = new SumNormalization(
                        layer
                                ? new LayerNormalization(-1, EPSILON, DType.FLOAT32)
                                : new RMSNormalization(-1, EPSILON, DType.FLOAT32));
                for (int outputs = 1; outputs <= 2; outputs++) {
                    check(op, Arrays.asList(scale, bias, rows, null), outputs, "sum_norm_f32");
                    check(op, Arrays.asList(scale, bias, table, indices), outputs, "sum_norm_f32");
                    check(op, Arrays.asList(scale, bias, table, indices, rows, null), outputs, "sum_norm_f32");
                    check(
                            op,
                            Arrays.asList(scale, bias, rows, null, one, null, table, indices),
                            outputs,
                            "sum_norm_f32");
                }
            }
        }
    }

    @Test
    void quantisationOfAnyLength() {
        Random random = new Random(9);
        Tensor scale = Tensor.of(new float[] {0.37f}, new long[0]);
        for (int n = 1; n <= 140; n += n < 70 ? 1 : 9) {
            Tensor x = Literals.normal(random, n);
            for (int i = 0; i < n; i++) {
                x.setDouble(i, i % 7 == 3 ? SPECIAL[random.nextInt(SPECIAL.length)] : x.getDouble(i) * 40);
            }
            check(new DynamicQuantizeLinear(), List.of(Literals.normal(random, n)), 3, "quant_f32");
            for (DType type : List.of(DType.INT8, DType.UINT8)) {
                Tensor zero = Tensor.allocate(type);
                zero.setLong(0, random.nextInt(100));
                check(new QuantizeLinear(1, true, 0, null, null), List.of(x, scale, zero), 1, "quant_f32");
                Tensor bytes = Tensor.allocate(type, n);
                for (int i = 0; i < n; i++) {
                    bytes.setLong(i, random.nextInt(128));
                }
                check(new DequantizeLinear(1, 0, null), List.of(bytes, scale, zero), 1, "quant_f32");
            }
        }
    }

    @Test
    void rangesLeaveNaNOut() {
        double inf = Double.POSITIVE_INFINITY;
        for (double special : new double[] {Double.NaN, -0.0, 1e30, -1e30, inf, -inf}) {
            for (int at : new int[] {0, 15, 16, 99}) {
                Tensor x = Literals.normal(new Random(at), 100);
                x.setDouble(at, special);
                check(new DynamicQuantizeLinear(), List.of(x), 3, "quant_f32");
            }
        }
    }

    @Test
    void manyRowsAndLongRows() {
        Random random = new Random(2);
        for (int[] dims : new int[][] {{200, 384}, {3, 9001}, {130, 64}}) {
            Tensor x = Literals.normal(random, dims[0], dims[1]);
            LayerNormalization op = new LayerNormalization(-1, EPSILON, DType.FLOAT32);
            check(op, List.of(x, Literals.normal(random, dims[1]), Literals.normal(random, dims[1])), 1, "norm_f32");
        }
    }

    @Test
    void meansFarAboveTheDeviation() {
        Tensor x = Tensor.allocate(DType.FLOAT32, 1, 64);
        for (long i = 0; i < 64; i++) {
            x.setDouble(i, 1024 + (i % 2 == 0 ? 1 : -1));
        }
        Tensor scale = Tensor.allocate(DType.FLOAT32, 64);
        for (long i = 0; i < 64; i++) {
            scale.setDouble(i, 1);
        }
        check(new LayerNormalization(-1, 0, DType.FLOAT32), List.of(x, scale), 3, "norm_f32");
    }

    @Test
    void softmaxOfRowsOfAllLengths() {
        Random random = new Random(3);
        for (int length = 1; length <= 150; length += length < 70 ? 1 : 11) {
            Tensor x = Literals.normal(random, 3, length);
            x.setDouble(random.nextLong(x.size()), random.nextBoolean() ? 90 : Double.NEGATIVE_INFINITY);
            check(new Softmax(-1), List.of(x), 1, "softmax_f32");
        }
        check(new Softmax(-1), List.of(Literals.normal(random, 300, 128)), 1, "softmax_f32");
        check(new Softmax(-1), List.of(Literals.normal(random, 2, 8192)), 1, "softmax_f32");
    }

    @Test
    void softmaxOfSpecialValues() {
        double inf = Double.POSITIVE_INFINITY;
        for (double special : new double[] {Double.NaN, inf, -inf, 3e38, -3e38, 1e-40}) {
            for (int length : new int[] {1, 5, 16, 17, 40}) {
                for (int at : new int[] {0, length - 1}) {
                    Tensor x = Literals.normal(new Random(length), 2, length);
                    x.setDouble(at, special);
                    check(new Softmax(-1), List.of(x), 1, "softmax_f32");
                }
            }
        }
        Tensor hidden = Tensor.allocate(DType.FLOAT32, 1, 20);
        for (int i = 0; i < 20; i++) {
            hidden.setDouble(i, -inf);
        }
        check(new Softmax(-1), List.of(hidden), 1, "softmax_f32");
    }

    @Test
    void attentionOfAllSizes() {
        Random random = new Random(4);
        for (int i = 0; i < 60; i++) {
            int queries = 1 + random.nextInt(60);
            int keys = 1 + random.nextInt(80);
            int size = 1 + random.nextInt(70);
            int valueSize = 1 + random.nextInt(70);
            int group = 1 + random.nextInt(3);
            Tensor q = Literals.normal(random, 2, 2L * group, queries, size);
            Tensor k = Literals.normal(random, 2, 2, keys, size);
            Tensor v = Literals.normal(random, 2, 2, keys, valueSize);
            Tensor mask = mask(random, i % 3, queries, keys, group);
            boolean causal = random.nextBoolean();
            float softcap = random.nextInt(3) == 0 ? 2.5f : 0;
            Attention op = new Attention(causal, null, null, null, softcap, 0, null, -1, random.nextInt(4) - 1);
            check(op, Arrays.asList(q, k, v, mask), random.nextBoolean() ? 1 : 3, "attention_f32");
        }
    }

    private static Tensor mask(Random random, int kind, int queries, int keys, int group) {
        if (kind == 0) {
            return null;
        }
        long[] dims = {random.nextBoolean() ? 2 : 1, random.nextBoolean() ? 2L * group : 1, 1, keys};
        dims[2] = random.nextBoolean() ? queries : 1;
        Tensor mask = Tensor.allocate(kind == 1 ? DType.FLOAT32 : DType.BOOL, dims);
        for (long i = 0; i < mask.size(); i++) {
            boolean hidden = random.nextInt(4) == 0;
            if (kind == 1) {
                mask.setDouble(i, hidden ? Double.NEGATIVE_INFINITY : random.nextGaussian());
            } else {
                mask.setBoolean(i, !hidden);
            }
        }
        return mask;
    }

    @Test
    void attentionOfJoinedOperands() {
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            int length = 1 + random.nextInt(150);
            int size = 1 + random.nextInt(40);
            int keyHeads = 1 + random.nextInt(3);
            int heads = keyHeads * (1 + random.nextInt(3));
            List<Tensor> in = new ArrayList<>();
            in.add(Literals.normal(random, 2, length, (heads + 2L * keyHeads) * size));
            in.add(i % 2 == 0 ? null : Literals.normal(random, 2, 1, 1, length));
            QkvAttention op = new QkvAttention(
                    new Attention(i % 3 == 0, (long) heads, (long) keyHeads, null, 0, 0, null, -1, -1));
            check(op, in, 1, "attention_f32");
        }
    }

    @Test
    void fewHeadsWithManyQueriesHaveSeveralParts() {
        Random random = new Random(6);
        Tensor q = Literals.normal(random, 1, 1, 700, 64);
        Attention op = new Attention(true, null, null, null, 0, 0, null, -1, -1);
        check(
                op,
                List.of(q, Literals.normal(random, 1, 1, 700, 64), Literals.normal(random, 1, 1, 700, 33)),
                1,
                "attention_f32");
    }

    @Test
    void valuesOfHiddenKeysMayBeAnything() {
        Random random = new Random(7);
        Tensor q = Literals.normal(random, 1, 2, 30, 8);
        Tensor k = Literals.normal(random, 1, 2, 50, 8);
        Tensor v = Literals.normal(random, 1, 2, 50, 8);
        k.setDouble(7 * 8 + 3, Double.NaN);
        v.setDouble(7 * 8 + 5, Double.NaN);
        v.setDouble(49 * 8, Double.POSITIVE_INFINITY);
        for (boolean whole : new boolean[] {false, true}) {
            Tensor mask = Tensor.allocate(DType.BOOL, whole ? 1 : 30, 50);
            for (int i = 0; i < mask.size(); i++) {
                mask.setBoolean(i, i % 50 != 7 && i % 50 != 49 && i / 50 != 3);
            }
            Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
            check(op, Arrays.asList(q, k, v, mask), 1, "attention_f32");
        }
        check(new Attention(true, null, null, null, 0, 0, null, -1, -1), List.of(q, k, v), 1, "attention_f32");
    }

    @Test
    void runsAllocateNothing() {
        for (Capabilities machine : Profile.ofEachWidth()) {
            long row = 77 * Float.BYTES;
            Kernel norm = NormKernels.TABLE.prepare(new NormProblem(Kind.LAYER, 9, 77, EPSILON, true, 3), machine);
            assertThat(KernelCheck.allocated(norm, 9 * row, row, row, 9 * row)).isZero();
            Kernel softmax = SoftmaxKernels.TABLE.prepare(new SoftmaxProblem(9, 77, 1, false), machine);
            assertThat(KernelCheck.allocated(softmax, 9 * row, 9 * row)).isZero();
            AttentionProblem p = new AttentionProblem(
                    new AttentionProblem.Dims(2, 3, 3, 40, 0, 40, 16, 16),
                    HeadLayout.PACKED_QKV,
                    new AttentionProblem.Scoring(
                            1, 0, true, -1, -1, new AttentionProblem.AttentionMask(false, 40, 40, 0, 0)),
                    new AttentionProblem.OperandIndices(1, -1, -1, 2, false));
            Kernel attention = AttentionKernels.TABLE.prepare(p, machine);
            assertThat(KernelCheck.allocated(attention, 2 * 40 * 144L * 4, 320, 2 * 40 * 48L * 4))
                    .isZero();
            AttentionProblem.Grid grid = new AttentionProblem.Grid(0.5f, -9, 9);
            AttentionProblem rounded = new AttentionProblem(
                    p.dims(),
                    p.layout(),
                    new AttentionProblem.Scoring(1, 0, false, -1, -1, null),
                    new AttentionProblem.OperandIndices(-1, -1, -1, 1, false),
                    new AttentionProblem.Rounding(grid, grid, grid, grid));
            Kernel rounding = AttentionKernels.TABLE.prepare(rounded, machine);
            assertThat(KernelCheck.allocated(rounding, 2 * 40 * 144L * 4, 2 * 40 * 48L * 4))
                    .isZero();
        }
    }
}
