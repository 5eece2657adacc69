package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/** Compares rows of outputs of a batch with outputs of calls. */
public final class RowComparison {
    private RowComparison() {}

    /**
     * Whether rows of outputs have the bits of the outputs of a call.
     *
     * @param together outputs of several calls
     * @param from the first row of the call in them
     * @param single the outputs of the call alone
     * @return whether all bits are equal
     */
    public static boolean equal(Outputs together, int from, Outputs single) {
        for (Map.Entry<String, Datum> e : single.entrySet()) {
            boolean same =
                    switch (e.getValue()) {
                        case Tensor own ->
                            together.tensor(e.getKey())
                                    .slice(from, from + own.dim(0))
                                    .contentEquals(own);
                        case TensorSequence own ->
                            together.get(e.getKey()) instanceof TensorSequence all
                                    && all.size() - from >= own.size()
                                    && largest(all.slice(from, from + own.size()), own, RowComparison::unequal) == 0;
                        default -> false;
                    };
            if (!same) {
                return false;
            }
        }
        return true;
    }

    /**
     * The largest distance of two elements at the same place. Equal elements, equal infinities and two NaNs have none;
     * another NaN or infinity is infinitely far away. Strings are 0 or infinitely far apart.
     *
     * @param a a value
     * @param b another one
     * @return the distance; infinite if kinds, element types, sizes or keys differ
     */
    public static double distance(Datum a, Datum b) {
        return largest(a, b, RowComparison::between);
    }

    /** The largest distance of two tensors at the same place of two values. */
    private static double largest(Datum a, Datum b, ToDoubleBiFunction<Tensor, Tensor> distance) {
        return switch (a) {
            case Tensor t when b instanceof Tensor u -> distance.applyAsDouble(t, u);
            case TensorSequence s when b instanceof TensorSequence t -> largest(s.elements(), t.elements(), distance);
            case MapDatum m
            when b instanceof MapDatum n && m.keys().contentEquals(n.keys()) ->
                largest(m.asMap().values(), n.asMap().values(), distance);
            case OptionalDatum o
            when b instanceof OptionalDatum p ->
                largest(o.value().stream().toList(), p.value().stream().toList(), distance);
            default -> Double.POSITIVE_INFINITY;
        };
    }

    private static double largest(
            Collection<Datum> a, Collection<Datum> b, ToDoubleBiFunction<Tensor, Tensor> distance) {
        if (a.size() != b.size()) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        Iterator<Datum> others = b.iterator();
        for (Datum value : a) {
            most = Math.max(most, largest(value, others.next(), distance));
        }
        return most;
    }

    private static double unequal(Tensor a, Tensor b) {
        return a.contentEquals(b) ? 0 : Double.POSITIVE_INFINITY;
    }

    private static double between(Tensor a, Tensor b) {
        if (a.contentEquals(b)) {
            return 0;
        }
        if (a.size() != b.size() || a.dtype() != b.dtype() || !isReal(a)) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (long i = 0; i < a.size(); i++) {
            double x = a.getDouble(i);
            double y = b.getDouble(i);
            if (x != y && !(Double.isNaN(x) && Double.isNaN(y))) {
                double d = Math.abs(x - y);
                largest = Math.max(largest, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
            }
        }
        return largest;
    }

    private static boolean isReal(Tensor t) {
        return t.dtype().isFloating() || t.dtype().isInteger() || t.dtype() == DType.BOOL;
    }

    /**
     * The largest absolute value of the finite elements.
     *
     * @param value a value
     * @return the absolute value, 0 if there is none
     */
    public static double magnitude(Datum value) {
        double largest = 0;
        for (Tensor t : tensors(value)) {
            largest = Math.max(largest, magnitude(t));
        }
        return largest;
    }

    /**
     * All tensors of a value, keys of maps aside.
     *
     * @param value the value
     * @return the tensors in their order
     */
    public static List<Tensor> tensors(Datum value) {
        List<Tensor> found = new ArrayList<>();
        collect(value, found);
        return found;
    }

    private static void collect(Datum value, List<Tensor> found) {
        switch (value) {
            case Tensor t -> found.add(t);
            case TensorSequence s -> s.forEach(element -> collect(element, found));
            case MapDatum m -> m.asMap().values().forEach(element -> collect(element, found));
            case OptionalDatum o -> o.value().ifPresent(element -> collect(element, found));
        }
    }

    private static double magnitude(Tensor t) {
        double largest = 0;
        for (long i = 0; isReal(t) && i < t.size(); i++) {
            double x = Math.abs(t.getDouble(i));
            largest = Double.isFinite(x) ? Math.max(largest, x) : largest;
        }
        return largest;
    }
}
