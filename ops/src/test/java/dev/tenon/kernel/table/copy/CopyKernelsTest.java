package dev.tenon.kernel.table.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.copy.CopyBox;
import dev.tenon.kernel.copy.CopyProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Kernels that copy against the references of their operators, bit by bit. */
class CopyKernelsTest {
    private static final List<DType> TYPES = List.of(
            DType.INT8, DType.BFLOAT16, DType.FLOAT32, DType.INT64, DType.COMPLEX64, DType.COMPLEX128, DType.BOOL);

    private static Tensor random(Random random, DType dtype, long... dims) {
        Tensor t = Tensor.allocate(dtype, dims);
        byte[] bytes = new byte[(int) t.byteSize()];
        random.nextBytes(bytes);
        t.copyFrom(MemorySegment.ofArray(bytes));
        return t;
    }

    private static long[] dims(Random random, int rank, int bound) {
        return random.longs(rank, 1, bound).toArray();
    }

    private static void check(Op op, int outputs, Datum... inputs) {
        List<Datum> expected = op.reference(new Operands(op, "", Arrays.asList(inputs), outputs));
        List<TensorType> types = expected.stream().map(e -> ((Tensor) e).type()).toList();
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, Arrays.asList(inputs), types, false, Tier.capabilities());
        List<Tensor> results = KernelRun.run(prepared, Arrays.asList(inputs));
        for (int i = 0; i < results.size(); i++) {
            Tensor result = results.get(i);
            assertThat(result.contentEquals((Tensor) expected.get(i)))
                    .as(
                            "%s of %s by %s, output %s",
                            op, types, prepared.kernel().id(), i)
                    .isTrue();
        }
    }

    @Tag("tiers")
    @Property(tries = 60)
    void transposes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int rank) {
        Random random = new Random(seed);
        List<Integer> perm = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        Collections.shuffle(perm, random);
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        check(new Transpose(perm), 1, random(random, dtype, dims(random, rank, rank > 3 ? 7 : 20)));
    }

    @Test
    @org.junit.jupiter.api.Tag("tiers")
    @org.junit.jupiter.api.Tag("widest")
    void matricesLargerThanCaches() {
        Random random = new Random(11);
        check(new Transpose(List.of(0, 2, 1)), 1, random(random, DType.FLOAT32, 2, 1101, 2003));
        check(new Transpose(List.of(0, 2, 1)), 1, random(random, DType.FLOAT32, 3, 37, 40001));
        if (Exhaustive.isOn()) {
            check(new Transpose(List.of(0, 2, 1)), 1, random(random, DType.FLOAT32, 3, 40001, 37));
            check(new Transpose(List.of(1, 0)), 1, random(random, DType.INT32, 5, 900001));
        }
    }

    @Tag("tiers")
    @Property(tries = 40)
    void matricesAroundAllTails(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int rows,
            @ForAll @IntRange(min = 1, max = 40) int columns) {
        Tensor data = random(new Random(seed), DType.FLOAT32, 2, rows, columns);
        check(new Transpose(List.of(0, 2, 1)), 1, data);
    }

    @Tag("tiers")
    @Property(tries = 8)
    void fewPlanesSideBySide(
            @ForAll @IntRange(min = 2, max = 9) int planes,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 9000) int columns) {
        for (DType dtype : List.of(DType.FLOAT32, DType.UINT8)) {
            Tensor data = random(new Random(rows), dtype, 2, planes, rows, columns);
            check(new Transpose(List.of(0, 2, 3, 1)), 1, data);
            Tensor turned = random(new Random(rows), dtype, 2, rows, columns, planes);
            check(new Transpose(List.of(0, 3, 1, 2)), 1, turned);
            check(new Transpose(List.of(3, 0, 1, 2)), 1, turned);
        }
    }

    @Property(tries = 100)
    void shortRuns(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 70) int run,
            @ForAll @IntRange(min = 1, max = 70) int other) {
        Random random = new Random(seed);
        check(new Concat(1), 1, random(random, DType.INT8, 5, run), random(random, DType.INT8, 5, other));
        check(new Transpose(List.of(1, 0, 2)), 1, random(random, DType.INT8, 4, 3, run));
    }

    @Property(tries = 200)
    void slices(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
        Random random = new Random(seed);
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        Tensor data = random(random, dtype, dims(random, rank, 12));
        long[] starts = random.longs(rank, -14, 14).toArray();
        long[] ends = random.longs(rank, -14, 14).toArray();
        long[] axes = IntStream.range(0, rank).asLongStream().toArray();
        long[] steps = random.longs(rank, -3, 4).map(s -> s == 0 ? 1 : s).toArray();
        check(new Slice(), 1, data, Tensor.of(starts), Tensor.of(ends), Tensor.of(axes), Tensor.of(steps));
    }

    @Property(tries = 200)
    void pads(@ForAll long seed, @ForAll Pad.Mode mode, @ForAll @IntRange(min = 1, max = 3) int rank) {
        Random random = new Random(seed);
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        Tensor data = random(random, dtype, random.longs(rank, 3, 9).toArray());
        Tensor pads = Tensor.of(random.longs(2L * rank, -1, 6).toArray());
        Tensor value = random.nextBoolean() ? random(random, dtype) : null;
        check(new Pad(mode), 1, data, pads, value);
    }

    @Property(tries = 100)
    void concatsAndSplits(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
        Random random = new Random(seed);
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        int axis = random.nextInt(rank);
        long[] dims = dims(random, rank, 9);
        Datum[] pieces = new Datum[1 + random.nextInt(4)];
        long[] sizes = random.longs(pieces.length, 0, 20).toArray();
        for (int i = 0; i < pieces.length; i++) {
            long[] own = dims.clone();
            own[axis] = sizes[i];
            pieces[i] = random(random, dtype, own);
        }
        check(new Concat(axis), 1, pieces);
        dims[axis] = Arrays.stream(sizes).sum();
        check(new Split(axis, 0), sizes.length, random(random, dtype, dims), Tensor.of(sizes));
    }

    @Property(tries = 100)
    void expansions(@ForAll long seed, @ForAll @IntRange(min = 0, max = 4) int rank) {
        Random random = new Random(seed);
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        long[] target = dims(random, rank + 1, 9);
        long[] dims = Arrays.copyOfRange(target, 1, rank + 1);
        for (int d = 0; d < rank; d++) {
            dims[d] = random.nextBoolean() ? 1 : dims[d];
        }
        check(new Expand(), 1, random(random, dtype, dims), Tensor.of(target));
    }

    @Test
    @org.junit.jupiter.api.Tag("tiers")
    void manyParts() {
        Random random = new Random(1);
        check(new Transpose(List.of()), 1, random(random, DType.FLOAT32, 300, 290));
        check(new Transpose(List.of(1, 0, 2)), 1, random(random, DType.FLOAT32, 70, 60, 40));
        check(new Identity(), 1, random(random, DType.INT8, 300_001));
        check(new Concat(1), 1, random(random, DType.FLOAT32, 3, 50_000), random(random, DType.FLOAT32, 3, 7));
        check(new Expand(), 1, random(random, DType.FLOAT64, 1), Tensor.of(new long[] {50_000}));
    }

    private static String selected(Op op, Capabilities machine, TensorType output, TensorType... inputs) {
        Kernel kernel = CoreKernels.set().prepare(op, KernelRequest.of(List.of(inputs), List.of(output), machine));
        return kernel == null ? null : kernel.id();
    }

    private static TensorType type(String text) {
        return (TensorType) ValueType.parse(text);
    }

    @Test
    @org.junit.jupiter.api.Tag("tiers")
    void vectorsTransposeElementsOfFourBytes() {
        Capabilities narrow = new Capabilities(128, 16, 0, Caches.TYPICAL);
        for (Capabilities machine : List.of(Capabilities.avx512(), Capabilities.avx2(), narrow)) {
            assertThat(CopyKernels.TABLE
                            .choose(transposed(4, 128), machine)
                            .choice()
                            .id())
                    .isEqualTo("copy_vector");
            assertThat(CopyKernels.TABLE
                            .choose(transposed(8, 128), machine)
                            .choice()
                            .id())
                    .isEqualTo("copy_scalar");
            assertThat(CopyKernels.TABLE
                            .choose(transposed(4, 4), machine.withMinVectorNanos(1000))
                            .choice()
                            .id())
                    .isEqualTo("copy_scalar");
        }
        assertThat(CopyKernels.TABLE
                        .choose(transposed(4, 128), Capabilities.SCALAR)
                        .choice()
                        .id())
                .isEqualTo("copy_scalar");
    }

    private static CopyProblem transposed(int elementBytes, long size) {
        CopyBox.Source source = new CopyBox.Source(0, 0, new long[] {1, size});
        CopyBox.Target target = new CopyBox.Target(1, 0, new long[] {size, 1});
        return new CopyProblem(List.of(CopyBox.of(elementBytes, new long[] {size, size}, source, target)));
    }

    @Test
    void elementsThatAreNoWholeBytesHaveNoKernel() {
        Transpose op = new Transpose(List.of());
        assertThat(selected(op, Capabilities.SCALAR, type("u4[3,2]"), type("u4[2,3]")))
                .isNull();
        assertThat(selected(op, Capabilities.SCALAR, type("string[3,2]"), type("string[2,3]")))
                .isNull();
        assertThat(selected(op, Capabilities.SCALAR, type("u8[3,2]"), type("u8[2,3]")))
                .isEqualTo("copy_scalar");
    }

    @Test
    void boundsThatAreNotConstantHaveNoKernel() {
        TensorType bound = type("i64[1]");
        assertThat(selected(new Slice(), Capabilities.SCALAR, type("f32[2]"), type("f32[3]"), bound, bound))
                .isNull();
        TensorType pads = type("i64[2]");
        Pad pad = new Pad(Pad.Mode.CONSTANT);
        assertThat(selected(pad, Capabilities.SCALAR, type("f32[4]"), type("f32[2]"), pads))
                .isNull();
    }

    @Test
    void wholeCopiesWorkInPlaceAndFromAnyMemory() {
        KernelRequest whole = KernelRequest.of(List.of(type("f32[64]")), List.of(type("f32[64]")), Capabilities.SCALAR);
        Kernel copy = CoreKernels.set().prepare(new Identity(), whole);
        assertThat(copy.inPlace(0, 0)).isTrue();
        assertThat(copy.copiesOnly(0)).isTrue();
        KernelRequest turned =
                KernelRequest.of(List.of(type("f32[8,8]")), List.of(type("f32[8,8]")), Capabilities.SCALAR);
        Kernel transpose = CoreKernels.set().prepare(new Transpose(List.of()), turned);
        assertThat(transpose.inPlace(0, 0)).isFalse();
        assertThat(transpose.copiesOnly(0)).isFalse();
    }

    @Test
    @org.junit.jupiter.api.Tag("fresh")
    void runsAllocateNothing() {
        assertThat(allocated(new Transpose(List.of(1, 0)), type("f32[90,70]"), type("f32[70,90]")))
                .isZero();
        assertThat(allocated(new Transpose(List.of(0, 2, 1)), type("f32[3,3136,64]"), type("f32[3,64,3136]")))
                .isZero();
        assertThat(allocated(new Transpose(List.of(0, 2, 3, 1)), type("f32[1,40,70,5]"), type("f32[1,5,40,70]")))
                .as("planes side by side")
                .isZero();
        assertThat(allocated(new Concat(1), type("f32[50,7]"), type("f32[50,3]"), type("f32[50,4]")))
                .isZero();
        TensorType data = type("f32[50,9]");
        Tensor from = Tensor.of(new long[] {0, 1});
        Tensor to = Tensor.of(new long[] {50, 4});
        KernelRequest slice = new KernelRequest(
                List.of(data, from.type(), to.type()),
                List.of(type("f32[50,3]")),
                Collections.nCopies(3, Layout.ROW_MAJOR),
                Arrays.asList(null, from, to),
                Tier.capabilities());
        Kernel kernel = CoreKernels.set().prepare(new Slice(), slice);
        assertThat(KernelCheck.allocated(kernel, 50 * 9 * Float.BYTES, 16, 16, 50 * 3 * Float.BYTES))
                .as(kernel.id())
                .isZero();
    }

    private static long allocated(Op op, TensorType output, TensorType... inputs) {
        Kernel kernel =
                CoreKernels.set().prepare(op, KernelRequest.of(List.of(inputs), List.of(output), Tier.capabilities()));
        long[] bytes = Stream.concat(Stream.of(inputs), Stream.of(output))
                .mapToLong(Layout.ROW_MAJOR::byteSize)
                .toArray();
        return KernelCheck.allocated(kernel, bytes);
    }
}
