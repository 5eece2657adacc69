package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Gradients for random shapes and attributes, against central differences; those of linear operators exactly. */
class RandomGradientsTest {
    private static final int TRIES = 40;

    private static Tensor tensor(SplittableRandom random, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT64, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextDouble(0.2, 2) * (random.nextBoolean() ? 1 : -1));
        }
        return t;
    }

    private static void check(Op op, boolean linear, Datum... operands) {
        GradientCheck.Problem p = GradientCheck.problem(
                op,
                Arrays.asList(operands),
                1,
                i -> operands[i] instanceof Tensor t && t.dtype() == DType.FLOAT64,
                i -> true);
        GradientCheck.Count count = GradientCheck.check(p);
        assertThat(count.compared()).as("%s: %s", op, count).isGreaterThan(count.kinks());
        if (linear) {
            GradientCheck.checkLinear(p);
        }
    }

    private static long[] dims(SplittableRandom random, int rank, int bound) {
        return LongStream.range(0, rank).map(i -> random.nextInt(1, bound)).toArray();
    }

    /** Dimensions that broadcast to others: some are 1, some of the first are left out. */
    private static long[] narrower(SplittableRandom random, long[] dims) {
        long[] some = Arrays.copyOfRange(dims, random.nextInt(dims.length + 1), dims.length);
        for (int i = 0; i < some.length; i++) {
            some[i] = random.nextInt(3) == 0 ? 1 : some[i];
        }
        return some;
    }

    @Property(tries = TRIES)
    void operandsThatAreBroadcast(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] dims = dims(random, random.nextInt(1, 4), 4);
        Tensor a = tensor(random, random.nextBoolean() ? dims : narrower(random, dims));
        Tensor b = tensor(random, narrower(random, dims));
        for (Op op : List.of(new Add(), new Sub(), new Mul(), new Div(), new Max())) {
            check(op, !(op instanceof Div || op instanceof Max), a, b);
        }
    }

    @Property(tries = TRIES)
    void products(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] stack = dims(random, random.nextInt(3), 3);
        long[] other = narrower(random, stack.length == 0 ? new long[] {1} : stack);
        long[] sizes = dims(random, 3, 4);
        Tensor a = tensor(random, join(stack, sizes[0], sizes[1]));
        Tensor b = tensor(random, join(other, sizes[1], sizes[2]));
        check(new MatMul(), true, a, b);
        check(new MatMul(), true, tensor(random, sizes[1]), b);
        check(new MatMul(), true, a, tensor(random, sizes[1]));
        boolean transA = random.nextBoolean();
        boolean transB = random.nextBoolean();
        check(
                new Gemm(1.5f, -0.5f, transA, transB),
                true,
                tensor(random, transA ? sizes[1] : sizes[0], transA ? sizes[0] : sizes[1]),
                tensor(random, transB ? sizes[2] : sizes[1], transB ? sizes[1] : sizes[2]),
                tensor(random, narrower(random, new long[] {sizes[0], sizes[2]})));
    }

    private static long[] join(long[] first, long... rest) {
        return LongStream.concat(LongStream.of(first), LongStream.of(rest)).toArray();
    }

    /** A window over one or two spatial axes. */
    private static Attributes window(SplittableRandom random, long[] kernel, boolean dilated) {
        int axes = kernel.length;
        long[] pads = new long[2 * axes];
        for (int i = 0; i < axes; i++) {
            pads[i] = random.nextLong(kernel[i]);
            pads[i + axes] = random.nextLong(kernel[i]);
        }
        Attributes a = Attributes.none()
                .with("kernel_shape", kernel)
                .with("strides", dims(random, axes, 4))
                .with("pads", pads);
        return dilated ? a.with("dilations", dims(random, axes, 3)) : a;
    }

    @Property(tries = TRIES)
    void convolutions(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int axes = random.nextInt(1, 3);
        int groups = random.nextInt(1, 4);
        long inputs = random.nextInt(1, 3);
        long outputs = random.nextInt(1, 3);
        long[] kernel = dims(random, axes, 4);
        long[] image = LongStream.of(kernel).map(k -> 2 * k + random.nextInt(4)).toArray();
        Attributes a = window(random, kernel, true).with("group", groups);
        Tensor x = tensor(random, join(new long[] {random.nextInt(1, 3), inputs * groups}, image));
        check(
                Conv.of(a),
                true,
                x,
                tensor(random, join(new long[] {outputs * groups, inputs}, kernel)),
                random.nextBoolean() ? tensor(random, outputs * groups) : null);
        long[] padding = a.integers("strides", List.of()).stream()
                .mapToLong(random::nextLong)
                .toArray();
        Attributes transposed = random.nextBoolean() ? a : a.with("output_padding", padding);
        check(
                ConvTranspose.of(transposed.with("pads", new long[2 * axes])),
                true,
                x,
                tensor(random, join(new long[] {inputs * groups, outputs}, kernel)),
                random.nextBoolean() ? tensor(random, outputs * groups) : null);
    }

    @Property(tries = TRIES)
    void pools(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int axes = random.nextInt(1, 3);
        long[] kernel = dims(random, axes, 4);
        long[] image = LongStream.of(kernel).map(k -> 2 * k + random.nextInt(4)).toArray();
        Tensor x = tensor(random, join(new long[] {random.nextInt(1, 3), random.nextInt(1, 3)}, image));
        Attributes a = window(random, kernel, random.nextBoolean()).with("ceil_mode", random.nextBoolean() ? 1 : 0);
        check(AveragePool.of(a.with("count_include_pad", random.nextBoolean() ? 1 : 0)), true, x);
        check(MaxPool.of(a), false, x);
    }

    @Property(tries = TRIES)
    void slices(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int rank = random.nextInt(1, 4);
        long[] dims = dims(random, rank, 7);
        List<Long> steps = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            steps.add(random.nextLong(1, 4) * (random.nextBoolean() ? 1 : -1));
        }
        check(
                new Slice(),
                true,
                tensor(random, dims),
                Tensor.of(LongStream.range(0, rank)
                        .map(i -> random.nextInt(-8, 8))
                        .toArray()),
                Tensor.of(LongStream.range(0, rank)
                        .map(i -> random.nextInt(-8, 8))
                        .toArray()),
                Tensor.of(LongStream.range(0, rank).toArray()),
                Tensor.of(steps.stream().mapToLong(Long::longValue).toArray()));
    }
}
