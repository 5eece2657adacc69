package dev.tenon.kernel.table.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.asm.InstructionSet;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Operands;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of PagedAttention against the reference, and the bits of rows in any step. */
@Tag("tiers")
public class PagedAttentionKernelsTest {
    private static final int PAGE = PagedProblem.PAGE;
    private static final long ALIGNMENT = 64;

    /** The sizes of a test: pages are those of two sequences, in any order, and one that is not used. */
    private record Sizes(int group, int keyHeads, int size, int columns, DType numbers) {
        int pages() {
            return 2 * columns + 1;
        }

        Tensor rows(Random random, int tokens, boolean queries) {
            return Literals.normal(random, 1, tokens, (long) (queries ? group * keyHeads : keyHeads) * size);
        }

        /** Pages of finite numbers, but for the last one, which nothing may read. */
        Tensor cache(Random random) {
            Tensor t = Literals.normal(random, pages(), keyHeads, PAGE, size);
            long page = (long) keyHeads * PAGE * size;
            for (long i = t.size() - page; i < t.size(); i++) {
                t.setDouble(i, Double.NaN);
            }
            return Tensor.convert(numbers, t.toDoubleArray(), t.dims());
        }

        Tensor table() {
            Tensor t = Tensor.allocate(DType.INT32, 2, columns);
            for (int i = 0; i < 2 * columns; i++) {
                t.setLong(i, (i * 7L + 3) % (2L * columns));
            }
            return t;
        }

        PagedAttention op(long window, float softcap) {
            return new PagedAttention((long) group * keyHeads, (float) (1 / Math.sqrt(size)), window, softcap);
        }
    }

    private static Tensor integers(DType type, int... values) {
        Tensor t = Tensor.allocate(type, values.length);
        for (int i = 0; i < values.length; i++) {
            t.setLong(i, values[i]);
        }
        return t;
    }

    /** The machine, and the same one without its widest vectors. */
    private static List<Capabilities> machines() {
        Capabilities all = Tier.capabilities();
        return all.instructions().contains(InstructionSet.AVX512)
                ? List.of(all, all.withInstructions(EnumSet.of(InstructionSet.AVX2)))
                : List.of(all);
    }

    /** Compares with the reference; pages are just as many as the positions need. */
    private static String compare(Sizes given, PagedAttention op, DType type, int[] sequences, int... positions) {
        int last = Arrays.stream(positions).max().orElseThrow();
        Sizes s = new Sizes(given.group(), given.keyHeads(), given.size(), last / PAGE + 1, given.numbers());
        Random random = new Random(s.size() * 1000L + positions[0]);
        int tokens = positions.length;
        List<Tensor> in = List.of(
                s.rows(random, tokens, true),
                s.rows(random, tokens, false),
                s.rows(random, tokens, false),
                s.cache(random),
                s.cache(random),
                s.table(),
                integers(DType.INT32, sequences),
                integers(type, positions));
        return compare(op, in);
    }

    private static String compare(PagedAttention op, List<Tensor> in) {
        KernelCheck check = KernelCheck.of(op, in, 3);
        String id = null;
        for (Capabilities machine : machines()) {
            id = check.run(CoreKernels.set(), false, machine);
        }
        return id;
    }

    @ParameterizedTest
    @CsvSource({
        "1,2,64,FLOAT32",
        "4,1,80,FLOAT32",
        "4,1,80,FLOAT16",
        "7,1,64,FLOAT32",
        "1,1,96,FLOAT32",
        "2,2,128,FLOAT16",
        "14,1,16,FLOAT32",
        "14,1,16,FLOAT16",
        "3,1,5,FLOAT16",
        "1,1,513,FLOAT32"
    })
    void lengthsAroundPagesAndSegments(int group, int keyHeads, int size, DType numbers) {
        Sizes s = new Sizes(group, keyHeads, size, 1, numbers);
        int[] lengths = {1, 63, 64, 65, 511, 512, 513, 1025};
        int step = group == 14 ? 1 : Exhaustive.step(3);
        for (int i = size % step; i < lengths.length; i += step) {
            assertThat(compare(s, s.op(0, 0), DType.INT64, new int[] {1}, lengths[i] - 1))
                    .startsWith("paged_attention_f32");
        }
        // Two sequences, the second with a prefix of its own, and a window.
        int[] sequences = {0, 0, 0, 0, 1, 1};
        int[] positions = {511, 512, 513, 514, 63, 64};
        compare(s, s.op(5, 0), DType.INT32, sequences, positions);
        if (size < 80 || Exhaustive.isOn()) {
            compare(s, s.op(0, 0), DType.INT32, sequences, positions);
            compare(s, s.op(450, 3), DType.INT64, sequences, positions);
            compare(s, s.op(0, 0.5f), DType.INT64, new int[] {0, 0, 1}, 600, 3, 70);
        }
    }

    /** One step with rows of all lengths to some pages, of heads of every size that a vector may leave a rest of. */
    @ParameterizedTest
    @CsvSource({"1,16", "3,32", "1,48", "5,8", "1,112", "1,12"})
    void allLengths(int group, int size) {
        for (DType numbers : List.of(DType.FLOAT32, DType.FLOAT16)) {
            Sizes s = new Sizes(group, 1, size, 1, numbers);
            int[] positions = IntStream.range(0, 130).toArray();
            compare(s, s.op(0, 0), DType.INT64, new int[positions.length], positions);
            compare(s, s.op(19, 1), DType.INT64, new int[positions.length], positions);
        }
    }

    /** What a row does not see may be NaN: rows of a page before its window and after its end, and other pages. */
    @ParameterizedTest
    @CsvSource({"FLOAT32,20", "FLOAT16,16", "FLOAT32,64"})
    void nothingBesideARowIsMultiplied(DType numbers, int size) {
        Sizes s = new Sizes(3, 2, size, 9, numbers);
        Random random = new Random(11);
        for (int[] span : new int[][] {{0, 70, 0}, {60, 71, 1}, {505, 520, 1}, {0, 9, 4}}) {
            int tokens = span[1] - span[0];
            Tensor nothing = Tensor.allocate(numbers, s.pages(), 2, PAGE, size);
            for (long i = 0; i < nothing.size(); i++) {
                nothing.setDouble(i, Double.NaN);
            }
            List<Tensor> in = List.of(
                    s.rows(random, tokens, true),
                    s.rows(random, tokens, false),
                    s.rows(random, tokens, false),
                    nothing,
                    nothing,
                    s.table(),
                    integers(DType.INT32, new int[tokens]),
                    integers(DType.INT64, IntStream.range(span[0], span[1]).toArray()));
            PagedAttention op = s.op(span[2], 0);
            Tensor expected = (Tensor) op.reference(new Operands(op, "", in, 3)).getFirst();
            assertThat(expected.toDoubleArray()).doesNotContain(Double.NaN);
            compare(op, in);
        }
    }

    /** NaN and infinity that a row sees are in its result, and in no other. */
    @ParameterizedTest
    @CsvSource({"NaN,0", "Infinity,0", "-Infinity,0", "NaN,2"})
    void whatIsNotFiniteStaysInItsRows(float number, float softcap) {
        for (int operand = 0; operand < 3; operand++) {
            Sizes s = new Sizes(2, 1, 32, 1, DType.FLOAT32);
            Random random = new Random(13);
            List<Tensor> in = List.of(
                    s.rows(random, 40, true),
                    s.rows(random, 40, false),
                    s.rows(random, 40, false),
                    s.cache(random),
                    s.cache(random),
                    s.table(),
                    integers(DType.INT32, new int[40]),
                    integers(DType.INT64, IntStream.range(0, 40).toArray()));
            Tensor rows = in.get(operand);
            rows.setDouble(rows.size() / 2, number);
            PagedAttention op = s.op(0, softcap);
            Tensor expected = (Tensor) op.reference(new Operands(op, "", in, 3)).getFirst();
            for (Capabilities machine : machines()) {
                MemorySegment[] operands = operands(in);
                run(kernel(op, in, machine), operands, false);
                for (long i = 0; i < expected.size(); i++) {
                    float found = operands[PagedProblem.RESULT].getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    assertThat((double) found)
                            .as("operand %d, element %d", operand, i)
                            .isCloseTo(expected.getDouble(i), within(1e-5));
                }
            }
        }
    }

    /** Operands of a kernel in native memory, with the changed pages in place. */
    private static MemorySegment[] operands(List<Tensor> in) {
        MemorySegment[] all = new MemorySegment[in.size() + 3];
        for (int i = 0; i < in.size(); i++) {
            all[i] = Arena.ofAuto().allocate(in.get(i).byteSize(), ALIGNMENT);
            all[i].copyFrom(in.get(i).segment());
        }
        all[PagedProblem.RESULT] = Arena.ofAuto().allocate(in.getFirst().byteSize(), ALIGNMENT);
        all[PagedProblem.RESULT + 1] = all[PagedProblem.PAGES];
        all[PagedProblem.RESULT + 2] = all[PagedProblem.PAGES + 1];
        return all;
    }

    private static Kernel kernel(PagedAttention op, List<Tensor> in, Capabilities machine) {
        List<TensorType> types = in.stream().map(Tensor::type).toList();
        List<TensorType> results = List.of(types.get(0), types.get(3), types.get(4));
        return CoreKernels.set().prepare(op, KernelRequest.of(types, results, machine));
    }

    private static void run(Kernel kernel, MemorySegment[] operands, boolean partByPart) {
        MemorySegment scratch = Arena.ofAuto().allocate(Math.max(1, kernel.scratchBytes()), ALIGNMENT);
        for (Kernel stage = kernel; stage != null; stage = stage.nextStage()) {
            for (int part = stage.parts() - 1; partByPart && part >= 0; part--) {
                stage.run(operands, scratch, part, part + 1);
            }
            if (!partByPart) {
                stage.run(operands, scratch, 0, stage.parts());
            }
        }
    }

    /** Some rows of a tensor [1, tokens, width]. */
    private static Tensor some(Tensor t, int from, int to) {
        long width = t.dim(2);
        return t.reshape(t.size()).slice(from * width, to * width).reshape(1, to - from, width);
    }

    /**
     * A sequence of 530 tokens in one step has the bits of the same tokens in steps of one, in steps with tokens of another
     * sequence, and part by part.
     */
    @ParameterizedTest
    @CsvSource({
        "3,2,20,0,0,FLOAT32",
        "3,2,20,515,2,FLOAT16",
        "7,1,16,0,0,FLOAT16",
        "1,2,80,515,0,FLOAT16",
        "2,1,64,37,2,FLOAT32"
    })
    void aRowHasTheSameBitsInAnyStep(int group, int keyHeads, int size, long window, float softcap, DType numbers) {
        Sizes s = new Sizes(group, keyHeads, size, 9, numbers);
        for (Capabilities machine : machines()) {
            rowsHaveTheSameBitsInAnyStep(s, s.op(window, softcap), machine);
        }
    }

    private static void rowsHaveTheSameBitsInAnyStep(Sizes s, PagedAttention op, Capabilities machine) {
        Random random = new Random(7);
        int tokens = 530;
        List<Tensor> rows =
                List.of(s.rows(random, tokens, true), s.rows(random, tokens, false), s.rows(random, tokens, false));
        List<Tensor> caches = List.of(s.cache(random), s.cache(random));
        byte[] expected = null;
        for (int step : new int[] {tokens, 1, -64}) {
            List<Tensor> pages = new ArrayList<>(caches);
            byte[] found = new byte[(int) rows.getFirst().byteSize()];
            int width = found.length / tokens;
            boolean mixed = step < 0;
            for (int from = 0; from < tokens; from += Math.abs(step)) {
                int to = Math.min(tokens, from + Math.abs(step));
                int count = to - from;
                List<Tensor> in = new ArrayList<>();
                for (Tensor t : rows) {
                    in.add(mixed ? doubled(some(t, from, to)) : some(t, from, to));
                }
                in.addAll(pages);
                in.add(s.table());
                int[] sequences = new int[mixed ? 2 * count : count];
                int[] positions = new int[sequences.length];
                for (int i = 0; i < sequences.length; i++) {
                    sequences[i] = i < count ? 1 : 0;
                    positions[i] = from + i % count;
                }
                in.add(integers(DType.INT32, sequences));
                in.add(integers(DType.INT64, positions));
                MemorySegment[] operands = operands(in);
                Kernel kernel = kernel(op, in, machine);
                assertThat(kernel.inPlace(3, 1)).isTrue();
                assertThat(kernel.inPlace(4, 2)).isTrue();
                assertThat(kernel.inPlace(0, 0)).isFalse();
                run(kernel, operands, step % 2 != 0);
                MemorySegment.copy(
                        operands[PagedProblem.RESULT], ValueLayout.JAVA_BYTE, 0, found, from * width, count * width);
                for (int i = 0; i < 2; i++) {
                    pages.set(
                            i,
                            Tensor.of(
                                    s.numbers(),
                                    operands[PagedProblem.PAGES + i],
                                    caches.get(i).dims()));
                }
            }
            expected = expected == null ? found : expected;
            assertThat(found).as("steps of %d", step).isEqualTo(expected);
        }
    }

    /** The rows, and after them the same rows of another sequence. */
    private static Tensor doubled(Tensor t) {
        Tensor all = Tensor.allocate(DType.FLOAT32, 1, 2 * t.dim(1), t.dim(2));
        for (long i = 0; i < all.size(); i++) {
            all.setDouble(i, t.getFloat(i % t.size()));
        }
        return all;
    }

    /** Bad tables are errors, and nothing is written. */
    @ParameterizedTest
    @CsvSource({
        "0,-1,3,positions[0] is -1",
        "0,128,3,positions[0] is 128",
        "0,9223372036854775807,3,positions[0] is 9223372036854775807",
        "2,0,3,sequences is 2",
        "-1,0,3,sequences is -1",
        "0,70,5,'page_table[0,0] is 5'",
        "0,70,-1,'page_table[0,0] is -1'",
        "0,0,2147483647,'page_table[0,0] is 2147483647'"
    })
    void badTablesAreRefused(int sequence, long position, int page, String message) {
        Sizes s = new Sizes(2, 2, 8, 2, DType.FLOAT32);
        Random random = new Random(3);
        Tensor table = s.table();
        table.setLong(0, page);
        Tensor positions = Tensor.of(new long[] {position});
        List<Tensor> in = List.of(
                s.rows(random, 1, true),
                s.rows(random, 1, false),
                s.rows(random, 1, false),
                s.cache(random),
                s.cache(random),
                table,
                integers(DType.INT32, sequence),
                positions);
        MemorySegment[] operands = operands(in);
        Kernel kernel = kernel(s.op(0, 0), in, Tier.capabilities());
        assertThatThrownBy(() -> run(kernel, operands, false))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining(message);
        for (int i = 0; i < 2; i++) {
            assertThat(operands[PagedProblem.PAGES + i].mismatch(
                            in.get(PagedProblem.PAGES + i).segment()))
                    .isEqualTo(-1);
        }
    }

    /** The choice does not depend on the number of tokens. */
    @Test
    void allStepsHaveOneKernel() {
        Sizes s = new Sizes(7, 2, 64, 16, DType.FLOAT32);
        Random random = new Random(5);
        List<String> ids = new ArrayList<>();
        for (int tokens : new int[] {1, 300}) {
            List<Tensor> in = List.of(
                    s.rows(random, tokens, true),
                    s.rows(random, tokens, false),
                    s.rows(random, tokens, false),
                    s.cache(random),
                    s.cache(random),
                    s.table(),
                    integers(DType.INT32, new int[tokens]),
                    integers(DType.INT64, new int[tokens]));
            ids.add(kernel(s.op(0, 0), in, Tier.capabilities()).id());
        }
        assertThat(ids.getFirst()).isEqualTo(ids.getLast()).startsWith("paged_attention_f32_");
        boolean hasCode = Tier.capabilities().hasMachineCode();
        assertThat(ids.getFirst().contains("_avx")).isEqualTo(hasCode);
        assertThat(ids.getFirst().contains("vector"))
                .isEqualTo(!hasCode && Tier.capabilities().vector());
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        runsAllocateNothing(40);
        runsAllocateNothing(48);
    }

    private static void runsAllocateNothing(int size) {
        PagedProblem p = new PagedProblem(new PagedProblem.Dims(5, 6, 2, size, 3, 1, 2), 0.125f, 0, 0, true, false);
        Kernel kernel = PagedAttentionKernels.TABLE.prepare(p, Tier.capabilities());
        long pages = 3L * 2 * PAGE * p.rowBytes();
        long q = 5 * 6 * p.rowBytes();
        long k = 5 * 2 * p.rowBytes();
        assertThat(KernelCheck.allocated(
                        kernel,
                        q,
                        k,
                        k,
                        pages,
                        pages,
                        2L * Integer.BYTES,
                        5L * Integer.BYTES,
                        5L * Long.BYTES,
                        q,
                        pages,
                        pages))
                .isZero();
    }
}
