package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
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
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products in machine code on each profile of a processor, without the vector tier: against the reference around every tail,
 * and the bits of a row whatever stands beside it. Instruction sets are not constants of a JVM, so one JVM runs all profiles.
 * It is one without the Vector API, since machine code does not need it.
 */
class AssembledGemmKernelsTest {
    private static final int[] ROWS = {1, 2, 3, 5, 6, 7, 11, 12, 13, 25, 40};
    private static final int[] COLUMNS = {1, 7, 8, 15, 16, 17, 31, 32, 33, 48, 49, 63, 64, 65, 97};
    private static final int[] DEPTHS = {0, 1, 2, 3, 4, 5, 15, 16, 17, 33, 64};
    private static final int MOST_ROWS = 40;

    private final Random random = new Random(28);

    @TempDir
    private Path folder;

    private static boolean isInteger(Op op) {
        return op instanceof MatMulInteger
                || op instanceof Fused f && f.anchor().op() instanceof MatMulInteger;
    }

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    private Tensor floats(long... dims) {
        return Literals.random(DType.FLOAT32, random.nextLong(), dims);
    }

    private Tensor bytes(DType type, long... dims) {
        return Literals.random(type, random.nextLong(), dims);
    }

    private static List<Datum> operands(Datum... operands) {
        return Arrays.asList(operands);
    }

    private static final Fused FLOAT_FUSED = new Fused(
            4, part(new Gemm(1, 1, false, false), 0, 1, 2), List.of(part(new Add(), 4, 3), part(new Relu(), 5)));

    private static final Fused FLOAT_FUSED_REST = new Fused(
            4, part(new MatMul(), 0, 1), List.of(part(new Add(), 4, 2), part(new Abs(), 5), part(new Mul(), 6, 3)));

    /** Scale of all, of columns, addends, a residual, bounds. */
    private static final Fused INTEGER_FUSED = new Fused(
            8,
            part(new MatMulInteger(), 0, 1, 2, 3),
            List.of(
                    part(new Cast(DType.FLOAT32, true, "up"), 8),
                    part(new Mul(), 9, 4),
                    part(new Mul(), 10, 5),
                    part(new Add(), 11, 6),
                    part(new Add(), 12, 7),
                    part(new Relu(), 13)));

    private static final Fused INTEGER_FUSED_REST = new Fused(
            6,
            part(new MatMulInteger(), 0, 1, 2, 3),
            List.of(
                    part(new Cast(DType.FLOAT32, true, "up"), 6),
                    part(new Mul(), 7, 4),
                    part(new Abs(), 8),
                    part(new Add(), 9, 5)));

    /** Each operator with operands for a product of m rows, n columns and k terms. */
    private List<KernelCase> cases(int m, int n, int k) {
        DType left = random.nextBoolean() ? DType.INT8 : DType.UINT8;
        DType right = random.nextBoolean() ? DType.INT8 : DType.UINT8;
        Tensor a = floats(m, k);
        Tensor b = floats(k, n);
        Tensor i = bytes(left, m, k);
        Tensor w = bytes(right, k, n);
        Tensor small = bytes(right, k, n);
        for (long at = 0; at < small.size(); at++) {
            small.setLong(at, right == DType.INT8 ? small.getLong(at) / 2 : 64 + small.getLong(at) / 2);
        }
        return List.of(
                new KernelCase(new MatMul(), operands(a, b)),
                new KernelCase(new Gemm(1, 1, false, true), operands(a, floats(n, k), floats(n))),
                new KernelCase(FLOAT_FUSED, operands(a, b, floats(n), floats(m, n))),
                new KernelCase(FLOAT_FUSED_REST, operands(a, b, floats(n), floats(n))),
                new KernelCase(new MatMulInteger(), operands(i, w)),
                new KernelCase(new MatMulInteger(), operands(i, w, bytes(left), bytes(right))),
                new KernelCase(new MatMulInteger(), operands(i, small, bytes(left), bytes(right))),
                new KernelCase(new MatMulInteger(), operands(i, w, bytes(left, m), bytes(right, n))),
                new KernelCase(
                        INTEGER_FUSED,
                        operands(i, w, bytes(left), bytes(right, n), floats(1), floats(n), floats(n), floats(m, n))),
                new KernelCase(INTEGER_FUSED_REST, operands(i, w, bytes(left), bytes(right), floats(n), floats(n))));
    }

    private record KernelCase(Op op, List<Datum> operands) {}

    @Test
    void everyTail(TestReporter reporter) {
        Map<Profile, Capabilities> machines = new EnumMap<>(Profile.class);
        for (Profile profile : Profile.runnable(reporter)) {
            machines.put(profile, profile.machineCode());
        }
        for (int i = 0; i < ROWS.length; i++) {
            for (int j = 0; j < COLUMNS.length; j++) {
                for (int d = 0; d < DEPTHS.length; d++) {
                    if (Exhaustive.isOn() || d == (2 * i + 3 * j) % DEPTHS.length) {
                        everyCase(machines, ROWS[i], COLUMNS[j], DEPTHS[d]);
                    }
                }
            }
        }
        for (int k : new int[] {128, 130, 191, 200}) {
            everyCase(machines, 8 + random.nextInt(30), 1 + random.nextInt(70), k);
        }
        everyCase(machines, 150, 90, 129);
        everyCase(machines, 140, 70, 30);
        everyCase(machines, 7, 130, 520);
    }

    private void everyCase(Map<Profile, Capabilities> machines, int m, int n, int k) {
        for (KernelCase c : cases(m, n, k)) {
            KernelCheck check = KernelCheck.of(c.op, c.operands, 1);
            machines.forEach((profile, machine) -> {
                String id = check.compare(CoreKernels.set(), true, machine);
                // A column is a product of its own, without a packed operand.
                if (n > 1 || isInteger(c.op)) {
                    String suffix = isInteger(c.op) ? profile.byteSuffix() : profile.floatSuffix();
                    boolean few = suffix.equals("amx") && (m < 8 || k < 128);
                    assertThat(id).as("%s", check).startsWith("gemm_").contains("_" + (few ? "avx512vnni" : suffix));
                }
            });
        }
    }

    /** Rows of a product of 40, and each smaller product of some of them, have the same bits. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void aRowHasTheSameBitsWhateverStandsBesideIt(Profile profile) {
        Capabilities machine = profile.runnable();
        int n = 83;
        int k = profile.byteSuffix().equals("amx") ? 133 : 61;
        for (KernelCase c : cases(MOST_ROWS, n, k)) {
            Tensor all = run(c.op, c.operands, machine);
            long rowBytes = all.byteSize() / MOST_ROWS;
            for (int m = 1; m <= MOST_ROWS; m++) {
                int first = random.nextInt(MOST_ROWS - m + 1);
                List<Datum> part = new ArrayList<>();
                for (Datum operand : c.operands) {
                    Tensor t = (Tensor) operand;
                    boolean ofRows = t.rank() > 0 && t.dim(0) == MOST_ROWS;
                    part.add(ofRows ? rows(t, first, m) : t);
                }
                Tensor some = run(c.op, part, machine);
                long from = first * rowBytes;
                assertThat(MemorySegment.mismatch(
                                some.segment(), 0, m * rowBytes, all.segment(), from, from + m * rowBytes))
                        .as("%s: %d rows from row %d", c.op, m, first)
                        .isEqualTo(-1);
            }
        }
    }

    private static Tensor rows(Tensor t, int first, int m) {
        long[] dims = t.dims();
        long bytes = t.byteSize() / dims[0];
        dims[0] = m;
        return Tensor.of(t.dtype(), t.segment().asSlice(first * bytes, m * bytes), dims);
    }

    private static KernelRun.Prepared prepare(Op op, List<Datum> operands, Capabilities machine) {
        List<TensorType> types = KernelRun.outputTypes(op, operands, 1);
        return KernelRun.prepare(CoreKernels.set(), op, operands, types, true, machine);
    }

    private static Tensor run(Op op, List<Datum> operands, Capabilities machine) {
        return KernelRun.run(prepare(op, operands, machine), operands).getFirst();
    }

    /** All operands, the result and the scratch memory touch a page that can't be read. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void nothingOutsideOfTheOperandsIsTouched(Profile profile) {
        Capabilities machine = profile.runnable();
        for (int[] size : new int[][] {
            {1, 1, 1}, {3, 17, 5}, {12, 33, 7}, {13, 49, 64}, {7, 97, 66}, {140, 80, 30}, {19, 45, 141}, {150, 33, 128}
        }) {
            for (KernelCase c : cases(size[0], size[1], size[2])) {
                Tensor expected = run(c.op, c.operands, machine);
                guarded(c, machine, expected, true);
                guarded(c, machine, expected, false);
            }
        }
    }

    private static void guarded(KernelCase c, Capabilities machine, Tensor expected, boolean last) {
        KernelRun.Prepared prepared = prepare(c.op, c.operands, machine);
        KernelRequest request = prepared.request();
        List<MemorySegment> memory = new ArrayList<>();
        for (int i = 0; i < c.operands.size(); i++) {
            long bytes = request.layout(i).byteSize(request.inputs().get(i));
            MemorySegment operand = GuardPages.of(bytes).part(bytes, last);
            request.layout(i).pack((Tensor) c.operands.get(i), operand);
            memory.add(operand);
        }
        memory.add(GuardPages.of(expected.byteSize()).part(expected.byteSize(), last));
        Kernel kernel = prepared.kernel();
        if (kernel.sharedBytes() > 0) {
            memory.add(GuardPages.of(kernel.sharedBytes()).part(kernel.sharedBytes(), last));
        }
        MemorySegment scratch = GuardPages.of(kernel.scratchBytes()).part(kernel.scratchBytes(), last);
        kernel.runAll(memory.toArray(new MemorySegment[0]), scratch);
        assertThat(memory.get(c.operands.size()).mismatch(expected.segment()))
                .as("%s", c)
                .isEqualTo(-1);
    }

    /** The largest products, around the sums that still fit 16 bits. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void extremesOfBytes(Profile profile) {
        Capabilities machine = profile.runnable();
        int[][] pairs = {
            {64, 64}, {65, 64}, {127, 1}, {127, 2}, {127, 127}, {-128, 0}, {-128, -1}, {-64, -64}, {-65, -64}
        };
        for (int[] pair : pairs) {
            for (DType left : List.of(DType.INT8, DType.UINT8)) {
                for (int turn = 0; turn < 2; turn++) {
                    Tensor a = Tensor.allocate(left, 7, 70);
                    Tensor w = Tensor.allocate(DType.INT8, 70, 35);
                    for (long i = 0; i < a.size(); i++) {
                        a.setLong(i, turn == 0 ? left.maxInteger() : left.minInteger());
                    }
                    for (long i = 0; i < w.size(); i++) {
                        w.setLong(i, pair[(int) (i / 35 + turn) % 2]);
                    }
                    KernelCheck.of(new MatMulInteger(), operands(a, w), 1).compare(CoreKernels.set(), true, machine);
                }
            }
        }
    }

    /** Without dot products of bytes, weights decide which arithmetic is exact. */
    @Test
    void weightsWhosePairsFitStayBytes() {
        Capabilities machine = Profile.HASWELL.runnable();
        Tensor a = bytes(DType.UINT8, 30, 16);
        Tensor w = Tensor.allocate(DType.INT8, 16, 32);
        w.setLong(0, 127);
        w.setLong(32, 1);
        assertThat(prepare(new MatMulInteger(), operands(a, w), machine)
                        .kernel()
                        .id())
                .isEqualTo("gemm_u8s8_5x16_avx2");
        w.setLong(32, 2);
        assertThat(prepare(new MatMulInteger(), operands(a, w), machine)
                        .kernel()
                        .id())
                .isEqualTo("gemm_u8s8_words_5x16_avx2");
    }

    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void specialNumbersPropagate(Profile profile) {
        Capabilities machine = profile.runnable();
        for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f}) {
            for (int n : new int[] {7, 33, 80}) {
                Tensor a = floats(13, 9);
                Tensor b = floats(9, n);
                a.setDouble(20, special);
                b.setDouble(b.size() - 1, special);
                for (Op op : List.of(new MatMul(), FLOAT_FUSED, FLOAT_FUSED_REST)) {
                    List<Datum> operands =
                            op instanceof MatMul ? operands(a, b) : operands(a, b, floats(n), floats(13, n));
                    KernelCheck.of(op, operands, 1).compare(CoreKernels.set(), true, machine);
                }
            }
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing(TestReporter reporter) {
        for (Profile profile : Profile.runnable(reporter)) {
            Capabilities machine = profile.machineCode();
            for (KernelCase c : cases(20, 70, profile.byteSuffix().equals("amx") ? 133 : 33)) {
                KernelRun.Prepared prepared = prepare(c.op, c.operands, machine);
                KernelRequest request = prepared.request();
                long[] bytes = new long[c.operands.size() + 1];
                for (int i = 0; i < c.operands.size(); i++) {
                    bytes[i] = request.layout(i).byteSize(request.inputs().get(i));
                }
                bytes[c.operands.size()] =
                        Layout.ROW_MAJOR.byteSize(request.outputs().getFirst());
                assertThat(KernelCheck.allocated(prepared.kernel(), bytes))
                        .as(prepared.kernel().id())
                        .isZero();
            }
        }
    }

    /** Java throws, where machine code would end the process. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void operandsThatCodeCannotReadAreRefused(Profile profile) throws IOException {
        Capabilities machine = profile.runnable();
        Path file = folder.resolve("zeros");
        Files.write(file, new byte[1 << 16]);
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 16, Arena.ofAuto());
            boolean amx = profile.byteSuffix().equals("amx");
            for (KernelCase c : cases(amx ? 9 : 5, 20, amx ? 133 : 9)) {
                refuses(c, machine, mapped);
            }
        }
    }

    private static void refuses(KernelCase c, Capabilities machine, MemorySegment mapped) {
        KernelRun.Prepared prepared = prepare(c.op, c.operands, machine);
        KernelRequest request = prepared.request();
        Kernel kernel = prepared.kernel();
        MemorySegment scratch = Arena.ofAuto().allocate(kernel.scratchBytes(), 64);
        for (int which : new int[] {0, 1, c.operands.size()}) {
            MemorySegment[] memory = new MemorySegment[c.operands.size() + 1];
            for (int i = 0; i < memory.length; i++) {
                long bytes = i < c.operands.size()
                        ? request.layout(i).byteSize(request.inputs().get(i))
                        : Layout.ROW_MAJOR.byteSize(request.outputs().getFirst());
                memory[i] = Arena.ofAuto().allocate(bytes, 64);
            }
            MemorySegment whole = memory[which];
            memory[which] = whole.asSlice(0, whole.byteSize() - 1);
            assertThatThrownBy(() -> kernel.runAll(memory, scratch)).isInstanceOf(IndexOutOfBoundsException.class);
            memory[which] = MemorySegment.ofArray(new byte[(int) whole.byteSize()]);
            assertThatIllegalArgumentException().isThrownBy(() -> kernel.runAll(memory, scratch));
            memory[which] = mapped;
            assertThatIllegalArgumentException().isThrownBy(() -> kernel.runAll(memory, scratch));
            memory[which] = whole;
            kernel.runAll(memory, scratch);
        }
    }
}
