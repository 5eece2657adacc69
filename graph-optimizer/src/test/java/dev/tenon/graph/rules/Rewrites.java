package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Checks of rules: graphs as text before and after a rule, and their results on random inputs. */
public final class Rewrites {
    private static final long SEED = 20_251;

    /** Scores at most this low are masked. Softmax gives 0 for them, so their errors do not count. */
    private static final double MASKED = -9000;

    private static final int MAX_ITERATIONS = 4;

    /** Numbers for which an exact rule must give the same bits too. */
    private static final double[] SPECIAL = {
        Double.NaN, -0.0, Double.POSITIVE_INFINITY, 0.0, Double.NEGATIVE_INFINITY, 1, Float.MIN_VALUE, -Float.MAX_VALUE
    };

    private Rewrites() {}

    /**
     * The operators of a graph.
     *
     * @param graph the graph
     * @return their names, in the order of the nodes
     */
    public static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(n -> n.op().schema().name()).toList();
    }

    /**
     * Fails unless a set of rules rewrites one graph to another, a rule of the set fires, and the results are equal.
     *
     * @param set the rules
     * @param rule the name of the rule that must fire
     * @param before the text of the graph
     * @param after the text of the expected graph
     * @return the rewritten graph
     */
    public static Graph becomes(RuleSet set, String rule, String before, String after) {
        Graph graph = Graphs.parse(before);
        Graph result = rewritten(set, rule, graph);
        assertThat(GraphText.print(result)).isEqualTo(GraphText.print(Graphs.parse(after)));
        checkOthers(set, rule, before);
        return result;
    }

    /**
     * Fails unless a rule of a set fires on a graph, and the results are equal.
     *
     * @param set the rules
     * @param rule the name of the rule that must fire
     * @param text the text of the graph
     * @return the rewritten graph
     */
    public static Graph fires(RuleSet set, String rule, String text) {
        Graph result = rewritten(set, rule, Graphs.parse(text));
        checkOthers(set, rule, text);
        return result;
    }

    /** A set of rules or a pass. */
    @FunctionalInterface
    public interface Step {
        /**
         * Rewrites a graph.
         *
         * @param graph the graph
         * @param trace is told the rewrites
         * @return an equal graph, the same object if nothing was changed
         */
        Graph apply(Graph graph, RewriteTrace trace);
    }

    /**
     * Fails unless a step decides on the near misses of a graph as it did, and their results are equal.
     *
     * @param step the step
     * @param name its name
     * @param graph a graph that the step changes
     * @param exact whether bits must be equal
     */
    public static void checkNearMisses(Step step, String name, Graph graph, boolean exact) {
        decide(name, graph, (other, inputs) -> {
            RewriteTrace trace = new RewriteTrace();
            Graph result = step.apply(other, trace);
            GraphVerifier.verify(result);
            if (result != other) {
                requireSimilar(other, result, inputs, exact);
            }
            return decision(trace, result);
        });
    }

    /**
     * Fails unless a step decides on the near misses of a graph as it did. Their results are not computed.
     *
     * @param step the step
     * @param name its name
     * @param graph a graph that the step changes
     */
    public static void checkDecisions(Step step, String name, Graph graph) {
        decide(name, graph, (other, inputs) -> {
            RewriteTrace trace = new RewriteTrace();
            Graph result = step.apply(other, trace);
            GraphVerifier.verify(result);
            return decision(trace, result);
        });
    }

    /** The outcome for a graph and inputs. */
    private interface Decider {
        String decide(Graph graph, List<Datum> inputs);
    }

    private static void checkOthers(RuleSet set, String rule, String text) {
        decide(rule, Graphs.parse(text), (other, inputs) -> checked(set, other, inputs));
    }

    private static void decide(String name, Graph graph, Decider decider) {
        Map<String, Tensor> constants = new HashMap<>();
        graph.constants().forEach(c -> constants.put(c.name(), c.constant()));
        List<Datum> inputs = random(graph, SEED);
        Map<String, String> others = new TreeMap<>();
        String usual = decider.decide(graph, inputs);
        NearMisses.of(graph).forEach((change, near) -> {
            Graph other;
            try {
                other = GraphText.parse(near, Graphs.OPERATORS, constants::get);
                GraphVerifier.verify(other);
            } catch (TenonException e) {
                return;
            }
            try {
                String outcome = decider.decide(other, accepts(other, inputs) ? inputs : random(other, SEED));
                if (!outcome.equals(usual)) {
                    others.merge(outcome, " " + change, String::concat);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(change + " of\n" + other, e);
            }
        });
        Decisions.check(name, graph.toString(), usual, others);
    }

    /** Whether a graph takes inputs of these types. Sizes that it does not know are any. */
    private static boolean accepts(Graph graph, List<Datum> inputs) {
        boolean all = graph.inputs().size() == inputs.size();
        for (int i = 0; all && i < inputs.size(); i++) {
            TensorType wanted = graph.inputs().get(i).tensorType();
            Tensor given = (Tensor) inputs.get(i);
            Shape shape = wanted.shape();
            all = wanted.dtype() == given.dtype() && (!shape.hasRank() || shape.rank() == given.rank());
            for (int d = 0; all && shape.hasRank() && d < given.rank(); d++) {
                all = !shape.dim(d).isKnown() || shape.dim(d).value() == given.dim(d);
            }
        }
        return all;
    }

    /** The rules that fired, and the number of nodes of the result. */
    private static String decision(RewriteTrace trace, Graph result) {
        return new TreeMap<>(trace.counts()) + " " + result.nodes().size();
    }

    /** What a set decides on a graph. Fails unless the results are equal, if the graph has any. */
    private static String checked(RuleSet set, Graph graph, List<Datum> inputs) {
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(set).apply(graph, trace);
        GraphVerifier.verify(result);
        if (result != graph) {
            requireSimilar(graph, result, inputs, isExact(set, trace));
        }
        return decision(trace, result);
    }

    /**
     * Fails unless results are equal, if the first graph has any. Rules that round may change a byte by one, and show 0 where
     * a query sees no key.
     */
    private static void requireSimilar(Graph before, Graph after, List<Datum> inputs, boolean exact) {
        List<Datum> expected;
        try {
            expected = Interpreter.run(before, inputs);
        } catch (TenonException e) {
            return;
        }
        if (exact) {
            requireEqual(before, after, inputs, true);
            return;
        }
        List<Datum> found = Interpreter.run(after, inputs);
        for (int i = 0; i < expected.size(); i++) {
            forgive((Tensor) found.get(i), (Tensor) expected.get(i), after);
        }
        requireClose(before, after, found, expected, inputs);
    }

    /** Replaces by the expected ones: any element where NaN is expected, and bytes, which may be one step away. */
    private static void forgive(Tensor found, Tensor expected, Graph after) {
        boolean bytes = expected.dtype() == DType.UINT8 || expected.dtype() == DType.INT8;
        for (long k = 0; (bytes || expected.dtype().isFloating()) && k < expected.size(); k++) {
            double wanted = expected.getDouble(k);
            if (bytes) {
                assertThat(Math.abs(found.getDouble(k) - wanted))
                        .as("element %s: %s", k, after)
                        .isLessThanOrEqualTo(1);
            }
            if (bytes || Double.isNaN(wanted)) {
                found.setDouble(k, wanted);
            }
        }
    }

    private static boolean isExact(RuleSet set, RewriteTrace trace) {
        return set.rules().stream().allMatch(r -> r.exact() || trace.count(r.name()) == 0);
    }

    private static Graph rewritten(RuleSet set, String rule, Graph graph) {
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(set).apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(trace.count(rule)).as("%s%n%s", trace.print(), result).isPositive();
        boolean exact = isExact(set, trace);
        for (int round = 0; round < 3; round++) {
            requireEqual(graph, result, random(graph, SEED + round), exact);
        }
        if (exact) {
            for (int round = 0; round < SPECIAL.length; round++) {
                requireEqual(graph, result, special(graph, round), true);
            }
        }
        assertThat(new Rewriter(set).apply(result, new RewriteTrace()))
                .as("a second time")
                .isSameAs(result);
        return result;
    }

    /**
     * Fails if a rule of a set fires.
     *
     * @param set the rules
     * @param text the text of the graph
     */
    public static void stays(RuleSet set, String text) {
        Graph graph = Graphs.parse(text);
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(set).apply(graph, trace);
        assertThat(result).as("%s%n%s", trace.print(), result).isSameAs(graph);
    }

    /**
     * Fails if one rule of a set fires when it is tried alone.
     *
     * @param set the rules
     * @param rule the name of the rule
     * @param text the text of the graph
     */
    public static void stays(RuleSet set, String rule, String text) {
        RuleSet one = set.where(r -> r.name().equals(rule));
        assertThat(one.rules()).as(rule).hasSize(1);
        stays(one, text);
    }

    /**
     * Fails if a rule of a set fires, or if one of them does not match and refuse.
     *
     * @param set the rules
     * @param rule the name of the rule that must refuse
     * @param text the text of the graph
     * @param reason a part of the reason
     */
    public static void refuses(RuleSet set, String rule, String text, String reason) {
        Graph graph = Graphs.parse(text);
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(set).apply(graph, trace);
        assertThat(result).as("%s%n%s", trace.print(), result).isSameAs(graph);
        assertThat(trace.nearMisses()).as("near misses").anySatisfy(m -> {
            assertThat(m.rule()).isEqualTo(rule);
            assertThat(m.reason()).contains(reason);
        });
    }

    /** Random inputs with special numbers in the place of floats. */
    private static List<Datum> special(Graph graph, int first) {
        List<Datum> inputs = random(graph, SEED);
        for (Datum d : inputs) {
            Tensor t = (Tensor) d;
            for (long i = 0; t.dtype().isFloating() && i < t.size(); i++) {
                t.setDouble(i, SPECIAL[(int) ((i + first) % SPECIAL.length)]);
            }
        }
        return inputs;
    }

    /**
     * Random values for the inputs of a graph. A symbol is the same number everywhere.
     *
     * @param graph the graph
     * @param seed the seed
     * @return a tensor for each input
     */
    public static List<Datum> random(Graph graph, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Long> sizes = new HashMap<>();
        List<Datum> inputs = new ArrayList<>();
        for (Value v : graph.inputs()) {
            TensorType type = v.tensorType();
            long[] dims = new long[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                type.shape().dim(i).symbols().forEach(s -> sizes.computeIfAbsent(s, k -> 2L + random.nextInt(3)));
                dims[i] = type.shape().dim(i).evaluate(sizes).orElseThrow();
            }
            Tensor t = Tensor.allocate(type.dtype(), dims);
            for (long i = 0; i < t.size(); i++) {
                if (t.dtype() == DType.BOOL) {
                    t.setBoolean(i, random.nextBoolean());
                } else if (t.dtype() == DType.STRING) {
                    t.setString(i, random.nextInt(4) == 0 ? "" : String.valueOf((char) ('a' + random.nextInt(3))));
                } else if (t.dtype().isFloating()) {
                    t.setDouble(i, random.nextDouble(-3, 3));
                } else {
                    t.setLong(i, random.nextInt(0, 100));
                }
            }
            inputs.add(t);
        }
        return inputs;
    }

    /**
     * Fails unless two graphs give equal results.
     *
     * @param before a graph
     * @param after a graph with the same inputs and outputs
     * @param inputs the inputs
     * @param exact whether bits must be equal; else results may differ by the sum of the tolerances of all operators of
     *     the first graph
     */
    public static void requireEqual(Graph before, Graph after, List<Datum> inputs, boolean exact) {
        List<Datum> found = Interpreter.run(after, inputs);
        if (exact) {
            Graphs.requireEqual(found, Interpreter.run(before, inputs));
            return;
        }
        requireClose(before, after, found, Interpreter.run(before, inputs), inputs);
    }

    private static void requireClose(
            Graph before, Graph after, List<Datum> found, List<Datum> expected, List<Datum> inputs) {
        double magnitude = Math.max(1, magnitude(before, inputs));
        double ulps = 1;
        double terms = 1;
        for (Numerics n : numerics(before)) {
            ulps += n.ulps();
            terms += n.terms();
        }
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    "output " + i + " of\n" + before + "and\n" + after,
                    found.get(i),
                    expected.get(i),
                    null,
                    new Numerics(ulps, terms + ulps, magnitude));
        }
    }

    /** The accuracy contracts of all operators. Those of bodies are repeated for the largest number of iterations. */
    private static List<Numerics> numerics(Graph graph) {
        List<Numerics> all = new ArrayList<>();
        for (Node node : graph.nodes()) {
            all.add(node.op().numerics());
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    all.addAll(Collections.nCopies(MAX_ITERATIONS, numerics(body)).stream()
                            .flatMap(List::stream)
                            .toList());
                }
            }
        }
        return all;
    }

    /** The largest absolute value of an intermediate result that is not masked. */
    private static double magnitude(Graph graph, List<Datum> inputs) {
        List<Value> values = graph.nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .filter(v -> v != null && v.tensorType() != null)
                .toList();
        double[] largest = new double[1];
        Interpreter.run(graph, inputs, values, (v, datum) -> {
            Tensor t = (Tensor) datum;
            for (long i = 0; t.dtype().isFloating() && i < t.size(); i++) {
                double value = Math.abs(t.getDouble(i));
                largest[0] = value < -MASKED ? Math.max(largest[0], value) : largest[0];
            }
        });
        return largest[0];
    }
}
