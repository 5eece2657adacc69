package dev.tenon.samples.verify;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.Arrays;

/**
 * Compares an output with the expected one. They agree if types and shapes are equal, and if all numbers satisfy
 * {@code |actual - expected| <= absolute + relative * |expected|}.
 *
 * @param relative the relative tolerance
 * @param absolute the absolute tolerance
 * @param values whether values are compared; false for random outputs, of which only type and shape are compared
 */
record Agreement(double relative, double absolute, boolean values) {
    /** Describes the first difference between two data; null if they agree. */
    String difference(Datum actual, Datum expected) {
        return switch (expected) {
            case Tensor e -> actual instanceof Tensor a ? tensors(a, e) : kind(actual, expected);
            case TensorSequence e -> actual instanceof TensorSequence a ? sequences(a, e) : kind(actual, expected);
            case OptionalDatum e -> {
                if (!(actual instanceof OptionalDatum a)) {
                    yield e.isPresent() ? difference(actual, e.get()) : kind(actual, expected);
                }
                if (a.isPresent() != e.isPresent()) {
                    yield a.isPresent() ? "a value instead of nothing" : "nothing instead of a value";
                }
                yield e.isPresent() ? difference(a.get(), e.get()) : null;
            }
            case MapDatum e -> actual instanceof MapDatum a ? maps(a, e) : kind(actual, expected);
        };
    }

    private static String kind(Datum actual, Datum expected) {
        return (actual == null ? "nothing" : actual.type()) + " instead of " + expected.type();
    }

    private String sequences(TensorSequence actual, TensorSequence expected) {
        if (actual.size() != expected.size()) {
            return actual.size() + " elements instead of " + expected.size();
        }
        for (int i = 0; i < expected.size(); i++) {
            String why = difference(actual.get(i), expected.get(i));
            if (why != null) {
                return "element " + i + ": " + why;
            }
        }
        return null;
    }

    private String maps(MapDatum actual, MapDatum expected) {
        if (!actual.asMap().keySet().equals(expected.asMap().keySet())) {
            return "keys " + actual.asMap().keySet() + " instead of "
                    + expected.asMap().keySet();
        }
        for (Object key : expected.asMap().keySet()) {
            String why = difference(actual.asMap().get(key), expected.asMap().get(key));
            if (why != null) {
                return "key " + key + ": " + why;
            }
        }
        return null;
    }

    private String tensors(Tensor actual, Tensor expected) {
        if (actual.dtype() != expected.dtype() || !Arrays.equals(actual.dims(), expected.dims())) {
            return actual.type() + " instead of " + expected.type();
        }
        if (!values) {
            return null;
        }
        for (long i = 0; i < expected.size(); i++) {
            if (expected.dtype() == DType.STRING) {
                if (!Arrays.equals(actual.getUtf8(i), expected.getUtf8(i))) {
                    return at(i, actual.getString(i), expected.getString(i));
                }
            } else if (expected.dtype().isComplex()) {
                if (!close(actual.getReal(i), expected.getReal(i))
                        || !close(actual.getImaginary(i), expected.getImaginary(i))) {
                    return at(i, actual.getReal(i), expected.getReal(i));
                }
            } else if (expected.dtype().isFloating()) {
                if (!close(actual.getDouble(i), expected.getDouble(i))) {
                    return at(i, actual.getDouble(i), expected.getDouble(i));
                }
            } else if (actual.getLong(i) != expected.getLong(i)) {
                return at(i, actual.getLong(i), expected.getLong(i));
            }
        }
        return null;
    }

    private boolean close(double a, double e) {
        return a == e || Double.isNaN(a) && Double.isNaN(e) || Math.abs(a - e) <= absolute + relative * Math.abs(e);
    }

    private static String at(long i, Object actual, Object expected) {
        return "element " + i + " is " + actual + " instead of " + expected;
    }
}
