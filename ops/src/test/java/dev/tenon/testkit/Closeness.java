package dev.tenon.testkit;

import dev.tenon.error.TenonException;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import dev.tenon.op.math.Swish;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Compares results by the accuracy contract of their operator. */
public final class Closeness {
    private Closeness() {}

    /**
     * Fails unless two data agree.
     *
     * @param what the thing that is compared, for the message
     * @param actual the result
     * @param expected the exact result
     * @param magnitude the largest absolute values on the way to each element, or null for the expected values
     * @param numerics the contract
     */
    public static void check(String what, Datum actual, Datum expected, Datum magnitude, Numerics numerics) {
        switch (expected) {
            case Tensor t -> {
                if (!(actual instanceof Tensor a)) {
                    throw new AssertionError(what + ": " + actual + " instead of a tensor");
                }
                tensors(what, a, t, magnitude instanceof Tensor m && m.size() == t.size() ? m : null, numerics);
            }
            case TensorSequence s -> {
                TensorSequence a = (TensorSequence) actual;
                same(what + ": size", a.size(), s.size());
                for (int i = 0; i < s.size(); i++) {
                    check(what + "[" + i + "]", a.get(i), s.get(i), null, numerics);
                }
            }
            case OptionalDatum o -> {
                same(what + ": presence", ((OptionalDatum) actual).isPresent(), o.isPresent());
                if (o.isPresent()) {
                    check(what, ((OptionalDatum) actual).get(), o.get(), null, numerics);
                }
            }
            case MapDatum m -> {
                MapDatum a = (MapDatum) actual;
                same(what + ": keys", a.asMap().keySet(), m.asMap().keySet());
                m.asMap()
                        .forEach((k, v) -> check(what + "[" + k + "]", a.asMap().get(k), v, null, numerics));
            }
        }
    }

    /**
     * Fails unless two arrays hold the same numbers. Any NaN equals any other, and zeros of different signs differ.
     *
     * @param what the thing that is compared, for the message
     * @param found the result
     * @param expected the numbers that it must hold
     */
    public static void requireEqual(String what, float[] found, float[] expected) {
        int at = Arrays.mismatch(found, expected);
        if (at >= 0) {
            throw new AssertionError(what + ", element " + at + ": "
                    + (at < found.length ? found[at] : "none") + " instead of "
                    + (at < expected.length ? expected[at] : "none"));
        }
    }

    private static void same(String what, Object actual, Object expected) {
        if (!actual.equals(expected)) {
            throw new AssertionError(what + ": " + actual + " instead of " + expected);
        }
    }

    private static void tensors(String what, Tensor actual, Tensor expected, Tensor magnitude, Numerics numerics) {
        if (actual.dtype() != expected.dtype() || !Arrays.equals(actual.dims(), expected.dims())) {
            throw new AssertionError(what + ": " + actual.type() + " instead of " + expected.type());
        }
        DType type = expected.dtype();
        for (long i = 0; i < expected.size(); i++) {
            if (type == DType.STRING) {
                if (!Arrays.equals(actual.getUtf8(i), expected.getUtf8(i))) {
                    throw at(what, i, actual.getString(i), expected.getString(i), "exact");
                }
            } else if (type.isComplex()) {
                number(
                        what,
                        i,
                        actual.getReal(i),
                        expected.getReal(i),
                        bound(numerics, DType.FLOAT32, expected.getReal(i), 0));
                number(
                        what,
                        i,
                        actual.getImaginary(i),
                        expected.getImaginary(i),
                        bound(numerics, DType.FLOAT32, expected.getImaginary(i), 0));
            } else if (type.isFloating()) {
                double e = expected.getDouble(i);
                double a = actual.getDouble(i);
                if (same(a, e)) {
                    continue;
                }
                // An operator may negate the sum of absolute values.
                double m = magnitude == null ? Math.abs(e) : Math.max(Math.abs(e), Math.abs(magnitude.getDouble(i)));
                number(what, i, a, e, bound(numerics, type, e, m));
            } else if (actual.getLong(i) != expected.getLong(i)) {
                throw at(what, i, actual.getLong(i), expected.getLong(i), "exact");
            }
        }
    }

    private static double bound(Numerics numerics, DType type, double expected, double magnitude) {
        double m = Double.isFinite(magnitude) ? magnitude : Math.abs(expected);
        return numerics.tolerance(type, expected, m);
    }

    private static void number(String what, long i, double actual, double expected, double bound) {
        if (!same(actual, expected) && !(Math.abs(actual - expected) <= bound)) {
            throw at(what, i, actual, expected, "+-" + bound);
        }
    }

    private static boolean same(double actual, double expected) {
        return Double.isNaN(expected) ? Double.isNaN(actual) : actual == expected;
    }

    private static AssertionError at(String what, long i, Object actual, Object expected, String bound) {
        return new AssertionError(
                what + " at element " + i + ": " + actual + " instead of " + expected + " (" + bound + ")");
    }

    /**
     * The sums of absolute values to which bounds of errors are relative: the results of the operator for the absolute
     * values of its operands and factors.
     *
     * @param op the operator
     * @param inputs its operands
     * @param outputs the number of outputs
     * @return one datum for each output, or nulls if the operator does not accept absolute values
     */
    public static List<Datum> magnitudes(Op op, List<Datum> inputs, int outputs) {
        List<Datum> absolute = new ArrayList<>();
        for (Datum d : inputs) {
            absolute.add(d instanceof Tensor t && t.dtype().isFloating() ? abs(t) : d);
        }
        try {
            Op own = absolute(op);
            List<Datum> sums = own.reference(new Operands(own, "", absolute, outputs));
            boolean rotates = op instanceof RotaryEmbedding || op instanceof QkvRotaryEmbedding;
            return rotates ? rotated(own, absolute, sums) : sums;
        } catch (TenonException e) {
            return new ArrayList<>(Collections.nCopies(outputs, null));
        }
    }

    /** Rotations: some results are differences of products. With negated sines they are the sums, so both signs are tried. */
    private static List<Datum> rotated(Op op, List<Datum> absolute, List<Datum> sums) {
        List<Datum> other = new ArrayList<>(absolute);
        other.set(2, negated((Tensor) absolute.get(2)));
        Tensor a = (Tensor) sums.getFirst();
        Tensor b = (Tensor) op.reference(new Operands(op, "", other, 1)).getFirst();
        for (long i = 0; i < a.size(); i++) {
            a.setDouble(i, Math.max(Math.abs(a.getDouble(i)), Math.abs(b.getDouble(i))));
        }
        return List.of(a);
    }

    private static Tensor negated(Tensor t) {
        Tensor n = Tensor.allocate(t.dtype(), t.dims());
        for (long i = 0; i < t.size(); i++) {
            n.setDouble(i, -t.getDouble(i));
        }
        return n;
    }

    /** The operator with the absolute values of its factors. */
    private static Op absolute(Op op) {
        return switch (op) {
            case Gemm g -> new Gemm(Math.abs(g.alpha()), Math.abs(g.beta()), g.transA(), g.transB());
            case Swish s -> new Swish(Math.abs(s.alpha()));
            default -> op;
        };
    }

    private static Tensor abs(Tensor t) {
        Tensor a = Tensor.allocate(t.dtype(), t.dims());
        for (long i = 0; i < t.size(); i++) {
            double x = t.getDouble(i);
            // Negative infinity is kept: it excludes elements in masks.
            a.setDouble(i, x == Double.NEGATIVE_INFINITY ? x : Math.abs(x));
        }
        return a;
    }
}
