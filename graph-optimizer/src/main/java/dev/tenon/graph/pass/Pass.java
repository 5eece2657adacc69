package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;

/** A step from a graph to one that computes the same. Stateless. */
public interface Pass {
    /**
     * The name, for traces.
     *
     * @return such as {@code constant-folding}
     */
    String name();

    /**
     * Applies the pass and tells nobody.
     *
     * @param graph a graph; it is not changed
     * @return an equal graph, the same object if nothing was to be done
     */
    default Graph apply(Graph graph) {
        return apply(graph, RewriteTrace.none());
    }

    /**
     * Applies the pass.
     *
     * @param graph a graph; it is not changed
     * @param trace what happens is told to it, by the name of this pass or those of its rules
     * @return an equal graph, the same object if nothing was to be done
     */
    Graph apply(Graph graph, RewriteTrace trace);
}
