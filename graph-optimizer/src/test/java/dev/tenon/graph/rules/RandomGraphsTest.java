package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.KvCacheFusion;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.pass.SumNormalizationFusion;
import dev.tenon.graph.pass.TransposedMatMulFusion;
import dev.tenon.graph.rewrite.GraphMapping;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import net.jqwik.api.statistics.Statistics;

/**
 * The whole pipeline on random graphs that are made of motifs of the rules, with every set of {@link StandardRules}. A third
 * of the graphs computes with small integers, so that every result is exact and must have the same bits, apart from the sign
 * of a zero that a rule may change; the rules for bytes are applied to them too. Another third has rounded results, which
 * must be about as close to the results in double precision as those of the original graph. The last third ends with a
 * motif whose results rules may change by more than rounding, those that change the precision among them. Values that are
 * followed through the rewrites must be the same, too.
 *
 * <p>{@code -Dtenon.graphs=10000}, which {@code -Pgraphs} sets, draws more than 750 graphs. {@code -Dtenon.graphs.seed}
 * draws others.
 */
class RandomGraphsTest {
    /** The smallest fraction of the graphs that is rewritten. */
    private static final double MIN_REWRITTEN = 0.6;

    /** The smallest number of times that each rule fires for 5,000 graphs of each kind, and in proportion for fewer. */
    private static final int MIN_FIRED = 50;

    private static final int OF = 5_000;

    /** The largest error in multiples of the error without rewriting, and in further last places. */
    private static final double MAX_ERROR = 4;

    private static final double LAST_PLACES = 8;
    private static final int BATCH = 2;

    /** The largest error of a result that rules change by more than rounding, as a part of the largest number. */
    private static final double NEAR = 0.02;

    private static final int TRIES = 250;
    private static final int ROUNDS = Math.max(1, Integer.getInteger("tenon.graphs", 3 * TRIES) / (3 * TRIES));
    private static final long SEED = Long.getLong("tenon.graphs.seed", 0);

    private static final Map<String, Integer> FIRED = new TreeMap<>();
    private static int rounds;
    private static int graphs;
    private static int rewritten;

    @BeforeProperty
    void countFromZero() {
        rounds = 0;
        graphs = 0;
        rewritten = 0;
        FIRED.clear();
        for (String rule : StandardRulesTest.names()) {
            FIRED.put(rule, 0);
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
        for (int i = 0; i < ROUNDS; i++) {
            for (Motifs.Results results : Motifs.Results.values()) {
                check(seed + SEED + i, results);
            }
            rounds++;
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
        if (rounds < TRIES * ROUNDS) {
            return;
        }
        assertThat((double) rewritten / graphs).as("share of rewritten graphs").isGreaterThanOrEqualTo(MIN_REWRITTEN);
        int least = MIN_FIRED * rounds / OF;
        assertThat(FIRED)
                .allSatisfy((rule, count) ->
                        assertThat(count).as("how often rule %s fired", rule).isGreaterThanOrEqualTo(least));
    }

    /** The pipelines that graphs with such results are rewritten by. Each set of rules is in one of them. */
    private static List<Pipeline> pipelines(Motifs.Results results) {
        Pipeline floats = Pipeline.standard().withLayouts();
        return switch (results) {
            // Weights in blocks become numbers, which the first pipeline never does.
            case EXACT -> List.of(floats, bytes(op -> op != BlockQuantizedMatMul.class, null));
            case ROUNDED -> List.of(floats);
            case NEAR -> List.of(bytes(op -> true, StandardRules.INT8_DYNAMIC), bytes(op -> true, StandardRules.BF16));
        };
    }

    private static Pipeline bytes(Predicate<Class<? extends Op>> pays, StandardRules precision) {
        Pipeline bytes = Pipeline.standard(StandardRules.BYTES.paying(pays)).withIntegers();
        Pipeline all = precision == null ? bytes : bytes.withPrecision(precision.rules());
        return all.withLayouts(
                Set.of(LayoutAssignment.Gain.VECTORS, LayoutAssignment.Gain.BYTES),
                Capabilities.avx512().ratios());
    }

    private static void check(long seed, Motifs.Results results) {
        String text = Motifs.graph(seed, rounds, results);
        Graph graph = Graphs.parse(text);
        boolean exact = results != Motifs.Results.ROUNDED;
        List<Datum> expected = Interpreter.run(graph, inputs(seed, exact, DType.FLOAT32));
        List<Datum> precise =
                exact ? expected : Interpreter.run(Graphs.parse(inDouble(text)), inputs(seed, false, DType.FLOAT64));
        for (Pipeline pipeline : pipelines(results)) {
            RewriteTrace trace = new RewriteTrace();
            Graph result = pipeline.apply(graph, trace);
            GraphVerifier.verify(result);
            String what = "seed " + seed + "\n" + text + "as rewritten\n" + result + trace.print();
            assertThat(GraphText.print(pipeline.apply(result)))
                    .as("a second time, %s", what)
                    .isEqualTo(GraphText.print(result));
            List<Datum> found = Interpreter.run(result, inputs(seed, exact, DType.FLOAT32));
            for (int o = 0; o < expected.size(); o++) {
                Tensor[] three = {(Tensor) found.get(o), (Tensor) expected.get(o), (Tensor) precise.get(o)};
                if (o == 0 && results == Motifs.Results.NEAR) {
                    near(what, three[0], three[1]);
                } else {
                    compare(what + " output " + o, three[0], three[1], three[2], exact);
                }
            }
            count(trace);
        }
        if (results == Motifs.Results.EXACT) {
            checkFollowedValues(graph, inputs(seed, true, DType.FLOAT32), text);
            Graph strict = Pipeline.standard(StandardRules.FLOATS.rules().where(Rule::exact))
                    .apply(graph);
            Graphs.requireEqual(Interpreter.run(strict, inputs(seed, true, DType.FLOAT32)), expected);
        }
    }

    private static void near(String what, Tensor found, Tensor expected) {
        assertThat(found.type()).as(what).isEqualTo(expected.type());
        double largest = 0;
        for (long i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, Math.abs(expected.getDouble(i)));
        }
        for (long i = 0; i < expected.size(); i++) {
            assertThat(Math.abs(found.getDouble(i) - expected.getDouble(i)))
                    .as("%s for %s of at most %s, %s", found.getDouble(i), expected.getDouble(i), largest, what)
                    .isLessThanOrEqualTo(NEAR * largest);
        }
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
