package dev.tenon.kernel.table.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.copy.GatherElementsProblem;
import dev.tenon.kernel.copy.GatherGradientProblem;
import dev.tenon.kernel.copy.GatherProblem;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.gradient.GatherGradient;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.tabular.ArrayFeatureExtractor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of Gather, GatherElements and GatherGradient against the reference, their limits, and the memory that they read. */
class GatherKernelsTest {
    @Property(tries = 200)
    void rowsOfAnyLength(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int outer,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 0, max = 90) int rowBytes,
            @ForAll boolean wide) {
        Random random = new Random(seed);
        byte[] bytes = new byte[outer * rows * rowBytes];
        random.nextBytes(bytes);
        Tensor data = Tensor.of(bytes, outer, rows, rowBytes);
        long[] indices = random.longs(7, -rows, rows).toArray();
        Tensor index = Tensor.convert(wide ? DType.INT64 : DType.INT32, indices);
        Gather op = new Gather(1);
        List<Datum> inputs = List.of(data, index);
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
        Tensor result = KernelRun.run(prepared, inputs).get(0);
        assertThat(result.contentEquals(expected))
                .as(op + " of " + data.type() + " by " + List.of(indices))
                .isTrue();
    }

    @Property(tries = 100)
    void columnsOfMatrices(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int columns,
            @ForAll @IntRange(min = 1, max = 70) int count,
            @ForAll @IntRange(min = 0, max = 3) int type,
            @ForAll boolean extractor) {
        Random random = new Random(seed);
        DType dtype =
                List.of(DType.FLOAT32, DType.INT64, DType.FLOAT64, DType.INT32).get(type);
        Tensor data = random.nextInt(5) == 0
                ? Tensor.allocate(dtype, columns)
                : Tensor.allocate(dtype, 1 + random.nextInt(random.nextInt(5) == 0 ? 2000 : 150), columns);
        byte[] bytes = new byte[(int) data.byteSize()];
        random.nextBytes(bytes);
        data.copyFrom(MemorySegment.ofArray(bytes));
        Op op = extractor ? new ArrayFeatureExtractor() : new Gather(-1);
        Tensor index =
                Tensor.of(random.longs(count, extractor ? 0 : -columns, columns).toArray());
        List<Datum> inputs = List.of(data, index);
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
        assertThat(KernelRun.run(prepared, inputs).get(0).contentEquals(expected))
                .as(op + " of " + data.type() + " by " + count)
                .isTrue();
    }

    @Test
    void columnsThatAreNotThereAreErrors() {
        Op op = new ArrayFeatureExtractor();
        for (long column : new long[] {-1, 3}) {
            List<Datum> inputs = List.of(Tensor.of(new float[6], 2, 3), Tensor.of(new long[] {0, column}));
            List<TensorType> outputs = KernelRun.outputTypes(op, inputs, 1);
            KernelRun.Prepared prepared =
                    KernelRun.prepare(CoreKernels.set(), op, inputs, outputs, false, Tier.capabilities());
            assertThatThrownBy(() -> KernelRun.run(prepared, inputs))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessageContaining("'Y' has " + column)
                    .hasMessageContaining("[0, 2]");
        }
    }

    @Property(tries = 50)
    void rowsOfSmallElements(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int outer,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 0, max = 90) int rowBytes) {
        Random random = new Random(seed);
        DType type = List.of(DType.UINT4, DType.INT4, DType.UINT2).get(random.nextInt(3));
        Tensor data = Tensor.allocate(type, outer, rows, rowBytes * (8L / type.bits()));
        for (long i = 0; i < data.size(); i++) {
            data.setLong(i, random.nextLong(type.minInteger(), type.maxInteger() + 1));
        }
        Gather op = new Gather(1);
        List<Datum> inputs = List.of(
                data, Tensor.convert(DType.INT64, random.longs(7, -rows, rows).toArray()));
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
        assertThat(KernelRun.run(prepared, inputs).get(0).contentEquals(expected))
                .isTrue();
    }

    @Property(tries = 200)
    void elementsAtPlaces(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int rank,
            @ForAll @IntRange(min = 0, max = 3) int type,
            @ForAll boolean wide) {
        Random random = new Random(seed);
        DType dtype =
                List.of(DType.INT8, DType.FLOAT16, DType.FLOAT32, DType.INT64).get(type);
        Tensor data = Tensor.allocate(dtype, random.longs(rank, 1, 9).toArray());
        byte[] bytes = new byte[(int) data.byteSize()];
        random.nextBytes(bytes);
        data.copyFrom(MemorySegment.ofArray(bytes));
        int axis = random.nextInt(rank);
        long[] places = data.dims().clone();
        for (int d = 0; d < rank; d++) {
            places[d] = d == axis ? 1 + random.nextInt(2000) : 1 + random.nextInt((int) places[d]);
        }
        long size = data.dim(axis);
        long count = Tensor.allocate(DType.INT8, places).size();
        Tensor index = Tensor.convert(
                wide ? DType.INT64 : DType.INT32,
                random.longs(count, -size, size).toArray());
        GatherElements op = new GatherElements(axis - (random.nextBoolean() ? rank : 0));
        List<Datum> inputs = List.of(data, index.reshape(places));
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
        assertThat(KernelRun.run(prepared, inputs).get(0).contentEquals(expected))
                .as(prepared.kernel().id() + ": " + op + " of " + data.type() + " at " + index.type())
                .isTrue();
    }

    @Test
    void linesWithoutElementsTakeNoTime() {
        GatherElements op = new GatherElements(0);
        List<Datum> inputs = List.of(Tensor.allocate(DType.FLOAT32, 5, 0), Tensor.allocate(DType.INT64, 1L << 40, 0));
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
        assertThat(KernelRun.prepare(
                        CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities()))
                .isNull();
    }

    @Test
    void elementsOutsideAreRefused() {
        Kernel kernel = GatherElementsKernels.TABLE.prepare(
                new GatherElementsProblem(4, new long[] {3}, new long[] {2}, 0, 8), Tier.capabilities());
        MemorySegment data = Arena.ofAuto().allocate(3 * 4, 64);
        MemorySegment[] operands = {data, indices(0, 3), Arena.ofAuto().allocate(2 * 4, 64)};
        assertThatThrownBy(() -> kernel.run(operands, scratch(), 0, 1))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessage("GatherElements: index 3; allowed [-3, 2]");
    }

    private static Kernel kernel(long tableRows, long rowBytes, long count) {
        return GatherKernels.TABLE.prepare(
                new GatherProblem(rowBytes, 1, tableRows, count, Long.BYTES, true), Tier.capabilities());
    }

    private static MemorySegment indices(long... values) {
        MemorySegment segment = Arena.ofAuto().allocate(values.length * 8L, 64);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_LONG, 0, values.length);
        return segment;
    }

    /** A kernel that takes two rows. */
    private static MemorySegment scratch() {
        return Arena.ofAuto().allocate(2 * 8, 64);
    }

    @Test
    void manyTablesAndManyIndices() {
        Random random = new Random(5);
        for (int count : new int[] {1500, 9000}) {
            byte[] bytes = new byte[3 * 40 * 12];
            random.nextBytes(bytes);
            Tensor data = Tensor.of(bytes, 3, 40, 12);
            Tensor index = Tensor.of(random.longs(count, -40, 40).toArray());
            Gather op = new Gather(1);
            List<Datum> inputs = List.of(data, index);
            Tensor expected =
                    (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
            assertThat(KernelRun.run(prepared, inputs).get(0).contentEquals(expected))
                    .isTrue();
        }
    }

    @Test
    void indicesOutsideAreRefused() {
        MemorySegment data = Arena.ofAuto().allocate(3 * 4, 64);
        for (long bad : new long[] {3, -4, Long.MAX_VALUE, Long.MIN_VALUE}) {
            MemorySegment[] operands = {data, indices(0, bad), Arena.ofAuto().allocate(2 * 4, 64)};
            assertThatThrownBy(() -> kernel(3, 4, 2).run(operands, scratch(), 0, 1))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessage("Gather: index " + bad + "; allowed [-3, 2]");
        }
    }

    @Test
    void longRowsMayBeInAnyMemory() {
        Kernel kernel = kernel(4, 64, 2);
        assertThat(kernel.copiesOnly(0)).isTrue();
        assertThat(kernel.copiesOnly(1)).isFalse();
        byte[] table = new byte[4 * 64];
        new Random(2).nextBytes(table);
        MemorySegment heap = MemorySegment.ofArray(table);
        MemorySegment out = Arena.ofAuto().allocate(2 * 64, 64);
        kernel.run(new MemorySegment[] {heap, indices(-1, 1), out}, scratch(), 0, kernel.parts());
        assertThat(out.asSlice(0, 64).mismatch(heap.asSlice(3 * 64, 64))).isEqualTo(-1);
        assertThat(out.asSlice(64, 64).mismatch(heap.asSlice(64, 64))).isEqualTo(-1);
        assertThat(kernel(4, 63, 2).copiesOnly(0)).isFalse();
    }

    @Test
    void partsCoverAllRows() {
        long count = 50_000;
        Kernel kernel = kernel(2, 4, count);
        assertThat(kernel.parts()).isGreaterThan(1);
        MemorySegment data = Arena.ofAuto().allocate(8, 64);
        data.set(ValueLayout.JAVA_INT, 0, 5);
        data.set(ValueLayout.JAVA_INT, 4, 7);
        long[] values = new Random(3).longs(count, 0, 2).toArray();
        MemorySegment out = Arena.ofAuto().allocate(count * 4, 64);
        MemorySegment[] operands = {data, indices(values), out};
        MemorySegment scratch = Arena.ofAuto().allocate(kernel.scratchBytes(), 64);
        for (int part = kernel.parts() - 1; part >= 0; part--) {
            kernel.run(operands, scratch, part, part + 1);
        }
        for (int i = 0; i < count; i++) {
            assertThat(out.getAtIndex(ValueLayout.JAVA_INT, i)).isEqualTo(values[i] == 0 ? 5 : 7);
        }
    }

    /** Around the columns of a part; sums of whole numbers are exact in any order. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 127, 128, 129, 300})
    void slicesAreAddedAtTheirIndices(int inner) {
        Random random = new Random(inner);
        for (DType type : List.of(DType.INT64, DType.INT32)) {
            Tensor index = Tensor.convert(type, random.longs(23, -9, 9).toArray());
            float[] slices = new float[2 * 23 * inner];
            for (int i = 0; i < slices.length; i++) {
                slices[i] = random.nextInt(100);
            }
            GatherGradient op = new GatherGradient(1, 9);
            List<Datum> inputs = List.of(index, Tensor.of(slices, 2, 23, inner));
            Tensor expected =
                    (Tensor) op.reference(new Operands(op, "", inputs, 1)).get(0);
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(), op, inputs, List.of(expected.type()), false, Tier.capabilities());
            assertThat(prepared.kernel().parts()).isEqualTo(2 * Math.ceilDiv(inner, 128));
            assertThat(KernelRun.run(prepared, inputs).get(0).contentEquals(expected))
                    .isTrue();
        }
    }

    private static Kernel gradient(long outer, long size, long inner, long count) {
        return GatherGradientKernels.TABLE.prepare(
                new GatherGradientProblem(outer, size, inner, count, Long.BYTES), Tier.capabilities());
    }

    /** As the gradient of a MaxPool has them: rows of one element. */
    @ParameterizedTest
    @CsvSource({"1, 70000, 1, 4", "1, 30001, 2, 3", "2, 40000, 1, 4", "1, 1000, 129, 4"})
    void rangesOfRowsHaveTheSameBits(int outer, int size, int inner, int parts) {
        int count = 2000;
        Random random = new Random(7);
        long[] indices = random.longs(count, -size / 100, size / 100).toArray();
        MemorySegment slices = Arena.ofAuto().allocate((long) outer * count * inner * 4, 64);
        for (long i = 0; i < (long) outer * count * inner; i++) {
            slices.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
        }
        Kernel kernel = gradient(outer, size, inner, count);
        assertThat(kernel.parts()).isEqualTo(parts);
        MemorySegment[] operands = new MemorySegment[3];
        float[][] results = new float[2][];
        for (int run = 0; run < 2; run++) {
            MemorySegment out = Arena.ofAuto().allocate((long) outer * size * inner * 4, 64);
            out.fill((byte) 1);
            operands = new MemorySegment[] {indices(indices), slices, out};
            int step = run == 0 ? parts : 1;
            for (int part = parts - step; part >= 0; part -= step) {
                kernel.run(operands, scratch(), part, part + step);
            }
            results[run] = out.toArray(ValueLayout.JAVA_FLOAT);
        }
        float[] expected = new float[outer * size * inner];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < count; i++) {
                int row = Math.floorMod((int) indices[i], size);
                for (int c = 0; c < inner; c++) {
                    expected[(o * size + row) * inner + c] +=
                            slices.getAtIndex(ValueLayout.JAVA_FLOAT, ((long) o * count + i) * inner + c);
                }
            }
        }
        assertThat(results[0]).isEqualTo(expected);
        assertThat(results[1]).isEqualTo(expected);
    }

    @Test
    void addingManySlicesCanBeStopped() {
        WorkBudget budget =
                WorkBudget.started("work", new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "time", "operations"));
        int[] looks = {0};
        budget.stopWhen(() -> ++looks[0] == 3);
        int count = 200_000;
        MemorySegment[] operands = {
            indices(new long[count]),
            Arena.ofAuto().allocate(count * 4L, 64),
            Arena.ofAuto().allocate(8, 64)
        };
        assertThatThrownBy(() -> budget.run(() -> {
                    gradient(1, 2, 1, count).run(operands, scratch(), 0, 1);
                    return null;
                }))
                .isInstanceOf(InterruptedPredictionException.class);
    }

    @Test
    void packedSlicesAreRefused() {
        List<TensorType> types =
                List.of(new TensorType(DType.INT64, Shape.of(3)), new TensorType(DType.FLOAT32, Shape.of(3, 4)));
        KernelRequest packed = new KernelRequest(
                types,
                List.of(new TensorType(DType.FLOAT32, Shape.of(2, 4))),
                List.of(Layout.ROW_MAJOR, new PanelLayout(4, false)),
                Arrays.asList(null, null),
                Tier.capabilities());
        assertThat(GatherGradientKernels.FAMILY
                        .problem(new GatherGradient(0, 2), packed)
                        .reason())
                .isEqualTo("an operand is packed");
    }
}
