package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;

/** A step from a graph to an equal one, which computes the same outputs. Stateless, safe for any number of threads. */
public interface Pass {
    /**
     * The name, for traces.
     *
     * @return such as {@code constant-folding}
     */
    String name();

    /**
     * Applies the pass and keeps no trace.
     *
     * @param graph a graph; it is not changed
     * @return an equal graph, the same object if nothing was changed
     */
    default Graph apply(Graph graph) {
        return apply(graph, RewriteTrace.none());
    }

    /**
     * Applies the pass.
     *
     * @param graph a graph; it is not changed
     * @param trace is told the rewrites, by the name of this pass or of its rules, and which values replace which
     * @return an equal graph, the same object if nothing was changed
     */
    Graph apply(Graph graph, RewriteTrace trace);
}
