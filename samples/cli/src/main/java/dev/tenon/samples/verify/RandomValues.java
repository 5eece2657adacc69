package dev.tenon.samples.verify;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.ViewOp;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.random.Bernoulli;
import dev.tenon.op.random.Multinomial;
import dev.tenon.op.random.RandomUniform;
import dev.tenon.op.random.RandomUniformLike;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The values of a graph that depend on random operators, and their bounds. Interval arithmetic derives the bounds from
 * the inputs of the graph and from the ranges of random operators. For one thread.
 */
final class RandomValues {
    /**
     * Bounds of all elements of a value.
     *
     * @param low the least value
     * @param high the largest value
     * @param whole whether every element is a whole number
     */
    record Range(double low, double high, boolean whole) {
        private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);
        private static final Range ZERO_OR_ONE = new Range(0, 1, true);

        private static Range around(double... candidates) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double c : candidates) {
                if (Double.isNaN(c)) {
                    return ANY;
                }
                low = Math.min(low, c);
                high = Math.max(high, c);
            }
            return new Range(low, high, false);
        }

        /**
         * Describes the first element that is outside of the bounds by more than rounding explains; null if there is
         * none.
         */
        String violation(Tensor t, double relative, double absolute) {
            for (long i = 0; i < t.size(); i++) {
                double v = t.dtype().isFloating() ? t.getDouble(i) : (double) t.getLong(i);
                boolean inside = v >= low - absolute - relative * Math.abs(low)
                        && v <= high + absolute + relative * Math.abs(high);
                if (!inside && !equals(ANY) || whole && v != Math.rint(v)) {
                    return "element " + i + " is " + v + ", outside of the bounds of this random value: " + this;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return (whole ? "whole numbers in [" : "[") + low + ", " + high + "]";
        }
    }

    private final Set<Value> dependent = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Value, Range> ranges = new IdentityHashMap<>();

    private RandomValues() {}

    /** Finds the random values of a graph with some inputs. */
    static RandomValues of(Graph graph, Map<String, Datum> inputs) {
        RandomValues random = new RandomValues();
        for (Node node : graph.nodes()) {
            if (!node.op().deterministic() || node.inputs().stream().anyMatch(random.dependent::contains)) {
                node.outputs().stream().filter(v -> v != null).forEach(random.dependent::add);
            }
        }
        if (!random.dependent.isEmpty()) {
            random.bound(graph, inputs);
        }
        return random;
    }

    /** Whether a value depends on random operators. */
    boolean contains(Value v) {
        return dependent.contains(v);
    }

    /** The bounds of a value. */
    Range range(Value v) {
        return ranges.getOrDefault(v, Range.ANY);
    }

    private void bound(Graph graph, Map<String, Datum> inputs) {
        for (Value v : graph.inputs()) {
            ranges.put(v, of(inputs.get(v.name())));
        }
        for (Value v : graph.constants()) {
            ranges.put(v, of(v.constant()));
        }
        for (Node node : graph.nodes()) {
            for (Value v : node.outputs()) {
                if (v != null) {
                    ranges.put(v, isBool(v) ? Range.ZERO_OR_ONE : of(node));
                }
            }
        }
    }

    private static boolean isBool(Value v) {
        return v.tensorType() != null && v.tensorType().dtype() == DType.BOOL;
    }

    private static Range of(Datum d) {
        if (!(d instanceof Tensor t)
                || t.size() == 0
                || t.dtype() == DType.STRING
                || t.dtype().isComplex()) {
            return Range.ANY;
        }
        double[] values = new double[(int) Math.min(t.size(), Integer.MAX_VALUE)];
        for (int i = 0; i < values.length; i++) {
            values[i] = t.dtype().isFloating() ? t.getDouble(i) : (double) t.getLong(i);
        }
        return values.length == t.size() ? Range.around(values) : Range.ANY;
    }

    private Range of(Node node) {
        Op op = node.op();
        return switch (op) {
            case RandomUniform r -> new Range(r.low(), r.high(), false);
            case RandomUniformLike r -> new Range(r.low(), r.high(), false);
            case Bernoulli r -> Range.ZERO_OR_ONE;
            case Multinomial r -> new Range(0, classes(node), true);
            case ViewOp r -> range(node.input(0));
            case Cast r -> range(node.input(0));
            case CastLike r -> range(node.input(0));
            case Where r -> union(range(node.input(1)), range(node.input(2)));
            case Add r -> arithmetic(node, '+');
            case Sub r -> arithmetic(node, '-');
            case Mul r -> arithmetic(node, '*');
            case Div r -> arithmetic(node, '/');
            default -> Range.ANY;
        };
    }

    private static double classes(Node node) {
        TensorType type = node.input(0).tensorType();
        boolean known = type != null
                && type.shape().hasRank()
                && type.shape().rank() > 0
                && type.shape().dims().getLast().isKnown();
        return known ? type.shape().dims().getLast().value() - 1.0 : Double.POSITIVE_INFINITY;
    }

    private static Range union(Range a, Range b) {
        return new Range(Math.min(a.low, b.low), Math.max(a.high, b.high), a.whole && b.whole);
    }

    private Range arithmetic(Node node, char operator) {
        Range a = range(node.input(0));
        Range b = range(node.input(1));
        return switch (operator) {
            case '+' -> Range.around(a.low + b.low, a.high + b.high);
            case '-' -> Range.around(a.low - b.high, a.high - b.low);
            case '*' -> Range.around(a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high);
            default ->
                b.low <= 0 && b.high >= 0
                        ? Range.ANY
                        : Range.around(a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high);
        };
    }

    /** Describes the first element of a random output that is outside of its bounds; null if there is none. */
    static String violation(Datum actual, Range range, double relative, double absolute) {
        return actual instanceof Tensor t
                        && t.dtype() != DType.STRING
                        && !t.dtype().isComplex()
                ? range.violation(t, relative, absolute)
                : null;
    }
}
