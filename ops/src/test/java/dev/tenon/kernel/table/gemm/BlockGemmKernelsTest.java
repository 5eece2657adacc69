package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.GuardPages;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with weights in blocks against sums in double precision, around the tails of tiles, panels and blocks. */
class BlockGemmKernelsTest {
    private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 21, 33, 61, 129};
    private static final int[] COLUMNS = {1, 15, 16, 17, 47, 48, 49, 65, 112};
    private static final int[] TERMS = {1, 15, 16, 17, 31, 32, 33, 40, 63, 64, 65, 100, 257, 300, 512};
    private static final int[] BLOCKS = {16, 32, 64, 128, 256};
    private static final DType[] TYPES = {DType.UINT4, DType.INT4, DType.UINT8, DType.INT8};
    private static final double EPSILON = 0x1p-23;
    private static final long SEED = 28;

    private final Random random = new Random(SEED);

    /** The kernels of the table, each on a profile that has it: products of bytes at accuracy level 4, or of floats. */
    private enum Form {
        BYTES(4, Profile.CASCADE_LAKE, "s8_"),
        BYTES_AVX_VNNI(4, Profile.ALDER_LAKE, "s8_"),
        BYTES_AVX2(4, Profile.HASWELL, "s8_"),
        FLOATS(0, Profile.SKYLAKE_X, "f32_"),
        FLOATS_AVX2(0, Profile.HASWELL, "f32_"),
        SCALAR(0, Profile.X86_64, "scalar");

        private final int level;
        private final Profile profile;
        private final String idPart;

        Form(int level, Profile profile, String idPart) {
            this.level = level;
            this.profile = profile;
            this.idPart = idPart;
        }

        /** Whether the kernel rounds rows to bytes. */
        private boolean rounds() {
            return level > 0;
        }

        private Capabilities machine() {
            return profile.machineCode();
        }

        private boolean isAssembled() {
            return this != SCALAR;
        }
    }

    /** The forms that can run here. */
    private static List<Form> forms() {
        return Arrays.stream(Form.values())
                .filter(form -> form.profile.reasonAgainst() == null)
                .toList();
    }

    private static List<Form> assembled() {
        return forms().stream().filter(Form::isAssembled).toList();
    }

    /** Zero points: none, one for all, one for each block. */
    private enum Zeros {
        NONE,
        COMMON,
        OWN
    }

    private record Operands(Tensor a, Tensor codes, Tensor scales, Tensor zeros, Tensor bias, int block) {
        private List<Datum> list() {
            return new ArrayList<>(Arrays.asList(a, codes, scales, zeros, bias));
        }

        private int m() {
            return (int) (a.size() / k());
        }

        private int n() {
            return (int) codes.dim(0);
        }

        private int k() {
            return (int) codes.dim(1);
        }
    }

    private Tensor floats(long... dims) {
        return Literals.normal(random, 1, DType.FLOAT32, dims);
    }

    private Tensor integers(DType type, long... dims) {
        return Literals.anyIntegers(random, type, dims);
    }

    private Operands operands(int m, int n, int k, int block, DType type, Zeros zeros, boolean bias) {
        int blocks = Math.ceilDiv(k, block);
        Tensor z = zeros == Zeros.NONE ? null : integers(type, n, blocks);
        if (zeros == Zeros.COMMON) {
            LongStream.range(1, z.size()).forEach(i -> z.setLong(i, z.getLong(0)));
        }
        return new Operands(floats(m, k), integers(type, n, k), floats(n, blocks), z, bias ? floats(n) : null, block);
    }

    private static Tensor run(Form form, Operands o) {
        BlockQuantizedMatMul op = new BlockQuantizedMatMul(o.block, form.level);
        List<TensorType> types = KernelRun.outputTypes(op, o.list(), 1);
        KernelRun.Prepared prepared = KernelRun.prepare(CoreKernels.set(), op, o.list(), types, true, form.machine());
        String id = prepared.kernel().id();
        assertThat(id).contains(form.idPart);
        return KernelRun.run(prepared, o.list()).getFirst();
    }

    /** Rows as kernels that round them to bytes see them: integers and their scale, for each group. */
    private static double[] rounded(Operands o, int row) {
        int group = Math.min(32, o.block);
        double[] values = new double[o.k()];
        for (int from = 0; from < o.k(); from += group) {
            int to = Math.min(o.k(), from + group);
            float most = 0;
            for (int i = from; i < to; i++) {
                most = Math.max(most, Math.abs(o.a.getFloat((long) row * o.k() + i)));
            }
            float factor = Math.min(127 / most, Float.MAX_VALUE);
            for (int i = from; i < to; i++) {
                values[i] = Math.rint(o.a.getFloat((long) row * o.k() + i) * factor) * (most / 127);
            }
        }
        return values;
    }

    private static double[] exact(Operands o, int row) {
        double[] values = new double[o.k()];
        for (int i = 0; i < o.k(); i++) {
            values[i] = o.a.getFloat((long) row * o.k() + i);
        }
        return values;
    }

    private static void check(Form form, Operands o) {
        Tensor y = run(form, o);
        long offset = o.codes.dtype().isSigned() ? -o.codes.dtype().minInteger() : 0;
        for (int row = 0; row < o.m(); row++) {
            double[] a = form.rounds() ? rounded(o, row) : exact(o, row);
            for (int column = 0; column < o.n(); column++) {
                double sum = o.bias == null ? 0 : o.bias.getFloat(column);
                double magnitude = Math.abs(sum);
                for (int i = 0; i < o.k(); i++) {
                    long at = (long) column * o.scales.dim(1) + i / o.block;
                    long code = o.codes.getLong((long) column * o.k() + i);
                    long zero = o.zeros == null ? 0 : o.zeros.getLong(at);
                    double scale = o.scales.getFloat(at);
                    sum += a[i] * ((code - zero) * scale);
                    // A kernel may form products of unsigned integers first.
                    double most = form.rounds() && o.zeros != null ? code + zero + 2 * offset : Math.abs(code - zero);
                    magnitude += Math.abs(a[i] * most * scale);
                }
                double bound = Math.ulp((float) sum) + 16 * EPSILON * magnitude;
                assertThat((double) y.getFloat((long) row * o.n() + column))
                        .as(
                                "%s, %d x %d x %d, block %d, %s, row %d, column %d",
                                form, o.m(), o.n(), o.k(), o.block, o.codes.dtype(), row, column)
                        .isCloseTo(sum, within(bound));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyTail(Form form) {
        int step = Exhaustive.isOn() ? 1 : form == Form.SCALAR ? 97 : 83;
        int i = 0;
        for (int m : ROWS) {
            for (int n : COLUMNS) {
                for (int k : TERMS) {
                    for (int block : BLOCKS) {
                        if (i++ % step == 0) {
                            DType type = TYPES[random.nextInt(TYPES.length)];
                            Zeros zeros = Zeros.values()[random.nextInt(3)];
                            check(form, operands(m, n, k, block, type, zeros, random.nextBoolean()));
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormOfTheWeights(Form form) {
        for (DType type : TYPES) {
            for (Zeros zeros : Zeros.values()) {
                for (int block : BLOCKS) {
                    check(form, operands(7, 37, 2 * block + 13, block, type, zeros, true));
                    check(form, operands(1, 80, 2 * block, block, type, zeros, false));
                }
            }
        }
    }

    /** Scales of models in float16 are packed as such. One scale of another kind makes all of them float32. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("assembled")
    void scalesThatFloat16HoldsTakeHalfOfTheMemoryAndGiveTheSameBits(Form form) {
        for (DType type : TYPES) {
            for (Zeros zeros : Zeros.values()) {
                for (int m : new int[] {1, 6}) {
                    Operands o = operands(m, 37, 77, 32, type, zeros, true);
                    LongStream.range(0, o.scales.size())
                            .forEach(i -> o.scales.setDouble(
                                    i, Float.float16ToFloat(Float.floatToFloat16(o.scales.getFloat(i)))));
                    check(form, o);
                    Tensor halves = run(form, o);
                    assertThat(packedScales(form, o)).isEqualTo(48 * 3 * Short.BYTES);
                    o.scales.setDouble(o.scales.size() - 1, 0.1f);
                    Tensor floats = run(form, o);
                    assertThat(packedScales(form, o)).isEqualTo(48 * 3 * Float.BYTES);
                    for (int i = 0; i < m * 37; i++) {
                        if (i % 37 != 36) {
                            assertThat(halves.getFloat(i)).isEqualTo(floats.getFloat(i));
                        }
                    }
                }
            }
        }
    }

    private static long packedScales(Form form, Operands o) {
        BlockQuantizedMatMul op = new BlockQuantizedMatMul(o.block, form.level);
        KernelRequest r = KernelRun.prepare(
                        CoreKernels.set(), op, o.list(), KernelRun.outputTypes(op, o.list(), 1), true, form.machine())
                .request();
        return r.layout(2).byteSize(r.inputs().get(2));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("assembled")
    void aRowHasTheSameBitsWhateverStandsBesideIt(Form form) {
        Operands all = operands(141, 100, 200, 32, DType.UINT4, Zeros.OWN, true);
        Tensor together = run(form, all);
        for (int row : new int[] {0, 15, 16, 100, 140}) {
            for (int m : new int[] {1, 2, 5, 17}) {
                Tensor a = Tensor.allocate(DType.FLOAT32, m, 200);
                for (long i = 0; i < a.size(); i++) {
                    a.setDouble(i, all.a.getFloat(row * 200L + i % 200));
                }
                Tensor alone = run(form, new Operands(a, all.codes, all.scales, all.zeros, all.bias, 32));
                for (int i = 0; i < m * 100; i++) {
                    assertThat(alone.getFloat(i)).isEqualTo(together.getFloat(row * 100L + i % 100));
                }
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("assembled")
    void nothingOutsideOfTheOperandsIsTouched(Form form) {
        int[][] sizes = {{1, 16, 32, 32}, {1, 61, 77, 32}, {5, 49, 33, 16}, {13, 17, 300, 128}, {33, 80, 64, 64}};
        for (int[] size : sizes) {
            for (DType type : TYPES) {
                Zeros zeros = Zeros.values()[random.nextInt(3)];
                Operands o = operands(size[0], size[1], size[2], size[3], type, zeros, random.nextBoolean());
                BlockQuantizedMatMul op = new BlockQuantizedMatMul(o.block, form.level);
                Tensor expected = run(form, o);
                KernelRun.Prepared p = KernelRun.prepare(
                        CoreKernels.set(), op, o.list(), List.of(expected.type()), true, form.machine());
                for (boolean last : new boolean[] {false, true}) {
                    assertThat(guarded(p, o, expected.byteSize(), last).mismatch(expected.segment()))
                            .isEqualTo(-1);
                }
            }
        }
    }

    /** Runs a kernel on operands that touch pages which end the process when they are touched. */
    private static MemorySegment guarded(KernelRun.Prepared p, Operands o, long resultBytes, boolean last) {
        List<MemorySegment> memory = new ArrayList<>();
        for (int i = 0; i < o.list().size(); i++) {
            Tensor t = (Tensor) o.list().get(i);
            if (t == null) {
                memory.add(null);
                continue;
            }
            Layout layout = p.request().layout(i);
            long bytes = layout.byteSize(t.type());
            memory.add(GuardPages.of(bytes).part(bytes, last));
            layout.pack(t, memory.get(i));
        }
        MemorySegment result = GuardPages.of(resultBytes).part(resultBytes, last);
        memory.add(result);
        long scratch = p.kernel().scratchBytes();
        p.kernel()
                .runAll(
                        memory.toArray(MemorySegment[]::new),
                        GuardPages.of(scratch).part(scratch, last));
        return result;
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aNumberThatIsNotFiniteSpoilsItsRowAlone(float value) {
        for (Form form : assembled()) {
            Operands o = operands(3, 20, 70, 32, DType.UINT4, Zeros.COMMON, false);
            o.a.setDouble(70 + 40, value);
            Tensor y = run(form, o);
            for (int i = 0; i < 60; i++) {
                assertThat(Float.isFinite(y.getFloat(i))).as("element %d", i).isEqualTo(i / 20 != 1);
            }
        }
    }

    @Test
    void smallAndMissingElementsOfRows() {
        Operands o = operands(4, 20, 96, 32, DType.UINT4, Zeros.OWN, false);
        for (int i = 0; i < 32; i++) {
            o.a.setDouble(i, 0);
            o.a.setDouble(96 + i, i == 3 ? 1e-30 : 0);
            o.a.setDouble(2 * 96 + i, Float.MIN_NORMAL * i / 64);
            o.a.setDouble(3 * 96 + i, 1e30 * (i - 16));
        }
        assembled().forEach(form -> check(form, o));
    }

    /** A bias, a residual and an activation, which an operator of several parts has after the product. */
    @ParameterizedTest
    @MethodSource("forms")
    void partsAfterTheProduct(Form form) {
        for (int[] size : new int[][] {{1, 50}, {14, 33}, {130, 16}}) {
            Operands o = operands(size[0], size[1], 70, 32, DType.INT4, Zeros.OWN, false);
            Tensor row = floats(size[1]);
            Tensor residual = floats(size[0], size[1]);
            Tensor product = run(form, new Operands(o.a, o.codes, o.scales, o.zeros, row, 32));
            BlockQuantizedMatMul op = new BlockQuantizedMatMul(32, form.level);
            Fused fused = new Fused(
                    6,
                    new Fused.Part(op, List.of(0, 1, 2, 3)),
                    List.of(
                            new Fused.Part(new Add(), List.of(6, 4)),
                            new Fused.Part(new Add(), List.of(5, 7)),
                            new Fused.Part(new Relu(), List.of(8))));
            List<Datum> inputs = List.of(o.a, o.codes, o.scales, o.zeros, row, residual);
            KernelRun.Prepared p =
                    KernelRun.prepare(CoreKernels.set(), fused, inputs, List.of(product.type()), true, form.machine());
            assertThat(p.kernel().id()).startsWith("block_gemm").endsWith("_fused");
            Tensor y = KernelRun.run(p, inputs).getFirst();
            for (long i = 0; i < y.size(); i++) {
                assertThat(y.getFloat(i)).isEqualTo(Math.max(0, residual.getFloat(i) + product.getFloat(i)));
            }
        }
    }

    @Test
    void nothingToMultiply() {
        for (Form form : assembled()) {
            Operands o = operands(1, 5, 32, 16, DType.INT4, Zeros.NONE, false);
            Tensor none = Tensor.allocate(DType.FLOAT32, 0, 32);
            assertThat(run(form, new Operands(none, o.codes, o.scales, null, null, 16))
                            .size())
                    .isZero();
        }
    }

    @Test
    void stacksOfMatricesAreRows() {
        Operands o = operands(6, 18, 48, 16, DType.INT8, Zeros.OWN, true);
        Tensor stacked = o.a.reshape(2, 3, 48);
        for (Form form : forms()) {
            Tensor y = run(form, new Operands(stacked, o.codes, o.scales, o.zeros, o.bias, 16));
            assertThat(y.dims()).containsExactly(2, 3, 18);
            assertThat(y.reshape(6, 18).contentEquals(run(form, o))).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void runsAllocateNothing(Form form) {
        for (int m : new int[] {1, 19}) {
            Operands o = operands(m, 50, 96, 32, DType.UINT4, Zeros.OWN, true);
            BlockQuantizedMatMul op = new BlockQuantizedMatMul(32, form.level);
            KernelRun.Prepared p = KernelRun.prepare(
                    CoreKernels.set(), op, o.list(), KernelRun.outputTypes(op, o.list(), 1), true, form.machine());
            KernelRequest r = p.request();
            long[] sizes = new long[6];
            for (int i = 0; i < 5; i++) {
                sizes[i] = r.layout(i).byteSize(r.inputs().get(i));
            }
            sizes[5] = Layout.ROW_MAJOR.byteSize(r.outputs().getFirst());
            assertThat(KernelCheck.allocated(p.kernel(), sizes)).isZero();
        }
    }

    @Test
    void otherBlocksAndComputedWeightsStayAsTheyAre() {
        for (int block : new int[] {8, 48, 512}) {
            check(Form.SCALAR, operands(2, 5, 100, block, DType.UINT4, Zeros.OWN, true));
            BlockQuantizedMatMul op = new BlockQuantizedMatMul(block, 4);
            Operands o = operands(2, 5, 100, block, DType.UINT4, Zeros.OWN, true);
            KernelRun.Prepared p = KernelRun.prepare(
                    CoreKernels.set(),
                    op,
                    o.list(),
                    KernelRun.outputTypes(op, o.list(), 1),
                    true,
                    Form.BYTES.machine());
            assertThat(p.kernel().id()).isEqualTo("block_gemm_scalar");
        }
    }
}
