package dev.tenon.graph.rewrite;

import dev.tenon.graph.Graph;

/**
 * Applies rules to a graph and its bodies until none of them fires or the budget is spent, in time about linear in the
 * number of nodes. Matching sees a graph that does not change, and rules never see a node that another rewrite is about
 * to replace. Immutable and safe for any number of threads.
 */
public final class Rewriter {
    private static final int MAX_TRAVERSALS = 16;
    private static final long REWRITES_PER_NODE = 16;
    private static final long MIN_REWRITES = 1024;

    private final RuleSet rules;
    private final Target target;

    /**
     * A rewriter for {@link Target#standard}.
     *
     * @param rules the rules
     */
    public Rewriter(RuleSet rules) {
        this(rules, Target.standard());
    }

    /**
     * A rewriter.
     *
     * @param rules the rules
     * @param target the kernels and the machine
     */
    public Rewriter(RuleSet rules, Target target) {
        this.rules = rules;
        this.target = target;
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
     * @param trace is told the rewrites
     * @return an equal graph, the same object if no rule fired
     */
    public Graph apply(Graph graph, RewriteTrace trace) {
        return apply(
                graph, trace, MIN_REWRITES + REWRITES_PER_NODE * graph.nodes().size());
    }

    /**
     * Rewrites a graph under a budget.
     *
     * @param graph the graph; it is not changed
     * @param trace is told the rewrites
     * @param maxRewrites the largest number of rewrites. A wrong rewrite can be found by bisecting this number
     * @return an equal graph, the same object if no rule fired
     */
    public Graph apply(Graph graph, RewriteTrace trace, long maxRewrites) {
        RewriteTraversal.Budget budget = new RewriteTraversal.Budget(maxRewrites);
        Graph before = null;
        Graph after = graph;
        for (int i = 0; i < MAX_TRAVERSALS && after != before; i++) {
            before = after;
            after = RewriteTraversal.rewritten(before, rules, trace, target, budget);
        }
        if (after != before || budget.isSpent()) {
            trace.note("rewriting stopped before a fixed point");
        }
        return after;
    }
}
