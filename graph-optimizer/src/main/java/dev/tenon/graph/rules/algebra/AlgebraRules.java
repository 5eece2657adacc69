package dev.tenon.graph.rules.algebra;

import static dev.tenon.graph.rewrite.Pattern.absent;
import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.RuleSet.lazy;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Ceil;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Floor;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.Dropout;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Drops operators that change nothing, and merges chains of conversions and of views. */
public final class AlgebraRules {
    private static final List<Class<? extends Op>> VIEWS =
            List.of(Reshape.class, Squeeze.class, Unsqueeze.class, Flatten.class);
    private static final List<Class<? extends Op>> IDEMPOTENT =
            List.of(Relu.class, Abs.class, Ceil.class, Floor.class, Round.class, Sign.class);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
                    Rule.of("identity", op(Identity.class, any("x")), "x"),
                    neutral("add-zero", Add.class, AlgebraRules::isNeutral),
                    neutral("add-positive-zero", Add.class, AlgebraRules::isPositiveZero)
                            .rounding(),
                    neutral("sub-zero", Sub.class, t -> Constants.isAll(t, 0)),
                    one("mul-one", Mul.class),
                    one("div-one", Div.class),
                    one("pow-one", Pow.class),
                    Rule.of("concat-one", op(Concat.class, any("x")), "x"),
                    Rule.of("cast-none", op(Cast.class, any("x")).where(AlgebraRules::keepsType), "x"),
                    Rule.of(
                                    "cast-chain",
                                    op(Cast.class, op(Cast.class, any("x")).as("inner")),
                                    (m, to) -> to.add(m.root().op(), m.value("x")))
                            .unless(AlgebraRules::castLoses),
                    Rule.of(
                            "view-none",
                            op(
                                            List.of(
                                                    Reshape.class,
                                                    Squeeze.class,
                                                    Unsqueeze.class,
                                                    Flatten.class,
                                                    Expand.class,
                                                    Tile.class),
                                            any("x"))
                                    .open()
                                    .where(AlgebraRules::keepsShape),
                            "x"),
                    Rule.of(
                            "slice-all",
                            op(Slice.class, any("x"))
                                    .open()
                                    .where(n -> keepsShape(n) && (n.input(4) == null || isAll(n.input(4), 1))),
                            "x"),
                    Rule.of(
                                    "view-chain",
                                    op(VIEWS, op(VIEWS, any("x")).open()).open(),
                                    (m, to) -> to.add(new Reshape(false), m.value("x"), to.constant(target(m))))
                            .unless(m -> target(m) == null ? "two dimensions of the new shape are not known" : null))
            .plus(lazy(
                    AlgebraRules::others,
                    Dropout.class,
                    Neg.class,
                    Not.class,
                    Relu.class,
                    Abs.class,
                    Ceil.class,
                    Floor.class,
                    Round.class,
                    Sign.class,
                    Sum.class,
                    Mean.class,
                    Max.class,
                    Min.class,
                    Split.class,
                    Where.class,
                    Pad.class));

    private AlgebraRules() {}

    /** Those that start at operators that fewer models have. */
    private static RuleSet others() {
        return RuleSet.of(
                Rule.ofAll("dropout", op(Dropout.class, any("x")).open(), (m, to) -> Arrays.asList(m.value("x"), null))
                        .unless(AlgebraRules::dropoutActs),
                Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), "x"),
                Rule.of("not-not", op(Not.class, op(Not.class, any("x"))), "x"),
                Rule.of(
                        "idempotent-repeated",
                        op(IDEMPOTENT, op(IDEMPOTENT, any()).as("inner")).where(AlgebraRules::repeatsOperator),
                        "inner"),
                Rule.of("one-operand", op(List.of(Sum.class, Mean.class, Max.class, Min.class), any("x")), "x"),
                Rule.of(
                        "sum-of-two",
                        op(Sum.class, any("x"), any("y")),
                        (m, to) -> to.add(new Add(), m.value("x"), m.value("y"))),
                Rule.of("split-one", op(Split.class, any("x"), any()).where(AlgebraRules::keepsShape), "x"),
                Rule.of(
                        "split-one-even",
                        op(Split.class, any("x"), absent())
                                .where(n -> n.outputs().size() == 1),
                        "x"),
                Rule.of("where-same", op(Where.class, any(), any("x"), any("x")).where(n -> keepsShape(n, 1)), "x"),
                Rule.of("pad-none", op(Pad.class, any("x")).open().where(n -> isAll(n.input(1), 0)), "x"));
    }

    /** Drops an operator that a constant as its second operand makes do nothing. */
    private static Rule neutral(String name, Class<? extends Op> type, Predicate<Tensor> which) {
        return Rule.of(name, op(type, any("x"), constant("c", which)), "x").unless(AlgebraRules::broadcasts);
    }

    private static Rule one(String name, Class<? extends Op> type) {
        return neutral(name, type, AlgebraRules::isOne);
    }

    /** Why a Dropout may change its operand, or null. */
    private static String dropoutActs(Match m) {
        Node node = m.root();
        if (node.outputs().size() > 1
                && node.outputs().get(1) != null
                && m.uses(node.outputs().get(1)) > 0) {
            return "its mask is used";
        }
        Value training = node.input(2);
        if (training != null && !training.isConstant()) {
            return "training_mode is not constant";
        }
        // Type inference has checked that a constant ratio is 0 where training_mode is true.
        boolean acts = training != null && training.constant().getBoolean(0);
        boolean known = node.input(1) == null || node.input(1).isConstant();
        return acts && !known ? "training_mode is true and the ratio is not constant" : null;
    }

    /** Why the constant may give the result more dimensions than the operand has, or null. */
    private static String broadcasts(Match m) {
        boolean wider = !Shapes.of(m.value("x")).hasRank() && m.constant("c").rank() > 0;
        return wider ? "the rank is not known, and the constant has dimensions" : null;
    }

    private static boolean isOne(Tensor t) {
        return Constants.isAll(t, 1);
    }

    /** Whether a sum with the constant has the same bits as the other term. */
    private static boolean isNeutral(Tensor t) {
        return Constants.isAll(t, t.dtype().isFloating() ? -0.0 : 0.0);
    }

    /** Whether a sum with the constant differs from the other term at most in the sign of a zero. */
    private static boolean isPositiveZero(Tensor t) {
        return t.dtype().isFloating() && Constants.isAll(t, 0.0);
    }

    private static boolean isAll(Value v, double number) {
        return v.isConstant() && (v.constant().size() == 0 || Constants.isAll(v.constant(), number));
    }

    private static boolean keepsShape(Node n) {
        return keepsShape(n, 0);
    }

    private static boolean keepsShape(Node n, int input) {
        return Shapes.same(n.input(input), n.output());
    }

    private static boolean repeatsOperator(Node n) {
        return n.op().equals(n.input(0).producer().op());
    }

    private static boolean keepsType(Node n) {
        return n.input(0).tensorType().dtype() == ((Cast) n.op()).to();
    }

    private static Tensor target(Match m) {
        return Shapes.target(Shapes.of(m.value("x")), Shapes.of(m.root().output()));
    }

    /** Why two Casts differ from the second one alone, or null. */
    private static String castLoses(Match m) {
        DType from = m.value("x").tensorType().dtype();
        DType through = m.op("inner", Cast.class).to();
        DType to = m.rootOp(Cast.class).to();
        if (to == DType.STRING) {
            return "texts of " + through.text() + " differ from those of " + from.text();
        }
        if (!holds(through, from)) {
            return through.text() + " does not hold every number of " + from.text();
        }
        // A float out of the range of an integer type becomes another integer than an integer out of that range.
        boolean roundabout = from.isInteger() && through.isFloating() && to.isInteger();
        return roundabout && !holds(to, from) ? to.text() + " does not hold every number of " + from.text() : null;
    }

    /** Whether every value of one element type is a value of another. */
    private static boolean holds(DType wide, DType narrow) {
        if (narrow == DType.BOOL) {
            return wide.isInteger() && !wide.isSubByte() || isPlainFloat(wide);
        }
        if (narrow.isInteger() && wide.isInteger()) {
            return narrow.minInteger() >= wide.minInteger() && bits(narrow) <= bits(wide);
        }
        if (narrow.isInteger()) {
            return isPlainFloat(wide) && bits(narrow) <= significand(wide);
        }
        return isPlainFloat(narrow)
                && isPlainFloat(wide)
                && significand(narrow) <= significand(wide)
                && exponent(narrow) <= exponent(wide);
    }

    private static boolean isPlainFloat(DType t) {
        return t == DType.FLOAT64 || t == DType.FLOAT32 || t == DType.FLOAT16 || t == DType.BFLOAT16;
    }

    /** The number of bits of the largest absolute value. */
    private static int bits(DType integer) {
        return integer.bits() - (integer.isSigned() ? 1 : 0);
    }

    private static int significand(DType t) {
        return switch (t) {
            case FLOAT64 -> 53;
            case FLOAT32 -> 24;
            case FLOAT16 -> 11;
            default -> 8;
        };
    }

    private static int exponent(DType t) {
        return switch (t) {
            case FLOAT64 -> 11;
            case FLOAT16 -> 5;
            default -> 8;
        };
    }
}
