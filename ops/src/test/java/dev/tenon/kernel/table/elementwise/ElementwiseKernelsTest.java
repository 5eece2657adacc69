package dev.tenon.kernel.table.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.BitShift;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Mod;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every element-wise kernel against the reference: all element types, broadcasts, and lengths around vector tails. */
@Tag("tiers")
class ElementwiseKernelsTest {
    private static final long SEED = 20250731;
    private static final double[] SPECIAL = {
        0,
        -0.0,
        1,
        -1,
        2,
        -3,
        0.5,
        -0.5,
        1e-40,
        -1e-40,
        3e38,
        -3e38,
        88.5,
        -88.5,
        104,
        -103.9,
        1e10,
        7,
        -7,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
    };

    /** Special values of which no partial sum overflows if the sum is finite. */
    private static final double[] SUMMANDS = {0, -0.0, 1e10, -1e-40, Double.NaN, Double.POSITIVE_INFINITY};

    private static final double[] EXPONENTS = {2, 3, 0.5, -0.5, -1, 1.5, 0};

    /** Shapes of three operands, of which an operator takes as many as it has. */
    private static final long[][][] SHAPES = {
        {{}, {}, {}},
        {{1}, {}, {1, 1}},
        {{0}, {1}, {0}},
        {{3, 0}, {1, 1}, {3, 1}},
        {{7}, {7}, {7}},
        {{16}, {16}, {16}},
        {{37}, {}, {37}},
        {{}, {1029}, {1029}},
        {{5, 33}, {33}, {5, 1}},
        {{33}, {5, 33}, {1}},
        {{6, 3}, {3}, {6, 1}},
        {{6, 1}, {6, 3}, {3}},
        {{4, 1, 5}, {3, 1}, {4, 3, 5}},
        {{2, 3, 40}, {3, 1}, {}},
        {{2, 3, 7, 7}, {3, 1, 1}, {1, 1, 7, 1}},
        {{12, 100}, {100}, {12, 1}},
        {{9, 1, 1, 8}, {9, 4, 1, 1}, {2, 8}},
    };

    /** The shapes of a usual run: no elements, less than a vector, a number for a row, a row for a matrix, each operand broadcast. */
    private static final Set<Integer> USUAL = Set.of(2, 4, 6, 8, 12);

    /** Operators that are tested with all shapes in every run, one for each kind of loop. */
    private static final Set<Class<? extends Op>> ALL_SHAPES = Set.of(
            Abs.class,
            Exp.class,
            Not.class,
            Add.class,
            Greater.class,
            And.class,
            Sum.class,
            Where.class,
            Clip.class,
            PRelu.class,
            BitShift.class,
            CastLike.class);

    /** Enough elements for several parts, even of the cheapest kernel. */
    private static final long[][] LARGE = {{300, 700}, {300, 1}, {1, 700}};

    private static final Set<Class<? extends Op>> LARGE_TOO = Set.of(Add.class, Where.class, Exp.class, Greater.class);

    @TestFactory
    Stream<DynamicTest> kernels() {
        return MathOperators.set().definitions().stream()
                .flatMap(d -> samples(d).stream())
                .map(op -> DynamicTest.dynamicTest(op.toString(), () -> check(op)));
    }

    @Test
    void everyOperatorHasATableAndEveryIdIsItsOwn() {
        for (OpDefinition<?> d : MathOperators.set().definitions()) {
            KernelTable<ElementwiseProblem> table = ElementwiseKernels.table(d.type());
            assertThat(table.choices()).as(d.schema().name()).isNotEmpty();
            assertThat(table.choices().stream().map(KernelChoice::id)).doesNotHaveDuplicates();
        }
        assertThat(ElementwiseKernels.operators())
                .hasSameSizeAs(MathOperators.set().definitions());
        assertThat(ElementwiseKernels.table(Softmax.class)).isNull();
    }

    @Test
    void vectorsOfAnyWidthAreSelected() {
        Capabilities machine = Tier.capabilities();
        for (DType type : List.of(DType.FLOAT32, DType.INT32, DType.UINT32)) {
            TensorType data = Tensor.allocate(type, 7, 100).type();
            TensorType condition = Tensor.allocate(DType.BOOL, 7, 100).type();
            KernelRequest step = KernelRequest.of(List.of(condition, data, data), List.of(data), machine);
            assertThat(CoreKernels.set().prepare(new Where(), step).id())
                    .isEqualTo(
                            "where_" + type.text() + (machine.vector() ? "_vector" + machine.vectorBits() : "_scalar"));
        }
    }

    private static List<Op> samples(OpDefinition<?> d) {
        List<Attributes> all = new ArrayList<>();
        Attributes none = Attributes.none();
        switch (d.schema().name()) {
            case "Cast" -> {
                for (DType to : d.schema().allowed("T2")) {
                    all.add(none.with("to", Types.code(to)));
                }
            }
            case "BitShift" -> all.addAll(List.of(none.with("direction", "LEFT"), none.with("direction", "RIGHT")));
            case "Gelu" -> all.addAll(List.of(none, none.with("approximate", "tanh")));
            case "Mod" -> all.addAll(List.of(none, none.with("fmod", 1)));
            case "Celu" -> all.addAll(List.of(none, none.with("alpha", 2.5f), none.with("alpha", -1.5f)));
            case "Elu", "LeakyRelu", "Selu", "ThresholdedRelu", "Swish", "HardSigmoid" ->
                all.addAll(List.of(none, none.with("alpha", 0.75f)));
            default -> all.add(none);
        }
        List<Op> ops = new ArrayList<>();
        all.forEach(a -> ops.add(d.create(a)));
        return ops;
    }

    private static void check(Op op) {
        OpSchema schema = op.schema();
        Random random = new Random(SEED);
        Set<DType> types = schema.allowed(schema.inputs().getLast().type());
        int runs = 0;
        for (DType type : schema.allowed(schema.inputs().getFirst().type())) {
            for (DType second : schema.inputs()
                            .getLast()
                            .type()
                            .equals(schema.inputs().getFirst().type())
                    ? Set.of(type)
                    : types) {
                boolean all = Exhaustive.isOn() || ALL_SHAPES.contains(op.getClass());
                for (int i = 0; i < SHAPES.length; i++) {
                    if (all || USUAL.contains(i)) {
                        runs += check(op, operands(op, type, second, SHAPES[i], random));
                    }
                }
                if (second == DType.FLOAT32 && LARGE_TOO.contains(op.getClass())) {
                    runs += check(op, operands(op, type, second, LARGE, random));
                }
            }
        }
        boolean unsupported = op instanceof Cast c && (c.to().bits() < Byte.SIZE);
        assertThat(runs).as("kernel runs, seed " + SEED).matches(n -> unsupported ? n == 0 : n > 0);
    }

    /** Operands of an operator, or null if it does not accept such types or shapes. */
    private static List<Datum> operands(Op op, DType first, DType second, long[][] shapes, Random random) {
        int count = op.schema().inputs().getLast().presence() == OpSchema.Presence.VARIADIC
                ? 1 + random.nextInt(3)
                : op.schema().inputs().size();
        boolean tooLong = op instanceof PRelu && shapes[1].length > shapes[0].length;
        if (first == DType.STRING
                || second == DType.STRING
                || op instanceof Mod m && !m.fmod() && first.isFloating()
                || tooLong) {
            return null;
        }
        List<Datum> operands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DType type = i == 0 ? first : second;
            boolean bound = op instanceof Clip && i > 0;
            double[] special = op instanceof Pow && i == 1
                    ? EXPONENTS
                    : op instanceof Sum || op instanceof Mean ? SUMMANDS : SPECIAL;
            operands.add(
                    bound && random.nextInt(3) == 0
                            ? null
                            : values(type, bound ? new long[0] : shapes[i % shapes.length], special, random));
        }
        return operands;
    }

    private static Tensor values(DType type, long[] dims, double[] special, Random random) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            if (type.isComplex()) {
                t.setComplex(i, random.nextGaussian(), random.nextGaussian());
            } else if (type.isFloating()) {
                boolean odd = random.nextInt(4) == 0;
                t.setDouble(i, odd ? special[random.nextInt(special.length)] : random.nextGaussian() * 3);
            } else {
                t.setLong(i, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(21) - 10);
            }
        }
        return t;
    }

    private static int check(Op op, List<Datum> operands) {
        if (operands == null) {
            return 0;
        }
        KernelCheck check;
        try {
            check = KernelCheck.of(op, operands, 1);
        } catch (InvalidOperandException e) {
            return 0;
        }
        return check.compare(CoreKernels.set(), false, Tier.capabilities()) == null ? 0 : 1;
    }

    @Test
    void castLikeReadsOnlyTheTypeOfItsSecondOperand() {
        Tensor x = Tensor.of(new long[] {1, -2, 3});
        Tensor like = Tensor.of(new float[40], 4, 10);
        Op op = new CastLike(true, "up");
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(),
                op,
                List.of(x, like),
                List.of(new TensorType(DType.FLOAT32, x.shape())),
                false,
                Tier.capabilities());
        assertThat(KernelRun.run(prepared, List.of(x, like)).get(0).toFloatArray())
                .containsExactly(1, -2, 3);
    }
}
