package dev.tenon.serving.versions;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.run.RowComparison;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.Map;
import java.util.stream.Stream;

/** Whether two versions agree on a call. Immutable. */
public final class Compare {
    /** How outputs are compared. */
    private enum Kind {
        TOLERANCE,
        LARGEST
    }

    private static final long NO_ORDER = -2;

    private final Kind kind;
    private final double tolerance;

    private Compare(Kind kind, double tolerance) {
        this.kind = kind;
        this.tolerance = tolerance;
    }

    /**
     * Compares all outputs; those that are sequences or maps, value by value. Their difference is the largest distance
     * of two elements, divided by the largest absolute value of the output, or by 1 if this is larger.
     *
     * @param difference the largest difference at which versions agree, at least 0; 0 for equal bits
     * @return the comparison
     * @throws InvalidOptionException if the difference is negative or NaN
     */
    public static Compare tolerance(double difference) {
        if (!(difference >= 0)) {
            throw new InvalidOptionException("Compare.tolerance", Double.toString(difference), "0 or more", null);
        }
        return new Compare(Kind.TOLERANCE, difference);
    }

    /**
     * Compares where the largest element of each row is: the class, of a classifier. The rows of a sequence are its
     * elements: maps from classes to scores, say. Strings are compared as they are. A
     * row with a NaN agrees only with one that has a NaN, too. The difference is the share of the rows in which this differs.
     *
     * @param share the largest share at which versions agree, at least 0
     * @return the comparison
     * @throws InvalidOptionException if the share is negative or NaN
     */
    public static Compare largest(double share) {
        if (!(share >= 0)) {
            throw new InvalidOptionException("Compare.largest", Double.toString(share), "0 or more", null);
        }
        return new Compare(Kind.LARGEST, share);
    }

    /** {@return the largest difference at which versions agree} */
    public double tolerance() {
        return tolerance;
    }

    /**
     * The difference of two sets of outputs.
     *
     * @param expected the outputs that a caller got
     * @param found the outputs of another version
     * @return the difference; infinite if an output is missing, or has another type or shape
     */
    public double difference(Map<String, ? extends Datum> expected, Map<String, ? extends Datum> found) {
        double largest = 0;
        for (Map.Entry<String, ? extends Datum> e : expected.entrySet()) {
            Datum other = found.get(e.getKey());
            boolean fits = other != null && other.type().equals(e.getValue().type());
            largest = Math.max(largest, fits ? difference(e.getValue(), other) : Double.POSITIVE_INFINITY);
        }
        return largest;
    }

    private double difference(Datum a, Datum b) {
        double distance = RowComparison.distance(a, b);
        return switch (kind) {
            case TOLERANCE -> distance / Math.max(1, RowComparison.magnitude(a));
            // Equal rows have their largest elements at the same place.
            case LARGEST -> distance == 0 ? 0 : rowsThatDiffer(a, b);
        };
    }

    private static double rowsThatDiffer(Datum a, Datum b) {
        if (a instanceof Tensor s && b instanceof Tensor t) {
            return rowsThatDiffer(s, t);
        }
        if (!(a instanceof TensorSequence s && b instanceof TensorSequence t) || s.size() != t.size()) {
            return Double.POSITIVE_INFINITY;
        }
        double differ = 0;
        for (int i = 0; i < s.size(); i++) {
            differ += isSame(s.get(i), t.get(i)) ? 0 : 1;
        }
        return differ / Math.max(1, s.size());
    }

    /** Whether two elements of sequences agree. Strings have no order. */
    private static boolean isSame(Datum a, Datum b) {
        boolean ordered = Stream.of(a, b)
                .flatMap(d -> RowComparison.tensors(d).stream())
                .noneMatch(t -> t.dtype() == DType.STRING);
        return ordered ? largest(a) == largest(b) : RowComparison.distance(a, b) == 0;
    }

    /** Whether an element is NaN. */
    private static boolean hasNaN(Tensor t, long from, long count) {
        for (long i = from; t.dtype().isFloating() && i < from + count; i++) {
            if (Double.isNaN(t.getDouble(i))) {
                return true;
            }
        }
        return false;
    }

    /** Which of all elements of the tensors of a value is the largest: {@value #NO_ORDER} if one is NaN. */
    private static long largest(Datum row) {
        long best = -1;
        long before = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (Tensor t : RowComparison.tensors(row)) {
            long own = largest(t, 0, t.size());
            if (own == NO_ORDER) {
                return NO_ORDER;
            }
            if (t.size() > 0 && (best < 0 || t.getDouble(own) > most)) {
                best = before + own;
                most = t.getDouble(own);
            }
            before += t.size();
        }
        return best;
    }

    private static double rowsThatDiffer(Tensor a, Tensor b) {
        long rows = a.rank() == 0 ? 1 : a.dim(0);
        if (a.rank() == 0 && a.dtype() == DType.STRING) {
            return a.contentEquals(b) ? 0 : 1;
        }
        if (rows == 0 || a.size() == 0) {
            return 0;
        }
        long columns = a.size() / rows;
        long differ = 0;
        for (long row = 0; row < rows; row++) {
            boolean same = a.dtype() == DType.STRING
                    ? a.slice(row, row + 1).contentEquals(b.slice(row, row + 1))
                    : largest(a, row * columns, columns) == largest(b, row * columns, columns);
            differ += same ? 0 : 1;
        }
        return (double) differ / rows;
    }

    /** Which element is the largest: {@value #NO_ORDER} if one is NaN, which no class agrees with. */
    private static long largest(Tensor t, long from, long count) {
        if (hasNaN(t, from, count)) {
            return NO_ORDER;
        }
        long best = 0;
        for (long i = 1; i < count; i++) {
            if (t.getDouble(from + i) > t.getDouble(from + best)) {
                best = i;
            }
        }
        return best;
    }
}
