package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.KvCacheFusion;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.pass.SumNormalizationFusion;
import dev.tenon.graph.pass.TransposedMatMulFusion;
import dev.tenon.graph.rewrite.GraphMapping;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import net.jqwik.api.statistics.Statistics;

/**
 * The whole pipeline on random graphs that are made of motifs of the rules. Half of the graphs compute with small
 * integers, so that every result is exact and must have the same bits, apart from the sign of a zero that a rule may
 * change. The other half has rounded results, which must be about as close to the results in double precision as those
 * of the original graph. Values that are followed through the rewrites must be the same, too.
 *
 * <p>{@code -Dtenon.graphs=10000}, which {@code -Pgraphs} sets, draws more than 500 graphs. {@code -Dtenon.graphs.seed}
 * draws others.
 */
class RandomGraphsTest {
    /** The smallest fraction of the graphs that is rewritten. */
    private static final double MIN_REWRITTEN = 0.6;

    /** The smallest number of times that each rule fires for 10,000 graphs, and in proportion for fewer. */
    private static final int MIN_FIRED = 50;

    private static final int OF = 10_000;

    /** The largest error in multiples of the error without rewriting, and in further last places. */
    private static final double MAX_ERROR = 4;

    private static final double LAST_PLACES = 8;
    private static final int BATCH = 2;

    private static final int TRIES = 250;
    private static final int PAIRS = Math.max(1, Integer.getInteger("tenon.graphs", 2 * TRIES) / (2 * TRIES));
    private static final long SEED = Long.getLong("tenon.graphs.seed", 0);

    private static final Map<String, Integer> FIRED = new TreeMap<>();
    private static int graphs;
    private static int rewritten;

    @BeforeProperty
    void countFromZero() {
        graphs = 0;
        rewritten = 0;
        FIRED.clear();
        for (Rule rule : StandardRules.ALL.rules()) {
            FIRED.put(rule.name(), 0);
        }
        FIRED.put(SumNormalizationFusion.RULE, 0);
        FIRED.put(TransposedMatMulFusion.RULE, 0);
        FIRED.put(KvCacheFusion.RULE, 0);
    }

    @Property(
            tries = TRIES,
            seed = "20251",
            edgeCases = EdgeCasesMode.NONE,
            shrinking = ShrinkingMode.OFF,
            afterFailure = AfterFailureMode.PREVIOUS_SEED)
    void rewritingKeepsResults(@ForAll long seed) {
        for (int i = 0; i < PAIRS; i++) {
            count(check(seed + SEED + i, true));
            count(check(seed + SEED + i, false));
        }
    }

    private static void count(RewriteTrace trace) {
        Map<String, Integer> counts = new TreeMap<>(trace.counts());
        counts.keySet().retainAll(FIRED.keySet());
        counts.forEach((rule, count) -> {
            FIRED.merge(rule, count, Integer::sum);
            for (int i = 0; i < count; i++) {
                Statistics.label("rules").collect(rule);
            }
        });
        boolean any = !counts.isEmpty();
        Statistics.label("rewritten").collect(any);
        rewritten += any ? 1 : 0;
        graphs++;
    }

    /** Checks the counts of all graphs, unless a graph failed. */
    @AfterProperty
    void manyGraphsAreRewrittenAndEachRuleFires() {
        if (graphs < 2 * TRIES * PAIRS) {
            return;
        }
        assertThat((double) rewritten / graphs).as("share of rewritten graphs").isGreaterThanOrEqualTo(MIN_REWRITTEN);
        int least = MIN_FIRED * graphs / OF;
        assertThat(FIRED)
                .allSatisfy((rule, count) ->
                        assertThat(count).as("how often rule %s fired", rule).isGreaterThanOrEqualTo(least));
    }

    private static RewriteTrace check(long seed, boolean exact) {
        String text = Motifs.graph(seed, graphs / 2, exact);
        Graph graph = Graphs.parse(text);
        RewriteTrace trace = new RewriteTrace();
        Graph result = Pipeline.standard().withLayouts().apply(graph, trace);
        GraphVerifier.verify(result);
        String what = "seed " + seed + "\n" + text + "as rewritten\n" + result + trace.print();
        assertThat(GraphText.print(Pipeline.standard().withLayouts().apply(result)))
                .as("a second time, %s", what)
                .isEqualTo(GraphText.print(result));
        List<Datum> expected = Interpreter.run(graph, inputs(seed, exact, DType.FLOAT32));
        if (exact) {
            checkFollowedValues(graph, inputs(seed, true, DType.FLOAT32), what);
            Graph strict = Pipeline.standard(StandardRules.exact()).apply(graph);
            Graphs.requireEqual(Interpreter.run(strict, inputs(seed, true, DType.FLOAT32)), expected);
        }
        List<Datum> found = Interpreter.run(result, inputs(seed, exact, DType.FLOAT32));
        List<Datum> precise =
                exact ? expected : Interpreter.run(Graphs.parse(inDouble(text)), inputs(seed, false, DType.FLOAT64));
        for (int o = 0; o < expected.size(); o++) {
            compare(
                    what + " output " + o,
                    (Tensor) found.get(o),
                    (Tensor) expected.get(o),
                    (Tensor) precise.get(o),
                    exact);
        }
        return trace;
    }

    /** Fails unless each value that is still there after rewriting is the same. */
    private static void checkFollowedValues(Graph graph, List<Datum> inputs, String what) {
        GraphMapping mapping = new GraphMapping(graph);
        Graph result = Pipeline.standard().withLayouts().apply(graph, RewriteTrace.following(mapping));
        Map<Value, Datum> before = observed(graph, inputs);
        Map<Value, Datum> after = observed(result, inputs);
        int followed = 0;
        for (Map.Entry<Value, Datum> e : before.entrySet()) {
            Value now = mapping.find(e.getKey()).orElse(null);
            if (now != null) {
                Tensor found = (Tensor) after.get(now);
                Tensor expected = (Tensor) e.getValue();
                compare(what + " value " + e.getKey() + " as " + now, found, expected, expected, true);
                followed++;
            }
        }
        for (Value v : graph.outputs()) {
            assertThat(mapping.find(v)).as("output %s, %s", v, what).isPresent();
        }
        Statistics.label("values that are still there").collect(10 * followed / Math.max(1, before.size()) * 10 + " %");
    }

    private static Map<Value, Datum> observed(Graph graph, List<Datum> inputs) {
        List<Value> values = new ArrayList<>(graph.inputs());
        values.addAll(graph.constants());
        graph.nodes().forEach(node -> values.addAll(node.outputs()));
        values.removeIf(v -> v == null || v.tensorType() == null);
        Map<Value, Datum> seen = new IdentityHashMap<>();
        Interpreter.run(graph, inputs, values, seen::put);
        return seen;
    }

    private static String inDouble(String text) {
        return text.replace("f32[", "f64[").replace("Cast<to=1>", "Cast<to=11>");
    }

    private static List<Datum> inputs(long seed, boolean exact, DType type) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Datum> inputs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Tensor t = Tensor.allocate(type, BATCH, 3, 4);
            for (long e = 0; e < t.size(); e++) {
                t.setDouble(e, exact ? random.nextInt(-3, 4) : (float) random.nextDouble(-3, 3));
            }
            inputs.add(t);
        }
        return inputs;
    }

    private static void compare(String what, Tensor found, Tensor expected, Tensor precise, boolean exact) {
        assertThat(found.type()).as(what).isEqualTo(expected.type());
        if (exact || !found.dtype().isFloating()) {
            boolean numbers = found.dtype() != DType.BOOL && found.dtype() != DType.STRING;
            for (long i = 0; numbers && i < found.size(); i++) {
                assertThat(found.getDouble(i) == expected.getDouble(i))
                        .as("element %s: %s instead of %s, %s", i, found, expected, what)
                        .isTrue();
            }
            assertThat(numbers || found.contentEquals(expected)).as(what).isTrue();
            return;
        }
        double own = 0;
        double error = 0;
        double largest = 0;
        for (long i = 0; i < found.size(); i++) {
            double p = precise.getDouble(i);
            own = Math.max(own, Math.abs(expected.getDouble(i) - p));
            error = Math.max(error, Math.abs(found.getDouble(i) - p));
            largest = Math.max(largest, Math.abs(p));
        }
        assertThat(error)
                .as("error, without rewriting %s, %s", own, what)
                .isLessThanOrEqualTo(MAX_ERROR * own + LAST_PLACES * Math.ulp((float) largest));
    }
}
