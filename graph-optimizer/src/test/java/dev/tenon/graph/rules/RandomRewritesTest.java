package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.Pass;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
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
 * Random graphs of operators on matrices of small integers. Their results are exact in any order of computation, so
 * passes and rules must not change them.
 */
class RandomRewritesTest {
    private static final double LIMIT = 1 << 24;
    private static final int SIZE = 3;

    private final GraphBuilder builder = new GraphBuilder("random");
    private final List<Value> values = new ArrayList<>();
    private final List<Double> most = new ArrayList<>();
    private SplittableRandom random;

    private void put(Value v, double largest) {
        if (largest < LIMIT) {
            values.add(v);
            most.add(largest);
        }
    }

    private Value constant(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(-2, 3));
        }
        return builder.constant(t);
    }

    private void node() {
        int i = random.nextInt(Math.max(0, values.size() - 4), values.size());
        int j = random.nextInt(values.size());
        Value x = values.get(i);
        double a = most.get(i);
        double b = most.get(j);
        switch (random.nextInt(18)) {
            case 0 -> put(builder.add(new Add(), x, values.get(j)), a + b);
            case 1 -> put(builder.add(new Sub(), x, values.get(j)), a + b);
            case 2 -> put(builder.add(new Mul(), x, values.get(j)), a * b);
            case 3 -> put(builder.add(new Max(), x, values.get(j)), Math.max(a, b));
            case 4 -> put(builder.add(new Neg(), x), a);
            case 5 -> put(builder.add(new Relu(), x), a);
            case 6 -> put(builder.add(new Abs(), x), a);
            case 7 -> put(builder.add(new Identity(), x), a);
            case 8, 9 -> put(builder.add(new Transpose(List.of(1, 0)), x), a);
            case 10 ->
                put(builder.add(new Add(), x, builder.constant(Tensor.scalar((float) random.nextInt(2)))), a + 1);
            case 11 ->
                put(builder.add(new Mul(), x, builder.constant(Tensor.scalar((float) random.nextInt(3)))), 2 * a);
            case 12 -> put(builder.add(new Add(), constant(SIZE), x), a + 2);
            case 13 -> put(builder.add(new Mul(), x, constant(SIZE, 1)), 2 * a);
            case 14 -> put(product(x), 4 * SIZE * (a + 2));
            case 15 -> put(views(x), a);
            case 16 -> put(casts(x), a);
            default -> put(joined(x), a);
        }
    }

    private Value product(Value x) {
        Value p = builder.add(new MatMul(), x, constant(SIZE, SIZE));
        return builder.add(new Mul(), p, random.nextBoolean() ? constant(SIZE) : constant(1));
    }

    private Value views(Value x) {
        Value axis = builder.constant(Tensor.of(new long[] {random.nextInt(3)}));
        Value target = builder.constant(Tensor.of(new long[] {SIZE, -1}));
        return builder.add(new Reshape(false), builder.add(new Unsqueeze(), x, axis), target);
    }

    private Value casts(Value x) {
        Value whole = builder.add(new Cast(DType.INT32, true, "up"), x);
        Value wide = builder.add(new Cast(DType.INT64, true, "up"), whole);
        Value real = builder.add(new Cast(DType.FLOAT64, true, "up"), wide);
        return builder.add(new Cast(DType.FLOAT32, true, "up"), real);
    }

    private Value joined(Value x) {
        return builder.add(new Concat(random.nextInt(2)), x);
    }

    private Graph graph(long seed, int nodes) {
        random = new SplittableRandom(seed);
        Dim[] dims = {Dim.of(SIZE), Dim.of(SIZE)};
        put(builder.input("x", new TensorType(DType.FLOAT32, Shape.of(dims))), 3);
        put(builder.input("y", new TensorType(DType.FLOAT32, Shape.of(dims))), 3);
        for (int i = 0; i < nodes; i++) {
            node();
        }
        builder.output("last", values.getLast());
        builder.output("some", values.get(random.nextInt(values.size())));
        return builder.build();
    }

    private List<Datum> inputs() {
        List<Datum> inputs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Tensor t = Tensor.allocate(DType.FLOAT32, SIZE, SIZE);
            for (long e = 0; e < t.size(); e++) {
                t.setLong(e, random.nextInt(-3, 4));
            }
            inputs.add(t);
        }
        return inputs;
    }

    /**
     * Fails unless results are equal as numbers, or as bits. Rules that are not exact may change the sign of a zero.
     */
    private static void requireSame(Graph before, Graph after, List<Datum> inputs, boolean bits) {
        List<Datum> expected = Interpreter.run(before, inputs);
        List<Datum> found = Interpreter.run(after, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Tensor e = (Tensor) expected.get(i);
            Tensor f = (Tensor) found.get(i);
            assertThat(f.type()).isEqualTo(e.type());
            for (long k = 0; k < e.size(); k++) {
                boolean same =
                        bits ? Double.compare(f.getDouble(k), e.getDouble(k)) == 0 : f.getDouble(k) == e.getDouble(k);
                assertThat(same)
                        .as("%s instead of %s%n%s%s", f, e, before, after)
                        .isTrue();
            }
        }
    }

    private static void check(Graph graph, Pipeline pipeline, List<Datum> inputs, boolean bits) {
        Graph g = graph;
        for (Pass pass : pipeline.simplification()) {
            g = pass.apply(g);
            GraphVerifier.verify(g);
        }
        RewriteTrace trace = new RewriteTrace();
        Graph result = pipeline.apply(graph, trace);
        GraphVerifier.verify(result);
        requireSame(graph, result, inputs, bits);
        assertThat(trace.print()).doesNotContain("stopped before");
        assertThat(GraphText.print(pipeline.apply(result))).isEqualTo(GraphText.print(result));
        Statistics.label("rules fired").collect(!trace.fired().isEmpty());
    }

    @Property(tries = 500)
    void rewritesGiveTheSameNumbers(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int nodes) {
        RandomRewritesTest r = new RandomRewritesTest();
        Graph graph = r.graph(seed, nodes);
        List<Datum> inputs = r.inputs();
        check(graph, Pipeline.standard(), inputs, false);
    }

    @Property(tries = 500)
    void exactRewritesGiveTheSameBits(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int nodes) {
        RandomRewritesTest r = new RandomRewritesTest();
        Graph graph = r.graph(seed, nodes);
        List<Datum> inputs = r.inputs();
        check(graph, Pipeline.standard(StandardRules.FLOATS.rules().where(Rule::exact)), inputs, true);
    }
}
