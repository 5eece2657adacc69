package dev.tenon.kernel.table.fused;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of fused operators against the reference: chains with any broadcast, and anchors around every tail. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
@Tag("short")
@net.jqwik.api.Tag("short")
class FusedKernelsTest {
    private static final Cast CAST = new Cast(DType.FLOAT32, true, "up");

    private static final int[] ROWS = {1, 5, 12, 13, 25};
    private static final int[] COLUMNS = {1, 7, 16, 31, 32, 33, 65, 100, 300};
    private static final int[] LENGTHS = {0, 1, 2, 3, 7, 15, 16, 33, 64, 65, 130};
    private static final int MOST_DIMS = 4;
    private static final long MOST_ELEMENTS = 20_000;

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    private static Tensor floats(long seed, long... dims) {
        return Literals.random(DType.FLOAT32, seed, dims);
    }

    /** Small integers, for which every operator of {@link #anyChain} is exact. */
    static Tensor integers(Random random, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextInt(7) - 3);
        }
        return t;
    }

    @Property(tries = 60)
    void anyChain(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int length) {
        Random random = new Random(seed);
        long[] dims = dims(random);
        int inputs = 1 + random.nextInt(4);
        List<Datum> operands = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            operands.add(integers(random, i == 0 ? dims : part(random, dims)));
        }
        List<Part> body = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            body.add(part(random, inputs + i, i == 0));
        }
        check(new Fused(inputs, null, body), operands);
    }

    private static long[] dims(Random random) {
        while (true) {
            long[] dims = new long[random.nextInt(MOST_DIMS + 1)];
            long elements = 1;
            for (int d = 0; d < dims.length; d++) {
                dims[d] = LENGTHS[random.nextInt(LENGTHS.length)];
                elements *= dims[d];
            }
            if (elements <= MOST_ELEMENTS) {
                return dims;
            }
        }
    }

    /** A shape that broadcasts to another one. */
    private static long[] part(Random random, long[] dims) {
        int skip = random.nextInt(dims.length + 1);
        long[] own = Arrays.copyOfRange(dims, random.nextBoolean() ? skip : 0, dims.length);
        for (int d = 0; d < own.length; d++) {
            own[d] = random.nextBoolean() ? own[d] : 1;
        }
        return own;
    }

    /** An operator on earlier values. One of its operands is the last value or, at the beginning, the first input. */
    private static Part part(Random random, int values, boolean first) {
        int last = first ? 0 : values - 1;
        int other = random.nextInt(values);
        return switch (random.nextInt(9)) {
            case 0 -> part(new Add(), last, other);
            case 1 -> part(new Sub(), other, last);
            case 2 -> part(new Mul(), last, random.nextInt(first ? 1 : Math.min(values, 2)));
            case 3 -> part(new Neg(), last);
            case 4 -> part(new Relu(), last);
            case 5 -> part(new Max(), other, last, random.nextInt(values));
            case 6 -> part(new Sum(), other, random.nextInt(values), last);
            case 7 -> part(new Sum(), last);
            default -> part(new Cast(DType.FLOAT32), last);
        };
    }

    @Property(tries = 20)
    void intermediateValuesOfOtherTypes(@ForAll long seed) {
        Random random = new Random(seed);
        long[] dims = dims(random);
        Tensor x = integers(random, dims);
        Tensor y = integers(random, part(random, dims));
        Fused op = new Fused(
                2,
                null,
                List.of(
                        part(new Greater(), 0, 1),
                        part(new Cast(DType.INT64), 0),
                        part(new Mul(), 3, 3),
                        part(new Cast(DType.FLOAT32), 4),
                        part(new Where(), 2, 5, 1),
                        part(new Cast(DType.FLOAT64), 6)));
        check(op, List.of(x, y));
    }

    @Test
    void boundsThatAreLeftOutOrComputed() {
        Fused op = new Fused(
                2,
                null,
                List.of(
                        part(new Neg(), 1),
                        part(new Clip(), 0, 2),
                        part(new Clip(), 3, Fused.ABSENT, 1),
                        part(new Neg(), 4)));
        for (int n : new int[] {1, 15, 64, 65, 2500}) {
            check(op, List.of(floats(1, n), Tensor.scalar(1.5f)));
        }
    }

    /** A scale and a shift by numbers give the bits of separate operators, also after a HardSwish. */
    @Property(tries = 12)
    void scaledAndShifted(
            @ForAll @IntRange(min = 1, max = 700) int n, @ForAll boolean curved, @ForAll boolean product) {
        Tensor x = floats(1, 3, n);
        Tensor factor = Tensor.scalar(1.7f);
        Tensor term = floats(2, 1);
        List<Part> affine = List.of(part(new Mul(), 0, 2), part(new Add(), 3, 1));
        List<Part> swish = List.of(part(new HardSwish(), 0), part(new Mul(), 3, 1), part(new Add(), 2, 4));
        Fused op = curved ? new Fused(3, null, swish) : new Fused(3, null, affine);
        List<Datum> operands = curved ? List.of(x, factor, term) : List.of(x, term, factor);
        check(op, operands);
        if (product) {
            Part anchor = part(new MatMul(), 0, 1);
            List<Part> body = List.of(
                    part(new HardSwish(), 4), part(new Mul(), 5, 2), part(new Add(), 3, 6), part(new Relu(), 7));
            check(new Fused(4, anchor, body), List.of(x, floats(3, n, 33), factor, term));
        }
        Capabilities machine = Tier.capabilities();
        if (!curved && machine.vector()) {
            Tensor y = KernelRun.run(
                            KernelRun.prepare(CoreKernels.set(), op, operands, List.of(x.type()), false, machine),
                            operands)
                    .getFirst();
            float[] expected = new float[(int) x.size()];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = x.getFloat(i) * 1.7f + term.getFloat(0);
            }
            Closeness.requireEqual("scaled and shifted", y.toFloatArray(), expected);
        }
    }

    @Test
    void productsOfEveryTail() {
        List<Part> body =
                List.of(part(new Add(), 5, 2), part(new Relu(), 6), part(new Mul(), 7, 4), part(new Add(), 3, 8));
        for (int m : ROWS) {
            for (int n : COLUMNS) {
                for (int k : new int[] {1, 33}) {
                    Tensor a = floats(1, m, k);
                    List<Datum> more = List.of(floats(3, n), floats(4, m, n), floats(5, m, 1));
                    Part product = part(new MatMul(), 0, 1);
                    check(new Fused(5, product, body), operands(a, floats(2, k, n), more));
                    Part transposed = part(new Gemm(1, 1, false, true), 0, 1);
                    check(new Fused(5, transposed, body), operands(a, floats(2, n, k), more));
                }
            }
        }
    }

    /** A residual, bounds, or both, which a product applies where it stores its sums, and bodies that need a pass of their own. */
    @Test
    void productsWithResiduals() {
        Part product = part(new MatMul(), 0, 1);
        List<List<Part>> bodies = List.of(
                List.of(part(new Add(), 4, 2), part(new Add(), 5, 3)),
                List.of(part(new Add(), 3, 4), part(new Relu(), 5), part(new Add(), 6, 2)),
                List.of(part(new Add(), 4, 2), part(new Add(), 3, 5), part(new Relu(), 6)),
                List.of(part(new Add(), 4, 2), part(new Add(), 5, 5), part(new Add(), 6, 3)),
                List.of(part(new Add(), 4, 3), part(new Add(), 5, 3)));
        for (int m : ROWS) {
            for (int n : COLUMNS) {
                for (int k : new int[] {3, MicroTile.DEPTH + 9}) {
                    boolean all = Exhaustive.isOn() || m == 13 && (n == 1 || n == 33) || m == 1 && n == 65;
                    if (!all && k > MicroTile.DEPTH) {
                        continue;
                    }
                    List<Datum> operands = List.of(floats(1, m, k), floats(2, k, n), floats(3, n), floats(4, m, n));
                    for (List<Part> body : all ? bodies : List.of(bodies.get((m + n) % bodies.size()))) {
                        check(new Fused(4, product, body), operands);
                    }
                }
            }
        }
    }

    @Test
    void productsWithFactorsAndStacks() {
        Part scaled = part(new Gemm(0.5f, 2, true, false), 0, 1, 2);
        check(
                new Fused(4, scaled, List.of(part(new Add(), 4, 3), part(new Relu(), 5))),
                List.of(floats(1, 9, 13), floats(2, 9, 40), floats(3, 40), floats(4, 40)));
        Part product = part(new MatMul(), 0, 1);
        List<Part> body = List.of(part(new Mul(), 3, 3), part(new Add(), 4, 2));
        check(new Fused(3, product, body), List.of(floats(1, 2, 4, 8), floats(2, 2, 8, 33), floats(3, 2, 1, 33)));
        check(
                new Fused(3, product, List.of(part(new Add(), 3, 2))),
                List.of(floats(1, 4, 9), floats(2, 9, 40), floats(3, 40)));
    }

    @Test
    @Tag("widest")
    void largeProducts() {
        Part product = part(new MatMul(), 0, 1);
        List<Part> body = List.of(part(new Mul(), 3, 3), part(new Add(), 4, 2));
        check(new Fused(3, product, body), List.of(floats(1, 3, 130, 140), floats(2, 140, 900), floats(3, 900)));
        check(new Fused(3, product, body), List.of(floats(1, 13, 1100), floats(2, 1100, 70), floats(3, 13, 70)));
    }

    @Test
    void productsWithTransposedStacks() {
        Part product = part(new TransposedMatMul(), 0, 1);
        List<Part> body = List.of(part(new Relu(), 4), part(new Mul(), 5, 2), part(new Add(), 6, 3));
        for (int k : new int[] {1, 9, 600}) {
            for (int n : new int[] {1, 33, 70}) {
                List<Datum> stacks =
                        List.of(floats(1, 2, 3, 13, k), floats(2, 3, n, k), floats(3, n), floats(4, 13, n));
                check(new Fused(4, product, body), stacks);
            }
        }
        Fused row = new Fused(3, product, List.of(part(new Add(), 3, 2), part(new Relu(), 4)));
        check(row, List.of(floats(1, 2, 13, 40), floats(2, 2, 33, 40), floats(3, 33)));
    }

    @Test
    void doubles() {
        List<Datum> operands = new ArrayList<>();
        for (long[] dims : new long[][] {{5, 7}, {7, 9}, {9}}) {
            operands.add(Literals.random(DType.FLOAT64, dims.length, dims));
        }
        check(new Fused(3, part(new MatMul(), 0, 1), List.of(part(new Relu(), 3), part(new Add(), 4, 2))), operands);
    }

    /** Products of bytes whose sums become floats, with scales, a bias and a bound. */
    private static void checkScaledSums(int k, int n) {
        List<Part> scaled = List.of(
                part(CAST, 7),
                part(new Mul(), 8, 4),
                part(new Mul(), 5, 9),
                part(new Add(), 10, 6),
                part(new Relu(), 11));
        check(
                new Fused(7, part(new MatMulInteger(), 0, 1, 2, 3), scaled),
                List.of(
                        Literals.random(DType.UINT8, 1, 2, 13, k),
                        Literals.random(DType.INT8, 2, k, n),
                        Literals.random(DType.UINT8, 3),
                        Literals.random(DType.INT8, 4, n),
                        floats(5),
                        floats(6, n),
                        floats(7, 2, 13, n)));
    }

    @Test
    void productsOfIntegersConvertedToFloats() {
        int[][] usual = {{0, 33}, {70, 1}, {512, 33}, {1300, 1}};
        for (int k : new int[] {0, 1, 70, 512, 600, 1300}) {
            for (int n : new int[] {1, 33}) {
                if (Exhaustive.isOn() || Arrays.stream(usual).anyMatch(u -> u[0] == k && u[1] == n)) {
                    checkScaledSums(k, n);
                }
            }
        }
    }

    @Test
    @Tag("widest")
    void wideProductsOfIntegersConvertedToFloats() {
        for (int k : Exhaustive.isOn() ? new int[] {0, 1, 70, 512, 600, 1300} : new int[] {1, 600}) {
            checkScaledSums(k, 600);
        }
        Fused alone = new Fused(2, part(new MatMulInteger(), 0, 1), List.of(part(CAST, 2)));
        check(alone, List.of(Literals.random(DType.INT8, 1, 60, 700), Literals.random(DType.UINT8, 2, 700, 40)));
    }

    /** Parts that read rows and come after a function are a stage of their own. */
    @Test
    void productsOfIntegersWithRowsAfterAFunction() {
        Fused op = new Fused(
                5,
                part(new MatMulInteger(), 0, 1),
                List.of(
                        part(new Cast(DType.FLOAT32, true, "up"), 5),
                        part(new Mul(), 6, 2),
                        part(new Add(), 7, 3),
                        part(new Tanh(), 8),
                        part(new Mul(), 9, 4)));
        for (int n : new int[] {1, 33, 64}) {
            check(
                    op,
                    List.of(
                            Literals.random(DType.UINT8, 1, 17, 40),
                            Literals.random(DType.INT8, 2, 40, n),
                            Tensor.scalar(0.001f),
                            floats(3, n),
                            floats(4, n)));
        }
    }

    /** Convolutions of integers in floats: a factor for all sums, then factors, addends and other operators. */
    @Test
    void convolutionsWithFactorsOfChannels() {
        List<Part> stored = List.of(part(new Mul(), 6, 2), part(new Mul(), 7, 3), part(new Add(), 8, 4));
        List<Part> relu = new ArrayList<>(stored);
        relu.add(part(new Relu(), 9));
        List<Part> more = new ArrayList<>(stored);
        more.addAll(List.of(part(new Add(), 9, 5), part(new HardSwish(), 10), part(new Mul(), 11, 3)));
        for (int channels : new int[] {16, 20, 33, 70}) {
            for (boolean depthwise : new boolean[] {false, true}) {
                Attributes attributes = Attributes.none().with("pads", new long[] {1, 1, 1, 1});
                Conv conv = Conv.of(depthwise ? attributes.with("group", (long) channels) : attributes);
                List<Datum> operands = List.of(
                        floats(1, 2, 5, 7, depthwise ? channels : 6),
                        floats(2, channels, depthwise ? 1 : 6, 3, 3),
                        Tensor.scalar(0.25f),
                        floats(3, channels),
                        floats(4, channels),
                        floats(5, 2, 5, 7, channels));
                for (List<Part> body : List.of(stored, relu, more)) {
                    check(new Fused(6, part(new ChannelsLast(conv), 0, 1), body), operands, true);
                }
            }
        }
    }

    @Test
    void integerProductsThatStayIntegersHaveNoKernel() {
        Fused op = new Fused(
                3,
                part(new MatMulInteger(), 0, 1),
                List.of(part(new Cast(DType.INT64, true, "up"), 3), part(new Add(), 4, 2)));
        TensorType bytes = Literals.random(DType.UINT8, 1, 4, 4).type();
        TensorType longs = Literals.random(DType.INT64, 1, 4, 4).type();
        KernelRequest request = KernelRequest.of(List.of(bytes, bytes, longs), List.of(longs), Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(op, request)).isNull();
    }

    @Test
    void convolutions() {
        for (long[] plane : new long[][] {{7, 7}, {9, 33}, {1, 5}, {20, 20}}) {
            for (int group : new int[] {1, 6}) {
                for (int outputs : new int[] {6, 66}) {
                    Conv op = Conv.of(Attributes.none().with("group", group).with("pads", new long[] {1, 1, 1, 1}));
                    Tensor x = floats(1, 2, 6, plane[0], plane[1]);
                    Tensor w = floats(2, outputs, 6 / group, 3, 3);
                    Tensor residual = floats(4, 2, outputs, plane[0], plane[1]);
                    Tensor scale = floats(5, outputs, 1, 1);
                    List<Part> rest = List.of(
                            part(new Relu(), 5), part(new Add(), 6, 3), part(new Mul(), 7, 4), part(new Abs(), 8));
                    Fused biased = new Fused(5, part(op, 0, 1, 2), rest);
                    check(biased, List.of(x, w, floats(3, outputs), residual, scale));
                    List<Part> bare = List.of(
                            part(new Add(), 2, 5), part(new Relu(), 6), part(new Mul(), 7, 4), part(new Add(), 8, 3));
                    check(new Fused(5, part(op, 0, 1), bare), List.of(x, w, floats(3, outputs, 1, 1), residual, scale));
                    check(
                            new Fused(4, part(op, 0, 1, 2), List.of(part(new Mul(), 4, 3))),
                            List.of(x, w, floats(3, outputs), scale));
                }
            }
        }
    }

    /** Windows of one element, rows with and without gaps, rows of whole vectors, and one or two blocks of terms. */
    @Test
    void convolutionsWithinBounds() {
        for (long[] plane : new long[][] {{9, 9}, {7, 32}, {5, 48}, {41, 48}}) {
            for (int inputs : new int[] {3, 70}) {
                for (int kernel : new int[] {1, 3}) {
                    long pad = kernel / 2;
                    for (long stride : new long[] {1, 2}) {
                        if (!Exhaustive.isOn() && inputs == 3 && kernel == stride) {
                            continue;
                        }
                        Conv conv = Conv.of(Attributes.none()
                                .with("pads", new long[] {pad, pad, pad, pad})
                                .with("strides", new long[] {stride, stride}));
                        Tensor x = floats(1, 1, inputs, stride * plane[0], stride * plane[1]);
                        Tensor w = floats(2, 13, inputs, kernel, kernel);
                        Tensor bias = floats(3, 13);
                        check(
                                new Fused(3, part(conv, 0, 1, 2), List.of(part(new Relu(), 3))),
                                List.of(x, w, bias),
                                false);
                        checkClipped(conv, List.of(x, w, bias), -30, 45);
                    }
                }
            }
        }
    }

    /** Planes of whole vectors, planes with gaps, and planes of fewer lines than the kernel computes at a time; with a NaN. */
    @Test
    void depthwiseConvolutionsWithinBounds() {
        for (long[] plane : new long[][] {{3, 16}, {9, 17}, {7, 32}, {5, 48}, {41, 56}}) {
            for (long pad : new long[] {0, 1}) {
                Conv conv = Conv.of(Attributes.none().with("group", 3L).with("pads", new long[] {pad, pad, pad, pad}));
                Tensor x = floats(1, 2, 3, plane[0], plane[1]);
                x.setDouble(plane[1] + 5, Double.NaN);
                Tensor w = floats(2, 6, 1, 3, 3);
                Tensor bias = floats(3, 6);
                check(new Fused(3, part(conv, 0, 1, 2), List.of(part(new Relu(), 3))), List.of(x, w, bias), false);
                checkClipped(conv, List.of(x, w, bias), -10, 15);
            }
        }
    }

    /** A convolution with bounds has the bits of one without bounds that is clipped afterwards. */
    private static void checkClipped(Conv conv, List<Datum> operands, float least, float greatest) {
        Tensor sums = run(conv, operands);
        List<Datum> all = new ArrayList<>(operands);
        all.add(Literals.f32(Literals.dims(), least));
        all.add(Literals.f32(Literals.dims(), greatest));
        Tensor clipped = run(new Fused(5, part(conv, 0, 1, 2), List.of(part(new Clip(), 5, 3, 4))), all);
        float[] expected = sums.toFloatArray();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Math.clamp(expected[i], least, greatest);
        }
        Closeness.requireEqual(conv + " of " + operands.getFirst().type(), clipped.toFloatArray(), expected);
    }

    private static Tensor run(Op op, List<Datum> operands) {
        List<TensorType> types = KernelRun.outputTypes(op, operands, 1);
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, operands, types, true, Tier.capabilities());
        return KernelRun.run(prepared, operands).getFirst();
    }

    @Test
    void aBiasIsTheStartOfTheSums() {
        Fused op = new Fused(3, part(new MatMul(), 0, 1), List.of(part(new Add(), 2, 3)));
        KernelRequest request = KernelRequest.of(
                List.of(
                        floats(1, 5, 8).type(),
                        floats(1, 8, 40).type(),
                        floats(1, 1, 40).type()),
                List.of(floats(1, 5, 40).type()),
                Capabilities.SCALAR);
        assertThat(CoreKernels.set().prepare(op, request).id()).isEqualTo("gemm_f32_scalar");
        Fused more = new Fused(3, op.anchor(), List.of(part(new Add(), 2, 3), part(new Relu(), 4)));
        assertThat(CoreKernels.set().prepare(more, request).id()).isEqualTo("gemm_f32_scalar_fused");
    }

    @Test
    void weightsThatTheBodyReadsAreNotPacked() {
        Part product = part(new MatMul(), 0, 1);
        Tensor w = floats(1, 8, 8);
        KernelRequest request = new KernelRequest(
                List.of(w.type(), w.type()),
                List.of(w.type()),
                List.of(Layout.ROW_MAJOR, Layout.ROW_MAJOR),
                Arrays.asList(null, w),
                Capabilities.avx512());
        Fused alone = new Fused(2, product, List.of(part(new Relu(), 2)));
        Fused again = new Fused(2, product, List.of(part(new Add(), 2, 1)));
        assertThat(CoreKernels.set().constantLayout(alone, 1, request).id()).isEqualTo("panels32");
        assertThat(CoreKernels.set().constantLayout(again, 1, request)).isEqualTo(Layout.ROW_MAJOR);
        assertThat(CoreKernels.set().constantLayout(again, 0, request)).isEqualTo(Layout.ROW_MAJOR);
    }

    @Test
    void theResultMayOverwriteAnOperand() {
        Fused op = new Fused(3, null, List.of(part(new Add(), 0, 1), part(new Mul(), 3, 2), part(new Sub(), 4, 0)));
        List<Datum> operands = List.of(floats(1, 9, 70), floats(2, 70), floats(3, 9, 1));
        Tensor expected =
                (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, operands, List.of(expected.type()), false, Tier.capabilities());
        assertThat(prepared.kernel().inPlace(0, 0)).isTrue();
        assertThat(prepared.kernel().inPlace(1, 0)).isFalse();
        assertThat(KernelCheck.inPlace(prepared, operands, 0).toFloatArray()).isEqualTo(expected.toFloatArray());
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        List<Part> body = List.of(part(new Relu(), 4), part(new Mul(), 5, 2), part(new Add(), 6, 3));
        Fused chain = new Fused(4, null, List.of(part(new Mul(), 0, 1), part(new Add(), 4, 2), part(new Sub(), 5, 3)));
        Fused product = new Fused(4, part(new MatMul(), 0, 1), body);
        TensorType a = floats(1, 20, 20).type();
        TensorType row = floats(1, 20).type();
        TensorType column = floats(1, 20, 1).type();
        for (Fused op : List.of(chain, product)) {
            Kernel kernel = CoreKernels.set()
                    .prepare(op, KernelRequest.of(List.of(a, a, row, column), List.of(a), Tier.capabilities()));
            assertThat(KernelCheck.allocated(kernel, 1600, 1600, 80, 80, 1600, kernel.sharedBytes()))
                    .as(kernel.id())
                    .isZero();
        }
        Conv depthwise = Conv.of(Attributes.none().with("group", 3L).with("pads", new long[] {1, 1, 1, 1}));
        TensorType planes = floats(1, 1, 3, 40, 40).type();
        TensorType weights = floats(1, 3, 1, 3, 3).type();
        Kernel kernel = CoreKernels.set()
                .prepare(
                        new Fused(2, part(depthwise, 0, 1), List.of(part(new Relu(), 2))),
                        KernelRequest.of(List.of(planes, weights), List.of(planes), Tier.capabilities()));
        assertThat(KernelCheck.allocated(kernel, 19_200, 108, 19_200))
                .as(kernel.id())
                .isZero();
    }

    private static List<Datum> operands(Tensor a, Tensor b, List<Datum> more) {
        List<Datum> all = new ArrayList<>(List.of(a, b));
        all.addAll(more);
        return all;
    }

    private static void check(Fused op, List<Datum> operands) {
        check(op, operands, false, true);
    }

    /** Compares an operator's kernels with its reference, once for each value of whether the operands are constant. */
    static void check(Fused op, List<Datum> operands, boolean... constants) {
        KernelCheck check = KernelCheck.of(op, operands, 1);
        for (boolean constant : constants) {
            assertThat(check.compare(CoreKernels.set(), constant, Tier.capabilities()))
                    .as("%s", check)
                    .isNotNull();
        }
    }
}
