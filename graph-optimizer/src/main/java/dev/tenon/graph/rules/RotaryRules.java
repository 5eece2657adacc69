package dev.tenon.graph.rules;

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
import dev.tenon.graph.rewrite.RuleList;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.RuleTable;
import dev.tenon.op.Op;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Cos;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sin;
import dev.tenon.op.math.Sub;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds rotary embedding as decoders spell it: {@code x cos + (-x2, x1) sin}, where x1 and x2 are the halves of x, and
 * cosines and sines are the same for both. What computes those is done for one half first.
 */
public final class RotaryRules implements RuleTable {
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);
    /** The rules. */
    public static final RuleSet SET = RuleSet.of(new RotaryRules());

    private RotaryRules() {}

    @Override
    public void list(RuleList rules) {
        if (rules.asks("Cos", "Sin", "Cast", "Neg") && rules.met("Concat"))
            rules.add(Rule.of("twice-behind-unary", op(unary(), twice("x")), (m, to) -> {
                Value once = to.add(m.root().op(), m.value("x"));
                return to.add(new Concat(-1), once, once);
            }));
        if (rules.asks("Mul") && rules.met("Concat"))
            rules.add(Rule.of(
                    "twice-behind-factor",
                    op(Mul.class, twice("x"), constant("c", t -> t.size() == 1 && t.rank() < 2)),
                    (m, to) -> {
                        Value once = to.add(new Mul(), m.value("x"), m.value("c"));
                        return to.add(new Concat(-1), once, once);
                    }));
        if (rules.asks("Unsqueeze", "Squeeze", "Reshape") && rules.met("Concat"))
            rules.add(Rule.of(
                            "twice-behind-view",
                            op(views(), twice("x").as("twice")).open(),
                            RotaryRules::viewed)
                    .unless(m -> half(m) == null ? "the last dimension changes, or two are not known" : null));
        if (rules.asks("Gather"))
            rules.add(Rule.of(
                    "twice-of-table",
                    op(Gather.class, constant("table", t -> t.rank() == 2 && isTwice(t)), any("indices"))
                            .where(Gather.class, g -> g.axis() == 0),
                    RotaryRules::gathered));
        if (rules.asks("Add") && rules.met("Neg"))
            rules.add(Rule.of(
                            "rotary",
                            op(Add.class, along("cos", any("x")), along("sin", turned())),
                            RotaryRules::rotated)
                    .unless(RotaryRules::rotatedReason)
                    .rounding()
                    .making(RotaryEmbedding.class));
        if (rules.asks("Concat") && rules.met("Slice", "Split"))
            rules.add(Rule.of(
                            "rotary-halves",
                            op(
                                            Concat.class,
                                            op(Sub.class, times(first(), "cos"), times(second(), "sin"))
                                                    .once(),
                                            op(Add.class, times(second(), "cos"), times(first(), "sin"))
                                                    .once())
                                    .where(RotaryRules::isLast),
                            RotaryRules::rotated)
                    .unless(RotaryRules::rotatedReason)
                    .rounding()
                    .making(RotaryEmbedding.class));
        if (rules.asks("Concat") && rules.met("RotaryEmbedding"))
            rules.add(Rule.of(
                            "rotary-part",
                            op(
                                            Concat.class,
                                            op(RotaryEmbedding.class, any("rotated"))
                                                    .open()
                                                    .as("rotary")
                                                    .once(),
                                            any("rest"))
                                    .where(Concat.class, c -> c.axis() == -1 || c.axis() == 3),
                            RotaryRules::part)
                    .unless(RotaryRules::partReason)
                    .making(RotaryEmbedding.class));
        if (rules.asks("RotaryEmbedding"))
            rules.add(Rule.of(
                            "rotary-heads",
                            op(
                                            RotaryEmbedding.class,
                                            op(
                                                            Transpose.class,
                                                            op(Reshape.class, any("x"), any())
                                                                    .as("split"))
                                                    .where(
                                                            Transpose.class,
                                                            t -> t.perm().equals(HEADS_FIRST))
                                                    .as("moved")
                                                    .once())
                                    .open(),
                            RotaryRules::packed)
                    .unless(RotaryRules::packedReason)
                    .making(RotaryEmbedding.class));
    }

    private static List<Class<? extends Op>> unary() {
        return List.of(Cos.class, Sin.class, Cast.class, Neg.class);
    }

    private static List<Class<? extends Op>> views() {
        return List.of(Unsqueeze.class, Squeeze.class, Reshape.class);
    }

    /** A value twice behind itself along the last axis. */
    private static OpPattern twice(String name) {
        return op(Concat.class, any(name), any(name)).where(RotaryRules::isLast);
    }

    private static boolean isLast(Node concat) {
        int axis = ((Concat) concat.op()).axis();
        int rank = Shapes.rank(concat.output());
        return axis == -1 || rank > 0 && axis == rank - 1;
    }

    /** A product with cosines or sines, which are twice the same. */
    private static Pattern along(String name, Pattern x) {
        Pattern table = constant(name + " table", RotaryRules::isTwice);
        return op(Mul.class, x, either(table, twice(name))).once();
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

    /** The second half of x, negated, then the first one. */
    private static Pattern turned() {
        return op(Concat.class, op(Neg.class, second()).once(), first())
                .where(RotaryRules::isLast)
                .once();
    }

    /** The shape of a view of one half, null if it can't be told or the halves are no halves of it. */
    private static Shape half(Match m) {
        Shape to = Shapes.of(m.root().output());
        Shape from = Shapes.of(m.value("twice"));
        Shape x = Shapes.of(m.value("x"));
        boolean fits = to.hasRank() && from.hasRank() && to.rank() > 0 && x.rank() > 0;
        if (!fits
                || !to.dim(-1).equals(from.dim(-1))
                || !to.dim(-1).equals(x.dim(-1).times(Dim.of(2)))) {
            return null;
        }
        Shape half = to.withDim(to.rank() - 1, x.dim(-1));
        return Shapes.target(x, half) == null ? null : half;
    }

    private static Value viewed(Match m, Emitter to) {
        Value once =
                to.add(new Reshape(false), m.value("x"), to.constant(Shapes.target(Shapes.of(m.value("x")), half(m))));
        return to.add(new Concat(-1), once, once);
    }

    /** Whether the second half of each row of a table is its first half. */
    private static boolean isTwice(Tensor t) {
        if (t.rank() < 2 || !t.dtype().isFloating() || t.size() == 0 || t.dim(-1) % 2 != 0) {
            return false;
        }
        long columns = t.dim(-1);
        for (long row = 0; row < t.size(); row += columns) {
            for (long i = 0; i < columns / 2; i++) {
                if (Double.compare(t.getDouble(row + i), t.getDouble(row + columns / 2 + i)) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Tensor once(Tensor twice) {
        long[] dims = twice.dims().clone();
        long columns = dims[dims.length - 1];
        dims[dims.length - 1] = columns / 2;
        Tensor half = Tensor.allocate(twice.dtype(), dims);
        for (long i = 0; i < half.size(); i++) {
            half.setDouble(i, twice.getDouble(i / (columns / 2) * columns + i % (columns / 2)));
        }
        return half;
    }

    private static Value gathered(Match m, Emitter to) {
        Value once = to.add(new Gather(0), to.constant(once(m.constant("table"))), m.value("indices"));
        return to.add(new Concat(-1), once, once);
    }

    private static String rotatedReason(Match m) {
        Shape x = Shapes.of(m.value("x"));
        Shape cos = angles(m, "cos");
        Shape sin = angles(m, "sin");
        if (!x.hasRank() || x.rank() != 4 || !x.dim(3).isKnown()) {
            return "what is rotated has shape " + x;
        }
        long half = x.dim(3).value() / 2;
        if (!isPart(m.value("first"), 0, half)
                || !isPart(m.value("second"), half, x.dim(3).value())) {
            return "what is turned are not the halves";
        }
        return fit(cos, x, half) && fit(sin, x, half)
                ? null
                : "cosines of " + cos + " and sines of " + sin + " are broadcast to " + x;
    }

    /** Whether cosines or sines are the same for all heads, and perhaps for all sequences. */
    private static boolean fit(Shape angles, Shape x, long half) {
        boolean fits = angles.hasRank() && angles.rank() <= 4 && angles.rank() >= 2;
        fits = fits && angles.dim(-1).equals(Dim.of(half)) && angles.dim(-2).equals(x.dim(2));
        fits = fits && (angles.rank() < 3 || angles.dim(-3).equals(Dim.of(1)));
        return fits
                && (angles.rank() < 4
                        || angles.dim(0).equals(x.dim(0))
                        || angles.dim(0).equals(Dim.of(1)));
    }

    /** The shape of cosines or sines for one half. */
    private static Shape angles(Match m, String name) {
        if (!m.has(name + " table")) {
            return Shapes.of(m.value(name));
        }
        Shape twice = Shapes.of(m.value(name + " table"));
        return twice.withDim(twice.rank() - 1, twice.dim(-1).floorDiv(Dim.of(2)));
    }

    /** Whether a value is the elements of the last axis from one number up to another. */
    private static boolean isPart(Value part, long from, long to) {
        Node node = part.producer();
        Shape shape = Shapes.of(part);
        if (!shape.hasRank() || shape.rank() < 1 || !shape.dim(-1).equals(Dim.of(to - from))) {
            return false;
        }
        if (node.op() instanceof Split split) {
            boolean last = split.axis() == -1 || split.axis() == shape.rank() - 1;
            return last && node.outputs().size() == 2;
        }
        Value starts = node.input(1);
        Value axes = node.input(3);
        Value steps = node.input(4);
        boolean one = starts.isConstant() && starts.constant().size() == 1 && axes != null && axes.isConstant();
        if (!one || steps != null && !(steps.isConstant() && Constants.isAll(steps.constant(), 1))) {
            return false;
        }
        long axis = axes.constant().getLong(0);
        return (axis == -1 || axis == shape.rank() - 1) && starts.constant().getLong(0) == from;
    }

    private static Value rotated(Match m, Emitter to) {
        RotaryEmbedding op = new RotaryEmbedding(false, null, 0);
        return to.add(op, m.value("x"), angles(m, to, "cos"), angles(m, to, "sin"));
    }

    /** Cosines or sines as [batch, length, half]. */
    private static Value angles(Match m, Emitter to, String name) {
        Value v = m.has(name + " table") ? to.constant(once(m.constant(name + " table"))) : m.value(name);
        Shape shape = Shapes.of(v);
        Shape x = Shapes.of(m.value("x"));
        Dim batch = shape.rank() == 4 ? shape.dim(0) : Dim.of(1);
        Shape flat = Shape.of(batch, shape.dim(-2), shape.dim(-1));
        Value angles = to.add(new Reshape(false), v, to.constant(Shapes.target(shape, flat)));
        if (batch.equals(x.dim(0))) {
            return angles;
        }
        Value sizes = to.add(new dev.tenon.op.shape.Shape(0, 1), m.value("x"));
        Value ones = to.constant(Tensor.of(new long[] {1, 1}));
        return to.add(new Expand(), angles, to.add(new Concat(0), sizes, ones));
    }

    private static String partReason(Match m) {
        RotaryEmbedding op = m.op("rotary", RotaryEmbedding.class);
        Node first = m.value("rotated").producer();
        Node rest = m.value("rest").producer();
        if (op.width() != 0 || op.interleaved() || op.heads() != null || first == null || rest == null) {
            return "what is rotated is no part";
        }
        Value x = first.inputs().isEmpty() ? null : first.input(0);
        Shape shape = x == null ? Shape.unknownRank() : Shapes.of(x);
        boolean same =
                first.op().getClass() == rest.op().getClass() && !rest.inputs().isEmpty() && rest.input(0) == x;
        boolean cut = first.op() instanceof Slice || first.op() instanceof Split && first == rest;
        if (!same
                || !cut
                || !shape.hasRank()
                || shape.rank() != 4
                || !shape.dim(3).isKnown()) {
            return "what is rotated and what is not are not parts of one value";
        }
        Dim width = Shapes.of(m.value("rotated")).dim(3);
        boolean parts = width.isKnown()
                && isPart(m.value("rotated"), 0, width.value())
                && isPart(m.value("rest"), width.value(), shape.dim(3).value());
        boolean ordered = first.op() instanceof Slice
                || m.value("rotated").index() == 0 && m.value("rest").index() == 1;
        return parts && ordered ? null : "the parts are not all of %" + x.name();
    }

    private static Value part(Match m, Emitter to) {
        long width = Shapes.of(m.value("rotated")).dim(3).value();
        List<Value> operands = new ArrayList<>(m.node("rotary").inputs());
        operands.set(0, m.value("rotated").producer().input(0));
        return to.add(new RotaryEmbedding(false, null, width), operands, 1).getFirst();
    }

    private static String packedReason(Match m) {
        RotaryEmbedding op = m.rootOp(RotaryEmbedding.class);
        Shape x = Shapes.of(m.value("x"));
        Shape split = Shapes.of(m.value("split"));
        boolean fits = op.heads() == null
                && x.hasRank()
                && x.rank() == 3
                && split.rank() == 4
                && x.dim(0).equals(split.dim(0))
                && x.dim(1).equals(split.dim(1))
                && split.dim(2).isKnown()
                && split.dim(3).isKnown()
                && x.dim(2).equals(split.dim(2).times(split.dim(3)));
        return fits ? null : "the heads go from " + x + " to " + split;
    }

    private static Value packed(Match m, Emitter to) {
        RotaryEmbedding op = m.rootOp(RotaryEmbedding.class);
        Node split = m.node("split");
        Long heads = Shapes.of(split.output()).dim(2).value();
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        Value rotated = to.add(new RotaryEmbedding(op.interleaved(), heads, op.width()), operands, 1)
                .getFirst();
        Value apart = to.add(split.op(), rotated, split.input(1));
        return to.add(m.node("moved").op(), apart);
    }
}
