package dev.tenon.exec;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random graphs of operators with exact results. Floats stay integers below 2^24: any order of summation gives the same
 * bits, and every difference is an error of planning or running.
 */
final class RandomGraphs {
    private static final double LIMIT = 1 << 24;
    private static final long MOST_ELEMENTS = 4096;
    private static final int MAX_INPUT = 3;

    private final SplittableRandom random;
    private final GraphBuilder builder = new GraphBuilder("random");
    private final List<Value> values = new ArrayList<>();

    /** The dimensions of a value, and its largest absolute element. */
    private final Map<Value, long[]> dims = new IdentityHashMap<>();

    private final Map<Value, Double> most = new IdentityHashMap<>();
    private final List<Datum> inputs = new ArrayList<>();
    /** Whether the dimensions of inputs are numbers, and none is 0. */
    private final boolean fixed;

    private RandomGraphs(long seed, boolean fixed) {
        this.random = new SplittableRandom(seed);
        this.fixed = fixed;
    }

    /**
     * A graph and its inputs.
     *
     * @param graph the graph
     * @param inputs a value for each input
     */
    record Sample(Graph graph, List<Datum> inputs) {}

    static Sample sample(long seed, int nodes) {
        RandomGraphs r = new RandomGraphs(seed, false);
        int inputs = 1 + r.random.nextInt(3);
        for (int i = 0; i < inputs; i++) {
            r.input(i);
        }
        for (int i = 0; i < nodes; i++) {
            r.node();
        }
        int outputs = 1 + r.random.nextInt(3);
        for (int i = 0; i < outputs; i++) {
            Value v = i == 0 ? r.values.getLast() : r.pick();
            r.builder.output("out" + i, v);
        }
        return new Sample(r.builder.build(), r.inputs);
    }

    /**
     * A graph with states.
     *
     * @param sample the graph and its inputs
     * @param states the output of each state by its input
     */
    record Stateful(Sample sample, Map<String, String> states) {}

    /** Some inputs are states. Their new values are any values of their shapes, inputs among them. */
    static Stateful stateful(long seed, int nodes) {
        RandomGraphs r = new RandomGraphs(seed, true);
        Map<String, String> states = new LinkedHashMap<>();
        int inputs = 1 + r.random.nextInt(4);
        for (int i = 0; i < inputs; i++) {
            r.input(i);
        }
        List<Value> old = List.copyOf(r.values);
        for (int i = 0; i < nodes; i++) {
            r.node();
        }
        for (int i = 0; i < inputs; i++) {
            if (i == 0 || r.random.nextInt(3) > 0) {
                states.put("x" + i, "new" + i);
                r.builder.output("new" + i, r.like(old.get(i)));
            }
        }
        r.builder.output("out", r.pick());
        return new Stateful(new Sample(r.builder.build(), r.inputs), states);
    }

    /** A value of the shape of another. */
    private Value like(Value v) {
        List<Value> alike = values.stream()
                .filter(other -> Arrays.equals(dims.get(other), dims.get(v)))
                .toList();
        return alike.get(random.nextInt(alike.size()));
    }

    private void input(int i) {
        boolean alike = fixed && i > 0 && random.nextBoolean();
        int rank = alike ? dims.get(values.getFirst()).length : 1 + random.nextInt(3);
        long[] shape = new long[rank];
        Dim[] symbols = new Dim[rank];
        for (int k = 0; k < rank; k++) {
            shape[k] = !fixed && random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(5);
            shape[k] = alike ? dims.get(values.getFirst())[k] : shape[k];
            symbols[k] = !fixed && random.nextBoolean() ? Dim.symbol("s" + i + "_" + k) : Dim.of(shape[k]);
        }
        Tensor t = Tensor.allocate(DType.FLOAT32, shape);
        for (long e = 0; e < t.size(); e++) {
            t.setLong(e, random.nextInt(-MAX_INPUT, MAX_INPUT + 1));
        }
        inputs.add(t);
        keep(builder.input("x" + i, new TensorType(DType.FLOAT32, Shape.of(symbols))), shape, MAX_INPUT);
    }

    private void keep(Value v, long[] shape, double bound) {
        values.add(v);
        dims.put(v, shape);
        most.put(v, bound);
    }

    private Value pick() {
        return values.get(random.nextInt(values.size()));
    }

    private static Op op(String name) {
        return op(name, Attributes.none());
    }

    private static Op op(String name, Attributes attributes) {
        return SmallModels.OPERATORS.find("", name).orElseThrow().create(attributes);
    }

    private Value constant(Tensor t) {
        return builder.constant(t);
    }

    private static Tensor ints(long... values) {
        return Tensor.of(values);
    }

    private void node() {
        Value v = pick();
        switch (random.nextInt(11)) {
            case 0, 1 -> unary(v);
            case 2, 3, 4 -> binary(v, pick());
            case 5 -> transpose(v);
            case 6 -> reshape(v);
            case 7 -> concat(v);
            case 8 -> reduce(v);
            case 9 -> gather(v);
            default -> matMul(v);
        }
    }

    private void unary(Value v) {
        String name = List.of("Relu", "Neg", "Abs", "Identity").get(random.nextInt(4));
        keep(builder.add(op(name), v), dims.get(v), most.get(v));
    }

    private void binary(Value a, Value b) {
        long[] shape = broadcast(dims.get(a), dims.get(b));
        if (shape == null || product(shape) > MOST_ELEMENTS) {
            unary(a);
            return;
        }
        double x = most.get(a);
        double y = most.get(b);
        int choice = random.nextInt(6);
        if (choice == 0 && x * y < LIMIT) {
            keep(builder.add(op("Mul"), a, b), shape, x * y);
        } else if (choice <= 2 && x + y < LIMIT) {
            keep(builder.add(op(choice == 1 ? "Add" : "Sub"), a, b), shape, x + y);
        } else if (choice == 3) {
            Value less = builder.add(op("Less"), a, b);
            keep(builder.add(op("Where"), less, b, a), shape, Math.max(x, y));
        } else {
            keep(builder.add(op(choice == 4 ? "Max" : "Min"), a, b), shape, Math.max(x, y));
        }
    }

    private void transpose(Value v) {
        long[] from = dims.get(v);
        List<Long> order = new ArrayList<>();
        for (int k = 0; k < from.length; k++) {
            order.add(random.nextInt(k + 1), (long) k);
        }
        long[] shape = order.stream().mapToLong(k -> from[(int) (long) k]).toArray();
        Op op = op("Transpose", Attributes.none().with("perm", order));
        keep(builder.add(op, v), shape, most.get(v));
    }

    private void reshape(Value v) {
        long[] from = dims.get(v);
        if (random.nextBoolean()) {
            long axis = random.nextInt(from.length + 1);
            long[] shape = new long[from.length + 1];
            shape[(int) axis] = 1;
            System.arraycopy(from, 0, shape, 0, (int) axis);
            System.arraycopy(from, (int) axis, shape, (int) axis + 1, from.length - (int) axis);
            if (shape.length <= 4) {
                keep(builder.add(op("Unsqueeze"), v, constant(ints(axis))), shape, most.get(v));
            }
            return;
        }
        if (product(from) == 0) {
            unary(v);
            return;
        }
        keep(builder.add(op("Reshape"), v, constant(ints(-1))), new long[] {product(from)}, most.get(v));
    }

    private void concat(Value v) {
        long[] shape = dims.get(v).clone();
        if (shape.length == 0 || product(shape) * 2 > MOST_ELEMENTS) {
            unary(v);
            return;
        }
        int axis = random.nextInt(shape.length);
        shape[axis] *= 2;
        Op op = op("Concat", Attributes.none().with("axis", (long) axis));
        keep(builder.add(op, v, v), shape, most.get(v));
    }

    private void reduce(Value v) {
        long[] from = dims.get(v);
        if (from.length == 0 || most.get(v) * Math.max(1, product(from)) >= LIMIT) {
            unary(v);
            return;
        }
        int axis = random.nextInt(from.length);
        boolean kept = random.nextBoolean();
        List<Long> shape = new ArrayList<>();
        for (int k = 0; k < from.length; k++) {
            if (k != axis) {
                shape.add(from[k]);
            } else if (kept) {
                shape.add(1L);
            }
        }
        Op op = op("ReduceSum", Attributes.none().with("keepdims", kept ? 1L : 0L));
        keep(
                builder.add(op, v, constant(ints(axis))),
                shape.stream().mapToLong(Long::longValue).toArray(),
                most.get(v) * Math.max(1, from[axis]));
    }

    private void gather(Value v) {
        long[] shape = dims.get(v).clone();
        if (shape.length == 0 || product(shape) == 0 || product(shape) * 3 > MOST_ELEMENTS) {
            unary(v);
            return;
        }
        int axis = random.nextInt(shape.length);
        long n = shape[axis];
        long[] indices = new long[1 + random.nextInt(3)];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = random.nextLong(-n, n);
        }
        shape[axis] = indices.length;
        Op op = op("Gather", Attributes.none().with("axis", (long) axis));
        keep(builder.add(op, v, constant(ints(indices))), shape, most.get(v));
    }

    private void matMul(Value v) {
        long[] shape = dims.get(v).clone();
        if (shape.length == 0) {
            unary(v);
            return;
        }
        long k = shape[shape.length - 1];
        long n = random.nextInt(1, 41);
        if (shape.length == 1 || 2 * k * most.get(v) >= LIMIT || product(shape) * n > MOST_ELEMENTS) {
            unary(v);
            return;
        }
        Tensor w = Tensor.allocate(DType.FLOAT32, k, n);
        for (long i = 0; i < w.size(); i++) {
            w.setLong(i, random.nextInt(-2, 3));
        }
        shape[shape.length - 1] = n;
        keep(builder.add(op("MatMul"), v, constant(w)), shape, 2 * Math.max(1, k) * most.get(v));
    }

    private static long product(long[] shape) {
        long p = 1;
        for (long d : shape) {
            p *= d;
        }
        return p;
    }

    private static long[] broadcast(long[] a, long[] b) {
        long[] shape = new long[Math.max(a.length, b.length)];
        for (int k = 1; k <= shape.length; k++) {
            long x = k <= a.length ? a[a.length - k] : 1;
            long y = k <= b.length ? b[b.length - k] : 1;
            if (x != y && x != 1 && y != 1) {
                return null;
            }
            shape[shape.length - k] = x == 1 ? y : x;
        }
        return shape;
    }
}
