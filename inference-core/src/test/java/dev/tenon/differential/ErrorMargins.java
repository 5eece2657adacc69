package dev.tenon.differential;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The largest difference between results of several nodes, if each node has the largest error that its accuracy allows.
 */
final class ErrorMargins {
    private static final int RUNS = 16;

    private ErrorMargins() {}

    /** For each output the magnitudes for which the accuracy allows that difference; null if it allows none. */
    static List<Datum> magnitudes(Graph graph, Map<Value, Tensor> inputs, Numerics numerics) {
        List<Datum> exact = run(graph, inputs, null);
        List<Datum> all = new ArrayList<>();
        for (Datum d : exact) {
            all.add(
                    numerics.terms() > 0 && d instanceof Tensor t && t.dtype().isFloating()
                            ? Tensor.allocate(DType.FLOAT64, t.dims())
                            : null);
        }
        for (int run = 0; run < RUNS; run++) {
            List<Datum> found = run(graph, inputs, new SplittableRandom(run));
            for (int k = 0; k < all.size(); k++) {
                if (all.get(k) instanceof Tensor m) {
                    widen(m, (Tensor) exact.get(k), (Tensor) found.get(k), numerics);
                }
            }
        }
        return all;
    }

    private static void widen(Tensor m, Tensor exact, Tensor found, Numerics numerics) {
        double unit = numerics.terms() * exact.dtype().epsilon();
        for (long i = 0; i < m.size(); i++) {
            double apart = Math.abs(found.getDouble(i) - exact.getDouble(i)) / unit;
            m.setDouble(i, Math.max(m.getDouble(i), apart));
        }
    }

    private static List<Datum> run(Graph graph, Map<Value, Tensor> inputs, SplittableRandom random) {
        Map<Value, Datum> values = new IdentityHashMap<>(inputs);
        for (Value v : graph.constants()) {
            values.put(v, v.constant());
        }
        for (Node node : graph.nodes()) {
            List<Datum> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(v == null ? null : values.get(v));
            }
            int count = node.outputs().size();
            List<Datum> results = node.op().reference(new Operands(node.op(), node.name(), operands, count));
            List<Datum> magnitudes = random == null ? null : magnitudes(node.op(), operands, count);
            for (int i = 0; i < count; i++) {
                if (node.outputs().get(i) != null) {
                    Datum d = results.get(i);
                    boolean errs =
                            random != null && d instanceof Tensor t && t.dtype().isFloating();
                    values.put(
                            node.outputs().get(i),
                            errs
                                    ? erring(
                                            (Tensor) d,
                                            magnitudes.get(i),
                                            node.op().numerics(),
                                            random)
                                    : d);
                }
            }
        }
        List<Datum> outputs = new ArrayList<>();
        graph.outputs().forEach(v -> outputs.add(values.get(v)));
        return outputs;
    }

    private static List<Datum> magnitudes(Op op, List<Datum> operands, int count) {
        if (!Magnitudes.has(op)) {
            return Closeness.magnitudes(op, operands, count);
        }
        List<Tensor> tensors = new ArrayList<>();
        operands.forEach(d -> tensors.add((Tensor) d));
        return Magnitudes.of(op, tensors);
    }

    private static Tensor erring(Tensor t, Datum magnitude, Numerics numerics, SplittableRandom random) {
        Tensor y = t.copy();
        for (long i = 0; i < t.size(); i++) {
            double v = t.getDouble(i);
            double m = magnitude instanceof Tensor g && g.size() == t.size() ? Math.abs(g.getDouble(i)) : Math.abs(v);
            // Half a unit in the last place rounds to the neighbour or back.
            double ulps = numerics.ulps() > 0 ? Math.max(1, numerics.ulps()) : 0;
            Numerics whole = new Numerics(ulps, numerics.terms(), numerics.floor());
            double error = whole.tolerance(t.dtype(), v, Math.max(Math.abs(v), m));
            y.setDouble(i, random.nextBoolean() ? v + error : v - error);
        }
        return y;
    }
}
