package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.StandardRules;
import java.util.List;

/**
 * Passes in order.
 *
 * @param passes the passes
 */
public record Pipeline(List<Pass> passes) {
    /**
     * A pipeline.
     *
     * @param passes the passes in order
     */
    public Pipeline {
        passes = List.copyOf(passes);
    }

    /** Rounds after which a graph that still changes is left as it is. */
    private static final int MAX_ROUNDS = 8;

    /**
     * What every session does to a graph, with all rules.
     *
     * @return the pipeline
     */
    public static Pipeline standard() {
        return standard(StandardRules.ALL);
    }

    /**
     * What every session does to a graph: fold, share, rewrite, drop.
     *
     * @param rules the rules that may be used
     * @return the pipeline
     */
    public static Pipeline standard(RuleSet rules) {
        return new Pipeline(List.of(
                new ConstantFolding(), new CommonValues(), new DeadValues(), new Rewriting("rewriting", rules)));
    }

    /**
     * Applies all passes, again and again until nothing changes.
     *
     * @param graph a graph
     * @return an equal graph
     */
    public Graph apply(Graph graph) {
        return apply(graph, new RewriteTrace());
    }

    /**
     * Applies all passes, again and again until nothing changes.
     *
     * @param graph a graph
     * @param trace the rewrites are told to it
     * @return an equal graph, the same object if nothing was to be done
     */
    public Graph apply(Graph graph, RewriteTrace trace) {
        Graph before = null;
        Graph g = graph;
        for (int i = 0; i < MAX_ROUNDS && g != before; i++) {
            before = g;
            for (Pass pass : passes) {
                g = pass.apply(g, trace);
            }
        }
        return g;
    }
}
