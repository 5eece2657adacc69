package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sub;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Finds rotary embedding in the form that decoders have it: {@code x cos + (-x2, x1) sin}. Here x1 and x2 are the
 * halves of x, or its elements of even and of odd index, and cosines and sines are the same for both. Heads may come
 * before positions, or after them as in a projection. In the second case they are packed for the operator.
 */
public final class RotaryRules {
    private static final String TABLE = " table";
    /** The number of nodes through which the sizes of a rotated value are followed. */
    private static final int MAX_STEPS = 1000;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            rotation("rotary", op(Add.class, along("cos", any("x"), false), along("sin", rotateHalf(), false)), false),
            rotation("rotary-halves", rotatedHalves(), false),
            rotation(
                    "rotary-interleaved",
                    op(Add.class, along("cos", any("x"), true), along("sin", rotateEveryTwo(), true)),
                    true),
            rotation("rotary-interleaved-pairs", rotatedPairs(), true));

    private RotaryRules() {}

    private static Rule rotation(String name, OpPattern pattern, boolean interleaved) {
        return Rule.of(name, pattern, (m, to) -> rotated(m, to, interleaved))
                .unless(interleaved ? RotaryRules::pairsReason : RotaryRules::halvesReason)
                .unless(RotaryRules::anglesReason)
                .rounding()
                .making(RotaryEmbedding.class);
    }

    private static OpPattern rotatedHalves() {
        return op(
                        Concat.class,
                        op(Sub.class, times(first(), "cos"), times(second(), "sin"))
                                .once(),
                        op(Add.class, times(second(), "cos"), times(first(), "sin"))
                                .once())
                .where(DuplicatedHalves::isLast);
    }

    /** A product with cosines or sines that are duplicated: as halves, or in pairs. */
    private static Pattern along(String name, Pattern x, boolean pairs) {
        Pattern table = constant(name + TABLE, t -> DuplicatedHalves.isTwice(t, pairs));
        return op(Mul.class, x, either(table, pairs ? DuplicatedHalves.pairs(name) : DuplicatedHalves.halves(name)))
                .once();
    }

    private static Pattern times(Pattern x, String name) {
        return op(Mul.class, x, any(name)).once();
    }

    private static Pattern first() {
        return op(List.of(Slice.class, Split.class), any("x")).open().as("first");
    }

    private static Pattern second() {
        return either(
                op(Slice.class, any("x")).open().as("second"),
                op(Split.class, any("x")).open().output(1).as("second"));
    }

    /** The second half of x, negated, followed by the first half. */
    private static Pattern rotateHalf() {
        return op(Concat.class, op(Neg.class, second()).once(), first())
                .where(DuplicatedHalves::isLast)
                .once();
    }

    /**
     * Every second element from the first or the second one on, by a stride or from pairs along an axis of their own.
     */
    private static Pattern every(String name, int place) {
        Pattern pairs = op(Reshape.class, any("x"), any()).as("pairs");
        return either(
                op(Slice.class, any("x")).open().as(name),
                op(Gather.class, pairs, constant(name + " place")).as(name),
                op(Squeeze.class, op(Split.class, pairs).open().output(place))
                        .open()
                        .as(name));
    }

    /** Two values whose elements are interleaved. */
    private static OpPattern stacked(Pattern left, Pattern right) {
        return op(
                        Reshape.class,
                        op(
                                        Concat.class,
                                        op(DuplicatedHalves.VIEWS, left)
                                                .open()
                                                .as("left")
                                                .once(),
                                        op(DuplicatedHalves.VIEWS, right)
                                                .open()
                                                .as("right")
                                                .once())
                                .as("stack")
                                .once(),
                        any())
                .as("joined");
    }

    private static Pattern rotateEveryTwo() {
        return stacked(op(Neg.class, every("second", 1)).once(), every("first", 0))
                .once();
    }

    private static OpPattern rotatedPairs() {
        Pattern first = op(Sub.class, times(every("first", 0), "cos"), times(every("second", 1), "sin"))
                .once();
        Pattern second = op(Add.class, times(every("second", 1), "cos"), times(every("first", 0), "sin"))
                .once();
        return stacked(first, second);
    }

    /** The shape of the rotated value. For pairs, x may be another view of it. */
    private static Shape whole(Match m) {
        return Shapes.of(m.value(m.has("joined") ? "joined" : "x"));
    }

    private static String sizeReason(Shape whole) {
        boolean fits = whole.hasRank() && whole.rank() == 4 && whole.dim(3).isKnown();
        fits = fits && whole.dim(3).value() > 0 && whole.dim(3).value() % 2 == 0;
        return fits ? null : "the rotated value has shape " + whole;
    }

    private static String halvesReason(Match m) {
        Shape x = whole(m);
        String reason = sizeReason(x);
        if (reason != null) {
            return reason;
        }
        long size = x.dim(3).value();
        boolean halves = isPart(m.value("first"), 0, size / 2) && isPart(m.value("second"), size / 2, size);
        return halves ? null : "the parts are not the halves";
    }

    private static String pairsReason(Match m) {
        Shape whole = whole(m);
        String reason = sizeReason(whole);
        if (reason != null) {
            return reason;
        }
        Shape x = Shapes.of(m.value("x"));
        boolean viewed = m.root().op() instanceof Reshape && Shapes.target(x, whole) != null;
        if (!viewed && !x.equals(whole)) {
            return "the rotated value has shape " + whole + ", and not " + x;
        }
        boolean joined = DuplicatedHalves.arePairs(Shapes.of(m.value("left")), Shapes.of(m.value("stack")));
        boolean pairs = joined && isEvery(m.node("first"), 0, whole) && isEvery(m.node("second"), 1, whole);
        return pairs ? null : "the parts are not the elements of pairs";
    }

    /** Whether a node takes every second element, from an index on, of a value of some shape. */
    private static boolean isEvery(Node node, int from, Shape whole) {
        Shape half = DuplicatedHalves.half(whole);
        if (node.op() instanceof Slice) {
            return Shapes.of(node.input(0)).equals(whole)
                    && isSlice(node, from, whole.dim(3).value() / 2, 2);
        }
        Value pairs = node.op() instanceof Gather
                ? node.input(0)
                : node.input(0).producer().input(0);
        Shape shape = Shapes.of(pairs);
        boolean fits = shape.hasRank()
                && shape.dim(-1).equals(Dim.of(2))
                && Shapes.of(node.output()).equals(half);
        if (!fits) {
            return false;
        }
        int last = shape.rank() - 1;
        if (node.op() instanceof Gather gather) {
            Tensor place = node.input(1).constant();
            return (gather.axis() == -1 || gather.axis() == last) && place.rank() == 0 && place.getLong(0) == from;
        }
        Split split = (Split) node.input(0).producer().op();
        return split.axis() == -1 || split.axis() == last;
    }

    private static String anglesReason(Match m) {
        Shape x = whole(m);
        Shape cos = angles(m, "cos");
        Shape sin = angles(m, "sin");
        if (cos == null || sin == null) {
            return "cosines or sines are not known to be duplicated";
        }
        if (fits(cos, x, 2) && fits(sin, x, 2)) {
            return null;
        }
        if (!fits(cos, x, 1) || !fits(sin, x, 1)) {
            return "cosines of " + cos + " and sines of " + sin + " are broadcast to " + x;
        }
        boolean packs = x.dim(2).isKnown() && x.dim(2).value() > 0;
        return packs ? null : "the number of heads is not known in " + x;
    }

    /**
     * Whether cosines or sines are the same for all heads, and perhaps for all sequences, with positions along an axis.
     */
    private static boolean fits(Shape angles, Shape x, int positions) {
        int heads = 3 - positions;
        boolean fits = angles.hasRank() && angles.rank() <= 4 && angles.rank() >= 4 - positions;
        fits = fits && angles.dim(-1).equals(Dim.of(x.dim(3).value() / 2));
        fits = fits && angles.dim(positions - 4).equals(x.dim(positions));
        fits = fits && (angles.rank() < 4 - heads || angles.dim(heads - 4).equals(Dim.of(1)));
        fits = fits
                && (angles.rank() < 4
                        || angles.dim(0).equals(x.dim(0))
                        || angles.dim(0).equals(Dim.of(1)));
        return fits && Shapes.target(angles, rows(angles, positions)) != null;
    }

    /** Cosines or sines as [batch, length, half]. */
    private static Shape rows(Shape angles, int positions) {
        Dim batch = angles.rank() == 4 ? angles.dim(0) : Dim.of(1);
        return Shape.of(batch, angles.dim(positions - 4), angles.dim(-1));
    }

    /** The shape of cosines or sines for one half. */
    private static Shape angles(Match m, String name) {
        if (m.has(name + TABLE)) {
            return DuplicatedHalves.half(Shapes.of(m.value(name + TABLE)));
        }
        return DuplicatedHalves.shape(m, name);
    }

    /**
     * Whether a value has the elements of the last axis from one index up to another. It is a result of Split or Slice, and has
     * fewer elements along that axis than the operand, or comes before a part that has none.
     */
    static boolean isPart(Value part, long from, long to) {
        Node node = part.producer();
        if (node.op() instanceof Split) {
            return Shapes.of(part).dim(-1).equals(Dim.of(to - from))
                    && node.outputs().size() == 2;
        }
        return isSlice(node, from, to - from, 1);
    }

    /** Whether a Slice along one axis takes a number of elements of the last axis, from an index on, by a stride. */
    private static boolean isSlice(Node node, long from, long count, long step) {
        Value starts = node.input(1);
        Value steps = node.input(4);
        boolean one = starts.isConstant() && starts.constant().size() == 1;
        boolean steady = steps == null ? step == 1 : steps.isConstant() && Constants.isAll(steps.constant(), step);
        // Along another axis it would keep all elements of the last one.
        return one
                && steady
                && Shapes.of(node.output()).dim(-1).equals(Dim.of(count))
                && starts.constant().getLong(0) == from;
    }

    /** The shape of packed heads: [batch, length, heads, size] becomes [batch, length, heads * size]. */
    static Shape together(Shape x) {
        return Shape.of(x.dim(0), x.dim(1), x.dim(2).times(x.dim(3)));
    }

    private static Value rotated(Match m, Emitter to, boolean pairs) {
        Shape x = whole(m);
        Value v = DuplicatedHalves.reshaped(to, m.value("x"), x);
        // Cosines that fit both ways have one position and one head, and so have sines.
        int positions = fits(angles(m, "cos"), x, 2) ? 2 : 1;
        Value cos = angles(m, to, "cos", positions, v);
        Value sin = angles(m, to, "sin", positions, v);
        if (positions == 2) {
            return to.add(new RotaryEmbedding(pairs, null, 0), v, cos, sin);
        }
        RotaryEmbedding op = new RotaryEmbedding(pairs, x.dim(2).value(), 0);
        Value y = to.add(op, DuplicatedHalves.reshaped(to, v, together(x)), cos, sin);
        return DuplicatedHalves.reshaped(to, y, x);
    }

    /**
     * A value from which another one is computed, as far back as possible, with the same number of sequences. Angles
     * that read their sizes from it are the same value for queries and keys, and for all layers.
     */
    private static Value source(Value x) {
        Dim batch = Shapes.of(x).dim(0);
        Value source = x;
        for (int i = 0; i < MAX_STEPS && source.producer() != null; i++) {
            Value before = null;
            for (Value v : source.producer().inputs()) {
                boolean fits = before == null && v != null && !v.isConstant() && Shapes.rank(v) > 0;
                before = fits && Shapes.of(v).dim(0).equals(batch) ? v : before;
            }
            if (before == null) {
                break;
            }
            source = before;
        }
        return source;
    }

    /** Cosines or sines for each sequence of x. */
    private static Value angles(Match m, Emitter to, String name, int positions, Value x) {
        Value v = m.has(name + TABLE)
                ? to.constant(DuplicatedHalves.once(m.constant(name + TABLE), m.has("joined")))
                : DuplicatedHalves.once(m, to, name);
        Shape rows = rows(Shapes.of(v), positions);
        Value angles = DuplicatedHalves.reshaped(to, v, rows);
        if (rows.dim(0).equals(Shapes.of(x).dim(0))) {
            return angles;
        }
        Value sizes = to.add(new dev.tenon.op.shape.Shape(0, 1), source(x));
        Value ones = to.constant(Tensor.of(new long[] {1, 1}));
        return to.add(new Expand(), angles, to.add(new Concat(0), sizes, ones));
    }
}
