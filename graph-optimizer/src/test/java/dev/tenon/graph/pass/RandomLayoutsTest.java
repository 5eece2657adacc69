package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/**
 * Random convolutions with Transposes and other operators before, between and after them, on small integers. Results
 * are exact in any order of computation, so the channels-last layout must not change them. A second time nothing must
 * change.
 */
class RandomLayoutsTest {
    private static final Attributes SAME = Attributes.none().with("pads", new long[] {1, 1, 1, 1});
    private static final double LIMIT = 1 << 24;
    private static final long MOST_ELEMENTS = 6000;
    private static final int MOST_COLUMNS = 2000;
    private static final int RANK = 4;
    private static final int WEIGHT = 2;
    private static final double LEAST_TURNED = 25;

    private final GraphBuilder builder = new GraphBuilder("random");
    private final List<Value> values = new ArrayList<>();
    private final List<Double> most = new ArrayList<>();
    private SplittableRandom random;
    private int outputs;

    private void put(Value v, double largest) {
        Shape shape = v.tensorType().shape();
        if (largest < LIMIT && shape.rank() == RANK && shape.knownElements() <= MOST_ELEMENTS) {
            values.add(v);
            most.add(largest);
        }
    }

    private Tensor integers(int largest, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(-largest, largest + 1));
        }
        return t;
    }

    private Value constant(long... dims) {
        return builder.constant(integers(WEIGHT, dims));
    }

    private Value numbers(long... numbers) {
        return builder.constant(Tensor.of(numbers));
    }

    private void output(Value v) {
        builder.output("output" + outputs++, v);
    }

    private Op one(Op... of) {
        return of[random.nextInt(of.length)];
    }

    private void node() {
        int i = random.nextInt(Math.max(0, values.size() - 3), values.size());
        Value x = values.get(i);
        long[] dims = x.tensorType().shape().toArray();
        double a = most.get(i);
        switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> {
                Value w = constant(List.of(3, 16, 20).get(random.nextInt(3)), dims[1], 3, 3);
                put(builder.add(Conv.of(SAME), x, w), a * WEIGHT * dims[1] * 9);
            }
            case 4 -> {
                Attributes separate = Attributes.none().with("strides", new long[] {2, 2});
                put(builder.add(ConvTranspose.of(separate), x, constant(dims[1], 5, 2, 2)), a * WEIGHT * dims[1]);
            }
            case 5 -> put(builder.add(one(new Relu(), new Neg()), x), a);
            case 6 -> put(builder.add(new PRelu(), x, constant(dims[1], 1, 1)), a * WEIGHT);
            case 7, 8 -> put(shifted(x, dims), a + WEIGHT);
            case 9 -> joined(x, a);
            case 10 -> put(builder.add(MaxPool.of(SAME.with("kernel_shape", new long[] {3, 3})), x), a);
            case 11 -> put(builder.add(new ReduceMax(true, false), x, numbers(2, 3)), a);
            case 12 -> put(builder.add(one(transpose(0, 2, 3, 1), transpose(0, 3, 1, 2), transpose(1, 0, 2, 3)), x), a);
            case 13 -> {
                List<String> names = List.of("left" + values.size(), "right" + values.size());
                if (dims[1] % 2 == 0 && values.stream().noneMatch(v -> names.contains(v.name()))) {
                    builder.add(new Split(1, 2), "", List.of(x), names).forEach(v -> put(v, a));
                }
            }
            case 14 -> put(builder.add(new Slice(), x, numbers(0), numbers(2), numbers(1)), a);
            case 15 -> put(builder.add(new Pad(Pad.Mode.CONSTANT), x, numbers(0, 0, 1, 1, 0, 0, 0, 1)), a);
            case 16 -> put(builder.add(new MatMul(), x, constant(dims[3], 4)), a * WEIGHT * dims[3]);
            default -> leaves(x, dims, a);
        }
    }

    private static Transpose transpose(Integer... perm) {
        return new Transpose(List.of(perm));
    }

    private Value shifted(Value x, long[] dims) {
        Value by =
                switch (random.nextInt(4)) {
                    case 0 -> constant(1);
                    case 1 -> constant(dims[1], 1, 1);
                    case 2 -> constant(dims[2], 1);
                    default -> constant(dims[3]);
                };
        Op op = one(new Add(), new Sub(), new Max());
        return random.nextBoolean() ? builder.add(op, x, by) : builder.add(op, by, x);
    }

    /** A binary operator with another value of the same shape, if there is one. */
    private void joined(Value x, double largest) {
        for (int j = 0; j < values.size(); j++) {
            if (values.get(j) != x && values.get(j).type().equals(x.type())) {
                Op op = one(new Add(), new Concat(1), new Concat(2));
                put(builder.add(op, x, values.get(j)), largest + most.get(j));
                return;
            }
        }
    }

    /** An output of another rank. */
    private void leaves(Value x, long[] dims, double largest) {
        long columns = dims[1] * dims[2] * dims[3];
        if (random.nextBoolean()) {
            if (largest * dims[2] * dims[3] < LIMIT) {
                output(builder.add(new ReduceSum(false, false), x, numbers(2, 3)));
            }
        } else if (columns <= MOST_COLUMNS && largest * columns * WEIGHT < LIMIT) {
            Value flat = builder.add(new Flatten(1), x);
            output(builder.add(new MatMul(), flat, constant(columns, 3)));
        }
    }

    private Graph graph(long seed, int nodes) {
        random = new SplittableRandom(seed);
        Shape shape = Shape.of(random.nextInt(1, 3), random.nextBoolean() ? 3 : 16, 5, 6);
        for (String name : List.of("x", "z")) {
            values.add(builder.input(name, new TensorType(DType.FLOAT32, shape)));
            most.add(3.0);
        }
        for (int i = 0; i < nodes; i++) {
            node();
            if (random.nextInt(8) == 0) {
                output(values.getLast());
            }
        }
        output(values.getLast());
        return builder.build();
    }

    @Property(tries = 200)
    void channelsLastGivesTheSameNumbers(@ForAll long seed, @ForAll @IntRange(min = 3, max = 20) int nodes) {
        RandomLayoutsTest r = new RandomLayoutsTest();
        Graph graph = r.graph(seed, nodes);
        RewriteTrace trace = new RewriteTrace();
        Pipeline pipeline = Pipeline.standard().withLayouts();
        Graph result = pipeline.apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(trace.print()).doesNotContain("stopped before");
        assertThat(GraphText.print(pipeline.apply(result)))
                .as("a second time, seed %s", seed)
                .isEqualTo(GraphText.print(result));
        List<Datum> inputs = new ArrayList<>();
        for (Value v : graph.inputs()) {
            inputs.add(r.integers(3, v.tensorType().shape().toArray()));
        }
        List<Datum> expected = Interpreter.run(graph, inputs);
        List<Datum> found = Interpreter.run(result, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Tensor f = (Tensor) found.get(i);
            Tensor e = (Tensor) expected.get(i);
            assertThat(f.type()).isEqualTo(e.type());
            assertThat(same(f, e))
                    .as(() -> "%s instead of %s, seed %d%n%s%s".formatted(f, e, seed, graph, result))
                    .isTrue();
        }
        Statistics.label("channels-last")
                .collect(GraphText.print(result).contains("ChannelsLast"))
                .coverage(c -> c.check(true).percentage(p -> p > LEAST_TURNED));
    }

    /** Fails unless results are equal as numbers. The sign of a sum of zeros may differ. */
    private static boolean same(Tensor found, Tensor expected) {
        for (long i = 0; i < expected.size(); i++) {
            if (found.getDouble(i) != expected.getDouble(i)) {
                return false;
            }
        }
        return true;
    }
}
