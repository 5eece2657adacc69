package dev.tenon.graph.rewrite;

import dev.tenon.graph.Graph;

/**
 * Applies rules to a graph and its bodies until none fires or the budget is spent, in time about linear in the number of
 * nodes. Matching sees a graph that does not change; rules never see a node that another rewrite is about to replace.
 * Immutable.
 */
public final class Rewriter {
    private static final int MAX_SWEEPS = 16;
    private static final long REWRITES_PER_NODE = 16;
    private static final long LEAST_REWRITES = 1024;

    private final RuleSet rules;

    /**
     * A rewriter.
     *
     * @param rules the rules
     */
    public Rewriter(RuleSet rules) {
        this.rules = rules;
    }

    /**
     * The rules.
     *
     * @return the set
     */
    public RuleSet rules() {
        return rules;
    }

    /**
     * Rewrites a graph.
     *
     * @param graph the graph; it is not changed
     * @param trace what happens is told to it
     * @return an equal graph, the same object if no rule fired
     */
    public Graph apply(Graph graph, RewriteTrace trace) {
        return apply(
                graph, trace, LEAST_REWRITES + REWRITES_PER_NODE * graph.nodes().size());
    }

    /**
     * Rewrites a graph under a budget.
     *
     * @param graph the graph; it is not changed
     * @param trace what happens is told to it
     * @param maxRewrites how many rewrites there may be, which lets a wrong one be found by bisection
     * @return an equal graph, the same object if no rule fired
     */
    public Graph apply(Graph graph, RewriteTrace trace, long maxRewrites) {
        RewriteTraversal.Budget budget = new RewriteTraversal.Budget(maxRewrites);
        Graph before = null;
        Graph after = graph;
        for (int i = 0; i < MAX_SWEEPS && after != before; i++) {
            before = after;
            after = new RewriteTraversal(before, rules, trace, budget).run();
        }
        if (after != before || budget.isSpent()) {
            trace.note("rewriting stopped before a fixed point");
        }
        return after;
    }
}
