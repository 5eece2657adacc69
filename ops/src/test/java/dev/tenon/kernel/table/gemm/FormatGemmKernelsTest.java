package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.op.quant.QuantizedBlock;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.BlockRows;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with weights in blocks of formats against sums in double precision, around the tails of tiles, panels and blocks. */
class FormatGemmKernelsTest {
    private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 8, 9, 12, 13, 14, 15, 16, 17, 33, 129};
    private static final int[] COLUMNS = {1, 7, 8, 9, 16, 17, 40, 48, 49};
    private static final int[] BLOCKS = {1, 2, 3, 5};
    private static final double EPSILON = 0x1p-23;
    private static final long SEED = 47;

    private final Random random = new Random(SEED);

    /** The kernels of the table, each on a profile that has it. */
    private enum Form {
        BYTES(Activations.Q8, Profile.CASCADE_LAKE, "avx512vnni"),
        BYTES_AVX_VNNI(Activations.Q8, Profile.ALDER_LAKE, "avxvnni"),
        BYTES_AVX2(Activations.Q8, Profile.HASWELL, "avx2"),
        BYTES_AVX512(Activations.Q8, Profile.SKYLAKE_X, "avx2"),
        BYTES_SCALAR(Activations.Q8, Profile.X86_64, "format_scalar"),
        FLOATS(Activations.F32, Profile.SKYLAKE_X, "avx512"),
        FLOATS_AVX2(Activations.F32, Profile.HASWELL, "avx2"),
        FLOATS_SCALAR(Activations.F32, Profile.X86_64, "format_scalar");

        private final Activations activations;
        private final Profile profile;
        private final String idPart;

        Form(Activations activations, Profile profile, String idPart) {
            this.activations = activations;
            this.profile = profile;
            this.idPart = idPart;
        }

        private boolean isAssembled() {
            return profile != Profile.X86_64;
        }

        private BlockMatMul op(BlockFormat format) {
            return new BlockMatMul(format, activations);
        }
    }

    /** The forms that can run here. */
    private static List<Form> forms() {
        return Arrays.stream(Form.values())
                .filter(form -> !form.isAssembled() || form.profile.reasonAgainst() == null)
                .toList();
    }

    private static List<Form> assembled() {
        return forms().stream().filter(Form::isAssembled).toList();
    }

    private record Operands(BlockFormat format, Tensor a, Tensor b, Tensor bias) {
        private List<Datum> list() {
            return bias == null ? List.of(a, b) : List.of(a, b, bias);
        }

        private int k() {
            return (int) format.elements(b.dim(1));
        }

        private int n() {
            return (int) b.dim(0);
        }

        private int m() {
            return (int) (a.size() / k());
        }
    }

    private Operands operands(BlockFormat format, int m, int n, int blocks, boolean bias) {
        int k = blocks * format.blockSize();
        return new Operands(format, floats(m, k), BlockRows.random(random, format, n, k), bias ? floats(n) : null);
    }

    private Tensor floats(long... dims) {
        return Literals.normal(random, 1, DType.FLOAT32, dims);
    }

    private static KernelRun.Prepared prepare(Form form, Operands o) {
        BlockMatMul op = form.op(o.format);
        List<TensorType> types = KernelRun.outputTypes(op, o.list(), 1);
        return KernelRun.prepare(CoreKernels.set(), op, o.list(), types, true, form.profile.machineCode());
    }

    private static Tensor run(Form form, Operands o) {
        KernelRun.Prepared prepared = prepare(form, o);
        assertThat(prepared.kernel().id()).startsWith("block_gemm_").contains(form.idPart);
        return KernelRun.run(prepared, o.list()).getFirst();
    }

    /** The elements of a row of A as a kernel sees them. */
    private static float[] row(Form form, Operands o, int row) {
        float[] values = new float[o.k()];
        for (int i = 0; i < values.length; i++) {
            values[i] = o.a.getFloat((long) row * o.k() + i);
        }
        if (form.activations == Activations.Q8) {
            BlockMatMul.round(values, o.format.blockSize());
        }
        return values;
    }

    /** The weights of a column, and the sums of the absolute numbers that they are made of. */
    private static double[][] weights(Operands o, int column) {
        double[][] w = new double[2][o.k()];
        QuantizedBlock block = new QuantizedBlock(o.format);
        for (int i = 0; i < o.k(); i++) {
            int at = i % o.format.blockSize();
            int group = at / o.format.groupSize();
            if (at == 0) {
                block.read(o.b.segment(), column * o.b.dim(1) + o.format.rowBytes(i));
            }
            w[0][i] = block.value(at);
            double scale = (double) block.blockScale() * block.subScale(group);
            double minimum = (double) block.blockMinimum() * block.subMinimum(group);
            w[1][i] = Math.abs(scale) * (block.code(at) + o.format.zero()) + Math.abs(minimum);
        }
        return w;
    }

    private static void check(Form form, Operands o) {
        Tensor y = run(form, o);
        for (int column = 0; column < o.n(); column++) {
            double[][] w = weights(o, column);
            for (int row = 0; row < o.m(); row++) {
                float[] a = row(form, o, row);
                double sum = o.bias == null ? 0 : o.bias.getFloat(column);
                double magnitude = Math.abs(sum);
                for (int i = 0; i < a.length; i++) {
                    sum += a[i] * w[0][i];
                    magnitude += Math.abs(a[i]) * w[1][i];
                }
                assertThat((double) y.getFloat((long) row * o.n() + column))
                        .as("%s %s, %d x %d x %d, %d, %d", form, o.format, o.m(), o.n(), o.k(), row, column)
                        .isCloseTo(sum, within(Math.ulp((float) sum) + 16 * EPSILON * magnitude));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyTail(Form form) {
        int step = Exhaustive.isOn() ? 1 : 37;
        int i = random.nextInt(step);
        for (int m : ROWS) {
            for (int n : COLUMNS) {
                for (int blocks : BLOCKS) {
                    if (i++ % step == 0) {
                        BlockFormat format = BlockFormat.values()[random.nextInt(BlockFormat.values().length)];
                        check(form, operands(format, m, n, blocks, random.nextBoolean()));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormat(Form form) {
        for (BlockFormat format : BlockFormat.values()) {
            check(form, operands(format, 7, 37, 2, true));
            check(form, operands(format, 1, 56, 3, false));
            check(form, operands(format, 17, 16, 1, false));
        }
    }

    /** The largest integers of both operands, of either sign, whose sums must not overflow on the way. */
    @ParameterizedTest
    @MethodSource("forms")
    void theLargestIntegers(Form form) {
        for (BlockFormat format : BlockFormat.values()) {
            for (int fill : new int[] {0, 0x7F, 0x80, 0xFF}) {
                int k = 2 * format.blockSize();
                Tensor a = Literals.steps(2, 2, k);
                for (long i = 0; i < a.size(); i++) {
                    a.setDouble(i, i < k ? 1 : i % 3 == 0 ? 1 : -1);
                }
                check(form, new Operands(format, a, BlockRows.filled(format, 0.5, 0.25, fill, 17, k), null));
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("assembled")
    void aRowHasTheSameBitsWhateverStandsBesideIt(Form form) {
        for (BlockFormat format : BlockFormat.values()) {
            Operands all = operands(format, 141, 52, 2, true);
            Tensor together = run(form, all);
            for (int row : new int[] {0, 15, 140}) {
                for (int m : new int[] {1, 2, 5, 17}) {
                    Tensor a = Tensor.allocate(DType.FLOAT32, m, all.k());
                    for (long i = 0; i < a.size(); i++) {
                        a.setDouble(i, all.a.getFloat((long) row * all.k() + i % all.k()));
                    }
                    Tensor alone = run(form, new Operands(format, a, all.b, all.bias));
                    for (int i = 0; i < m * 52; i++) {
                        assertThat(alone.getFloat(i)).isEqualTo(together.getFloat(row * 52L + i % 52));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Activations.class)
    void instructionSetsGiveTheSameBits(Activations activations) {
        List<Form> same = assembled().stream()
                .filter(form -> form.activations == activations)
                .toList();
        for (BlockFormat format : BlockFormat.values()) {
            Operands o = operands(format, 19, 45, 3, true);
            for (Form form : same) {
                assertThat(run(form, o).contentEquals(run(same.getFirst(), o)))
                        .as("%s, %s", format, form)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("assembled")
    void nothingOutsideOfTheOperandsIsTouched(Form form) {
        for (BlockFormat format : BlockFormat.values()) {
            for (int[] size : new int[][] {{1, 16, 1}, {1, 61, 2}, {5, 49, 1}, {33, 80, 3}}) {
                Operands o = operands(format, size[0], size[1], size[2], random.nextBoolean());
                Tensor expected = run(form, o);
                KernelRun.Prepared p = prepare(form, o);
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
        for (Form form : forms()) {
            for (BlockFormat format : BlockFormat.values()) {
                Operands o = operands(format, 3, 20, 2, false);
                o.a.setDouble(o.k() + 40 % o.k(), value);
                Tensor y = run(form, o);
                for (int i = 0; i < 60; i++) {
                    assertThat(Float.isFinite(y.getFloat(i)))
                            .as("%s %s, element %d", form, format, i)
                            .isEqualTo(i / 20 != 1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void smallAndMissingElementsOfRows(Form form) {
        for (BlockFormat format : List.of(BlockFormat.Q4_1, BlockFormat.Q6_K)) {
            Operands o = operands(format, 4, 20, 3, false);
            for (int i = 0; i < format.blockSize(); i++) {
                o.a.setDouble(i, 0);
                o.a.setDouble(o.k() + i, i == 3 ? 1e-30 : 0);
                o.a.setDouble(2L * o.k() + i, 1e-20 * i);
                o.a.setDouble(3L * o.k() + i, 1e25 * (i - 16));
            }
            check(form, o);
        }
    }

    /** A bias, a residual and an activation, which an operator of several parts has after the product. */
    @ParameterizedTest
    @MethodSource("forms")
    void partsAfterTheProduct(Form form) {
        for (int[] size : new int[][] {{1, 50}, {14, 33}, {130, 16}}) {
            Operands o = operands(BlockFormat.Q5_1, size[0], size[1], 2, false);
            Tensor row = floats(size[1]);
            Tensor residual = floats(size[0], size[1]);
            Tensor product = run(form, new Operands(o.format, o.a, o.b, row));
            Fused fused = new Fused(
                    4,
                    new Fused.Part(form.op(o.format), List.of(0, 1)),
                    List.of(
                            new Fused.Part(new Add(), List.of(4, 2)),
                            new Fused.Part(new Add(), List.of(3, 5)),
                            new Fused.Part(new Relu(), List.of(6))));
            List<Datum> inputs = List.of(o.a, o.b, row, residual);
            KernelRun.Prepared p = KernelRun.prepare(
                    CoreKernels.set(), fused, inputs, List.of(product.type()), true, form.profile.machineCode());
            assertThat(p.kernel().id()).startsWith("block_gemm").endsWith("_fused");
            Tensor y = KernelRun.run(p, inputs).getFirst();
            for (long i = 0; i < y.size(); i++) {
                assertThat(y.getFloat(i)).isEqualTo(Math.max(0, residual.getFloat(i) + product.getFloat(i)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void stacksOfMatricesAreRows(Form form) {
        Operands o = operands(BlockFormat.Q4_K, 6, 18, 1, true);
        Tensor y = run(form, new Operands(o.format, o.a.reshape(2, 3, 256), o.b, o.bias));
        assertThat(y.dims()).containsExactly(2, 3, 18);
        assertThat(y.reshape(6, 18).contentEquals(run(form, o))).isTrue();
        Tensor none = Tensor.allocate(DType.FLOAT32, 0, 256);
        assertThat(run(form, new Operands(o.format, none, o.b, null)).size()).isZero();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void runsAllocateNothing(Form form) {
        for (int m : new int[] {1, 19}) {
            Operands o = operands(BlockFormat.Q5_K, m, 50, 2, true);
            KernelRun.Prepared p = prepare(form, o);
            KernelRequest r = p.request();
            long[] sizes = Stream.concat(
                            Stream.of(0, 1, 2)
                                    .map(i -> r.layout(i).byteSize(r.inputs().get(i))),
                            Stream.of(Layout.ROW_MAJOR.byteSize(r.outputs().getFirst())))
                    .mapToLong(i -> i)
                    .toArray();
            assertThat(KernelCheck.allocated(p.kernel(), sizes)).isZero();
        }
    }

    /** Packed weights have the bits of the file; scales of groups take two bits more. */
    @Test
    void packedWeightsAreAsSmallAsThoseOfTheFile() {
        for (Form form : assembled()) {
            for (BlockFormat format : BlockFormat.values()) {
                Operands o = operands(format, 1, 32, 2, false);
                long packed = prepare(form, o).request().layout(1).byteSize(o.b.type());
                long more = format.hasSubScales() ? o.b.byteSize() / 32 : 0;
                assertThat(packed).as("%s", format).isBetween(o.b.byteSize(), o.b.byteSize() + more);
            }
        }
    }

    @Test
    void weightsThatAreComputedStayAsTheyAre() {
        for (Form form : assembled()) {
            Operands o = operands(BlockFormat.Q4_0, 2, 5, 3, true);
            BlockMatMul op = form.op(o.format);
            KernelRun.Prepared p = KernelRun.prepare(
                    CoreKernels.set(),
                    op,
                    o.list(),
                    KernelRun.outputTypes(op, o.list(), 1),
                    false,
                    form.profile.machineCode());
            assertThat(p.kernel().id()).isEqualTo("block_gemm_format_scalar");
        }
    }
}
