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
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.GuardPages;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products in machine code whose right operand is computed in the call, on each profile of a processor: against the reference
 * around every tail, and against the products of constants bit for bit.
 */
class PackedInCallTest {
    private static final int[] ROWS = {1, 2, 7, 13, 40};
    private static final int[] COLUMNS = {2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 49, 63, 64, 65, 97};
    private static final int[] DEPTHS = {0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 64, 67};

    private static final Fused RESIDUAL = new Fused(
            4, part(new Gemm(1, 1, true, false), 0, 1, 2), List.of(part(new Add(), 4, 3), part(new Relu(), 5)));

    private static final Fused REST = new Fused(
            4, part(new MatMul(), 0, 1), List.of(part(new Add(), 4, 2), part(new Abs(), 5), part(new Mul(), 6, 3)));

    private final Random random = new Random(45);

    private record Case(Op op, List<Datum> operands) {}

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    private Tensor floats(long... dims) {
        return Literals.random(DType.FLOAT32, random.nextLong(), dims);
    }

    private static Case of(Op op, Tensor... operands) {
        return new Case(op, Arrays.asList(operands));
    }

    /** Products of m rows, n columns and k terms, in all forms. */
    private List<Case> cases(int m, int n, int k) {
        return List.of(
                of(new MatMul(), floats(m, k), floats(k, n)),
                of(new TransposedMatMul(), floats(m, k), floats(n, k)),
                of(new Gemm(1, 1, false, true), floats(m, k), floats(n, k), floats(n)),
                of(new Gemm(1, 1, true, false), floats(k, m), floats(k, n)),
                of(new Gemm(1, 1, true, true), floats(k, m), floats(n, k), floats(n)),
                of(RESIDUAL, floats(k, m), floats(k, n), floats(n), floats(m, n)),
                of(REST, floats(m, k), floats(k, n), floats(n), floats(n)));
    }

    private static KernelRun.Prepared prepare(Case c, boolean constant, Capabilities machine) {
        List<TensorType> types = KernelRun.outputTypes(c.op, c.operands, 1);
        return KernelRun.prepare(CoreKernels.set(), c.op, c.operands, types, constant, machine);
    }

    private static Tensor run(Case c, boolean constant, Capabilities machine) {
        return KernelRun.run(prepare(c, constant, machine), c.operands).getFirst();
    }

    @Test
    void everyTail(TestReporter reporter) {
        List<Profile> profiles = Profile.runnable(reporter);
        for (int i = 0; i < ROWS.length; i++) {
            for (int j = 0; j < COLUMNS.length; j++) {
                everyCase(profiles, ROWS[i], COLUMNS[j], DEPTHS[(5 * i + 3 * j) % DEPTHS.length]);
            }
        }
        everyCase(profiles, 290, 50, 65);
        everyCase(profiles, 140, 70, 30);
        everyCase(profiles, 9, 130, 520);
    }

    private void everyCase(List<Profile> profiles, int m, int n, int k) {
        for (Case c : cases(m, n, k)) {
            KernelCheck check = KernelCheck.of(c.op, c.operands, 1);
            for (Profile profile : profiles) {
                assertThat(check.compare(CoreKernels.set(), false, profile.machineCode()))
                        .as("%s on %s", check, profile)
                        .startsWith("gemm_f32_packing_")
                        .contains("_" + profile.floatSuffix());
            }
        }
    }

    @Test
    void stacks(TestReporter reporter) {
        for (Profile profile : Profile.runnable(reporter)) {
            Capabilities machine = profile.machineCode();
            for (Case c : List.of(
                    of(new MatMul(), floats(3, 2, 13, 8), floats(3, 2, 8, 17)),
                    of(new MatMul(), floats(2, 1, 4, 8), floats(3, 8, 35)),
                    of(new MatMul(), floats(4, 3, 5, 8), floats(4, 1, 8, 40)),
                    of(new MatMul(), floats(0, 3, 8), floats(1, 8, 40)),
                    of(new MatMul(), floats(8), floats(2, 8, 50)),
                    of(new TransposedMatMul(), floats(2, 3, 13, 8), floats(2, 3, 37, 8)),
                    of(new TransposedMatMul(), floats(2, 13, 40), floats(2, 90, 40)))) {
                KernelCheck check = KernelCheck.of(c.op, c.operands, 1);
                assertThat(check.compare(CoreKernels.set(), false, machine))
                        .as("%s on %s", check, profile)
                        .startsWith("gemm_f32_packing_");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void bitsAreThoseOfConstants(Profile profile) {
        Capabilities machine = profile.runnable();
        for (int[] size : new int[][] {{1, 40, 7}, {13, 33, 64}, {40, 97, 67}, {300, 70, 130}}) {
            for (Case c : cases(size[0], size[1], size[2])) {
                boolean turned = c.op instanceof Gemm g && g.transA() || c.op.equals(RESIDUAL);
                Tensor found = run(c, false, machine);
                if (!turned) {
                    assertThat(found.contentEquals(run(c, true, machine)))
                            .as("%s %s", c.op, Arrays.toString(size))
                            .isTrue();
                } else if (c.op instanceof Gemm g) {
                    List<Datum> straight = new ArrayList<>(c.operands);
                    straight.set(0, transposed((Tensor) c.operands.getFirst()));
                    Case same = new Case(new Gemm(1, 1, false, g.transB()), straight);
                    assertThat(found.contentEquals(run(same, true, machine)))
                            .as("%s %s", c.op, Arrays.toString(size))
                            .isTrue();
                }
            }
        }
    }

    private static Tensor transposed(Tensor t) {
        Tensor result = Tensor.allocate(t.dtype(), t.dim(1), t.dim(0));
        for (int i = 0; i < t.dim(0); i++) {
            for (int j = 0; j < t.dim(1); j++) {
                result.setDouble(j * t.dim(0) + i, t.getDouble(i * t.dim(1) + j));
            }
        }
        return result;
    }

    /** All operands, the result, shared and scratch memory touch a page that can't be read. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void nothingOutsideOfTheOperandsIsTouched(Profile profile) {
        Capabilities machine = profile.runnable();
        for (int[] size : new int[][] {{1, 2, 1}, {3, 17, 5}, {12, 33, 7}, {13, 49, 64}, {7, 97, 66}, {140, 80, 30}}) {
            for (Case c : cases(size[0], size[1], size[2])) {
                Tensor expected = run(c, false, machine);
                for (boolean last : new boolean[] {true, false}) {
                    MemorySegment[] memory = memory(prepare(c, false, machine), c, last);
                    assertThat(memory[c.operands.size()].mismatch(expected.segment()))
                            .as("%s %s", c.op, Arrays.toString(size))
                            .isEqualTo(-1);
                }
            }
        }
    }

    /** The operands of a run that ended, between pages that can't be read. */
    private static MemorySegment[] memory(KernelRun.Prepared prepared, Case c, boolean last) {
        Kernel kernel = prepared.kernel();
        List<MemorySegment> memory = new ArrayList<>();
        for (Datum operand : c.operands) {
            long bytes = ((Tensor) operand).byteSize();
            memory.add(GuardPages.of(bytes).part(bytes, last).copyFrom(((Tensor) operand).segment()));
        }
        long result = Layout.ROW_MAJOR.byteSize(prepared.request().outputs().getFirst());
        memory.add(GuardPages.of(result).part(result, last));
        memory.add(GuardPages.of(kernel.sharedBytes()).part(kernel.sharedBytes(), last));
        MemorySegment[] operands = memory.toArray(new MemorySegment[0]);
        kernel.runAll(operands, GuardPages.of(kernel.scratchBytes()).part(kernel.scratchBytes(), last));
        return operands;
    }

    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void specialNumbersPropagate(Profile profile) {
        Capabilities machine = profile.runnable();
        for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -0f}) {
            for (int n : new int[] {7, 33, 80}) {
                for (Case c : cases(13, n, 9)) {
                    Tensor a = (Tensor) c.operands.get(0);
                    Tensor b = (Tensor) c.operands.get(1);
                    a.setDouble(a.size() - 1, special);
                    b.setDouble(0, special);
                    KernelCheck.of(c.op, c.operands, 1).compare(CoreKernels.set(), false, machine);
                }
            }
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing(TestReporter reporter) {
        for (Profile profile : Profile.runnable(reporter)) {
            for (Case c : cases(20, 70, 33)) {
                KernelRun.Prepared prepared = prepare(c, false, profile.machineCode());
                long[] bytes = Stream.concat(
                                c.operands.stream()
                                        .mapToLong(t -> ((Tensor) t).byteSize())
                                        .boxed(),
                                Stream.of(20 * 70 * 4L, prepared.kernel().sharedBytes()))
                        .mapToLong(Long::longValue)
                        .toArray();
                assertThat(KernelCheck.allocated(prepared.kernel(), bytes))
                        .as(prepared.kernel().id())
                        .isZero();
            }
        }
    }

    /** Java throws, where machine code would end the process. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void operandsThatCodeCannotReadAreRefused(Profile profile) {
        Capabilities machine = profile.runnable();
        for (Case c : cases(5, 20, 9)) {
            KernelRun.Prepared prepared = prepare(c, false, machine);
            MemorySegment[] memory = memory(prepared, c, true);
            MemorySegment scratch = Arena.ofAuto().allocate(prepared.kernel().scratchBytes(), 64);
            for (int which : new int[] {0, 1, c.operands.size(), memory.length - 1}) {
                MemorySegment whole = memory[which];
                memory[which] = whole.asSlice(0, whole.byteSize() - 1);
                assertThatThrownBy(() -> prepared.kernel().runAll(memory, scratch))
                        .as("%s, operand %d", c.op, which)
                        .isInstanceOf(IndexOutOfBoundsException.class);
                memory[which] = MemorySegment.ofArray(new byte[(int) whole.byteSize()]);
                assertThatIllegalArgumentException()
                        .as("%s, operand %d", c.op, which)
                        .isThrownBy(() -> prepared.kernel().runAll(memory, scratch));
                memory[which] = whole;
            }
            prepared.kernel().runAll(memory, scratch);
        }
    }

    private static String selected(Op op, Capabilities machine, long[] a, long[] b) {
        Tensor left = Tensor.allocate(DType.FLOAT32, a);
        Tensor right = Tensor.allocate(DType.FLOAT32, b);
        List<TensorType> outputs = KernelRun.outputTypes(op, List.of(left, right), 1);
        KernelRequest request = KernelRequest.of(List.of(left.type(), right.type()), outputs, machine);
        GemmKernels family = GemmKernels.FAMILY;
        return GemmKernels.TABLE
                .choose(family.problem(op, request).problem(), machine)
                .choice()
                .id();
    }

    private static long[] dims(long... dims) {
        return dims;
    }

    /** Rows that are read where they are cost less than packing if there are few of them. */
    @ParameterizedTest
    @MethodSource("dev.tenon.testkit.Profile#withMachineCode")
    void productsThatPackingDoesNotPayForAreLeftToOthers(Profile profile) {
        String packing = "gemm_f32_packing_x64";
        Op op = new MatMul();
        Capabilities all = profile.capabilities();
        assertThat(selected(op, all, dims(128, 384), dims(384, 1536))).isEqualTo(packing);
        assertThat(selected(new Gemm(1, 1, true, false), all, dims(128, 384), dims(128, 1536)))
                .isEqualTo(packing);
        assertThat(selected(new TransposedMatMul(), all, dims(128, 384), dims(1536, 384)))
                .isEqualTo(packing);
        assertThat(selected(op, all, dims(12, 128, 64), dims(12, 64, 128))).isEqualTo(packing);
        assertThat(selected(op, all, dims(1, 384), dims(384, 1536))).isEqualTo("gemm_f32_rows_vector");
        assertThat(selected(new TransposedMatMul(), all, dims(1, 384), dims(1536, 384)))
                .isEqualTo("gemm_f32_dots_vector");
        // Without the vector tier the number of rows decides nothing.
        Capabilities code = profile.machineCode();
        assertThat(selected(op, code, dims(1, 384), dims(384, 1536))).isEqualTo(packing);
        assertThat(selected(new TransposedMatMul(), code, dims(1, 384), dims(1536, 384)))
                .isEqualTo(packing);
        for (Capabilities machine : List.of(all, code)) {
            assertThat(selected(op, machine, dims(128, 384), dims(384, 1))).isNotEqualTo(packing);
            assertThat(selected(op, machine, dims(900, 30, 8), dims(900, 8, 3))).isNotEqualTo(packing);
            assertThat(selected(new Gemm(0.5f, 1, false, false), machine, dims(30, 8), dims(8, 30)))
                    .isNotEqualTo(packing);
        }
    }
}
