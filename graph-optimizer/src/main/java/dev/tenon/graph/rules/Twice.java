package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
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
 * What has everything twice along its last axis: a value behind itself, or each of its elements beside itself. A pattern
 * binds the value to its name, behind any view that it is seen through, and the whole to that name and one of the ends
 * below.
 */
final class Twice {
    private static final String BEHIND = " behind";
    private static final String BESIDE = " beside";
    private static final String APART = " apart";
    private static final String WIDE = " wide";

    private Twice() {}

    /** The operators that see a value with an axis more or less; listed when they are asked for, as naming them loads them. */
    static List<Class<? extends Op>> views() {
        return List.of(Unsqueeze.class, Squeeze.class, Reshape.class);
    }

    /** A value behind itself. */
    static Pattern behind(String name) {
        return op(Concat.class, any(name), any(name)).where(Twice::isLast).as(name + BEHIND);
    }

    /** Each element of a value beside itself: taken two times, or repeated along an axis that is merged with the last. */
    static Pattern beside(String name) {
        Pattern apart = op(views(), any(name)).open().as(name + APART);
        return either(
                op(Gather.class, any(name), constant(name + " places", Twice::areInPairs))
                        .where(Twice::takesLast)
                        .as(name + BESIDE),
                op(
                                Reshape.class,
                                either(
                                        op(List.of(Tile.class, Expand.class), apart, any())
                                                .as(name + WIDE),
                                        op(Concat.class, apart, apart).as(name + WIDE)),
                                any())
                        .as(name + BESIDE));
    }

    static boolean isLast(Node concat) {
        int axis = ((Concat) concat.op()).axis();
        int rank = Shapes.rank(concat.output());
        return axis == -1 || rank > 0 && axis == rank - 1;
    }

    private static boolean takesLast(Node gather) {
        int axis = ((Gather) gather.op()).axis();
        int rank = Shapes.rank(gather.input(0));
        return axis == -1 || rank > 0 && axis == rank - 1;
    }

    private static boolean areInPairs(Tensor places) {
        boolean fits = places.rank() == 1 && places.size() % 2 == 0;
        for (long i = 0; fits && i < places.size(); i++) {
            fits = places.getLong(i) == i / 2;
        }
        return fits;
    }

    private static boolean isBeside(Match m, String name) {
        return m.has(name + BESIDE);
    }

    /** All of it. */
    static Value whole(Match m, String name) {
        return m.value(name + (isBeside(m, name) ? BESIDE : BEHIND));
    }

    /** The shape of what is there twice; null if it is not known, or if it is not there twice. */
    static Shape shape(Match m, String name) {
        Shape own = Shapes.of(m.value(name));
        if (!isBeside(m, name)) {
            return own;
        }
        Shape whole = Shapes.of(whole(m, name));
        if (!whole.hasRank() || whole.rank() < 1 || !whole.dim(-1).isKnown()) {
            return null;
        }
        Shape once = half(whole);
        boolean fits = whole.dim(-1).value() % 2 == 0;
        if (m.has(name + WIDE)) {
            // Rows of even length made of pairs that lie together are pairs, wherever else the shape is cut.
            fits = fits
                    && arePairs(Shapes.of(m.value(name + APART)), Shapes.of(m.value(name + WIDE)))
                    && Shapes.target(own, once) != null;
        } else {
            fits = fits && own.equals(once);
        }
        return fits ? once : null;
    }

    /** Whether two elements, or one of them twice, lie beside each other where one was apart. */
    static boolean arePairs(Shape apart, Shape wide) {
        return apart.hasRank()
                && wide.hasRank()
                && apart.rank() > 0
                && apart.dim(-1).equals(Dim.of(1))
                && wide.equals(apart.withDim(apart.rank() - 1, Dim.of(2)));
    }

    /** Why nothing is there twice, or null. */
    static String reason(Match m, String name) {
        return shape(m, name) == null ? "elements are not known to be there twice" : null;
    }

    static Shape half(Shape twice) {
        return twice.withDim(twice.rank() - 1, twice.dim(-1).floorDiv(Dim.of(2)));
    }

    /** What is there twice. */
    static Value once(Match m, Emitter to, String name) {
        Value v = m.value(name);
        return isBeside(m, name) ? reshaped(to, v, shape(m, name)) : v;
    }

    /** A value under another shape, for which there is a target. */
    static Value reshaped(Emitter to, Value v, Shape shape) {
        Shape own = Shapes.of(v);
        return own.equals(shape) ? v : to.add(new Reshape(false), v, to.constant(Shapes.target(own, shape)));
    }

    /** A value twice, as another one was. */
    static Value again(Match m, Emitter to, String name, Value once) {
        return again(to, once, isBeside(m, name));
    }

    static Value again(Emitter to, Value once, boolean beside) {
        if (!beside) {
            return to.add(new Concat(-1), once, once);
        }
        Tensor places = Tensor.allocate(DType.INT64, 2 * Shapes.of(once).dim(-1).value());
        for (long i = 0; i < places.size(); i++) {
            places.setLong(i, i / 2);
        }
        return to.add(new Gather(-1), once, to.constant(places));
    }

    /** Whether each row of a table is one behind itself, or of elements beside themselves. */
    static boolean isTwice(Tensor t, boolean beside) {
        if (t.rank() < 2 || !t.dtype().isFloating() || t.size() == 0 || t.dim(-1) % 2 != 0) {
            return false;
        }
        long half = t.dim(-1) / 2;
        for (long row = 0; row < t.size(); row += 2 * half) {
            for (long i = 0; i < half; i++) {
                long first = row + (beside ? 2 * i : i);
                if (Double.compare(t.getDouble(first), t.getDouble(first + (beside ? 1 : half))) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The half of such a table. */
    static Tensor once(Tensor twice, boolean beside) {
        long[] dims = twice.dims().clone();
        long half = dims[dims.length - 1] / 2;
        dims[dims.length - 1] = half;
        Tensor once = Tensor.allocate(twice.dtype(), dims);
        for (long i = 0; i < once.size(); i++) {
            once.setDouble(i, twice.getDouble(i / half * 2 * half + (beside ? i % half * 2 : i % half)));
        }
        return once;
    }
}
