package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Values that have everything twice along their last axis: two equal halves, or pairs of equal elements. A pattern
 * binds the value that is duplicated to a name, and the result of the duplication to that name and one of the suffixes
 * below.
 */
final class DuplicatedHalves {
    /** The operators that give a value another shape. */
    static final List<Class<? extends Op>> VIEWS = List.of(Unsqueeze.class, Squeeze.class, Reshape.class);

    private static final String HALVES = " halves";
    private static final String PAIRS = " pairs";
    private static final String APART = " apart";
    private static final String WIDE = " wide";

    private DuplicatedHalves() {}

    /** A value as two equal halves. */
    static Pattern halves(String name) {
        return op(Concat.class, any(name), any(name))
                .where(DuplicatedHalves::isLast)
                .as(name + HALVES);
    }

    /**
     * A value as pairs of equal elements: gathered twice, or repeated along an axis that is merged with the last one.
     */
    static Pattern pairs(String name) {
        Pattern apart = op(VIEWS, any(name)).open().as(name + APART);
        return either(
                op(Gather.class, any(name), constant(name + " places", DuplicatedHalves::areTwiceEach))
                        .as(name + PAIRS),
                op(
                                Reshape.class,
                                either(
                                        op(List.of(Tile.class, Expand.class), apart, any())
                                                .as(name + WIDE),
                                        op(Concat.class, apart, apart).as(name + WIDE)),
                                any())
                        .as(name + PAIRS));
    }

    static boolean isLast(Node concat) {
        int axis = ((Concat) concat.op()).axis();
        int rank = Shapes.rank(concat.output());
        return axis == -1 || axis >= 0 && axis == rank - 1;
    }

    private static boolean areTwiceEach(Tensor places) {
        for (long i = 0; i < places.size(); i++) {
            if (places.getLong(i) != i / 2) {
                return false;
            }
        }
        return true;
    }

    private static boolean isInPairs(Match m, String name) {
        return m.has(name + PAIRS);
    }

    /** The result of the duplication. */
    static Value whole(Match m, String name) {
        return m.value(name + (isInPairs(m, name) ? PAIRS : HALVES));
    }

    /** The shape of the value that is duplicated; null if it is not known, or if it is not known to be duplicated. */
    static Shape shape(Match m, String name) {
        Shape own = Shapes.of(m.value(name));
        if (!isInPairs(m, name)) {
            return own;
        }
        Shape whole = Shapes.of(whole(m, name));
        if (!whole.hasRank() || whole.rank() == 0 || !whole.dim(-1).isKnown()) {
            return null;
        }
        Shape once = half(whole);
        if (!m.has(name + WIDE)) {
            // Along another axis than the last one, that one would stay as it was.
            return own.equals(once) ? once : null;
        }
        // Rows of even length that are made of adjacent pairs are pairs, however the other axes are cut.
        boolean fits = whole.dim(-1).value() % 2 == 0
                && arePairs(Shapes.of(m.value(name + APART)), Shapes.of(m.value(name + WIDE)))
                && Shapes.target(own, once) != null;
        return fits ? once : null;
    }

    /** Whether a last axis of one element became an axis of two. */
    static boolean arePairs(Shape apart, Shape wide) {
        return apart.hasRank()
                && apart.rank() > 0
                && apart.dim(-1).equals(Dim.of(1))
                && wide.equals(apart.withDim(apart.rank() - 1, Dim.of(2)));
    }

    /** Why a value is not known to be duplicated, or null. */
    static String reason(Match m, String name) {
        return shape(m, name) == null ? "elements are not known to be duplicated" : null;
    }

    /** The shape of one half. */
    static Shape half(Shape twice) {
        return twice.withDim(twice.rank() - 1, twice.dim(-1).floorDiv(Dim.of(2)));
    }

    /** The value that is duplicated. */
    static Value once(Match m, Emitter to, String name) {
        return reshaped(to, m.value(name), shape(m, name));
    }

    /** A value with another shape that Reshape can give it. */
    static Value reshaped(Emitter to, Value v, Shape shape) {
        Shape own = Shapes.of(v);
        return own.equals(shape) ? v : to.add(new Reshape(false), v, to.constant(Shapes.target(own, shape)));
    }

    /** Duplicates a value as the value of a match was. */
    static Value again(Match m, Emitter to, String name, Value once) {
        return again(to, once, isInPairs(m, name));
    }

    /** Duplicates a value along its last axis, in pairs or as halves. */
    static Value again(Emitter to, Value once, boolean pairs) {
        if (!pairs) {
            return to.add(new Concat(-1), once, once);
        }
        Tensor places = Tensor.allocate(DType.INT64, 2 * Shapes.of(once).dim(-1).value());
        for (long i = 0; i < places.size(); i++) {
            places.setLong(i, i / 2);
        }
        return to.add(new Gather(-1), once, to.constant(places));
    }

    /** Whether each row of a table is made of equal halves, or of pairs of equal elements. */
    static boolean isTwice(Tensor t, boolean pairs) {
        if (t.rank() < 2 || !t.dtype().isFloating() || t.dim(-1) % 2 != 0) {
            return false;
        }
        long half = t.dim(-1) / 2;
        for (long row = 0; row < t.size(); row += 2 * half) {
            for (long i = 0; i < half; i++) {
                long first = row + (pairs ? 2 * i : i);
                if (Double.compare(t.getDouble(first), t.getDouble(first + (pairs ? 1 : half))) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A single half of such a table. */
    static Tensor once(Tensor twice, boolean pairs) {
        long[] dims = twice.dims().clone();
        long half = dims[dims.length - 1] / 2;
        dims[dims.length - 1] = half;
        Tensor once = Tensor.allocate(twice.dtype(), dims);
        for (long i = 0; i < once.size(); i++) {
            once.setDouble(i, twice.getDouble(i / half * 2 * half + (pairs ? i % half * 2 : i % half)));
        }
        return once;
    }
}
