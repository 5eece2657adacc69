package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
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

    /**
     * What every session does to a graph: fold, share, drop.
     *
     * @return the pipeline
     */
    public static Pipeline standard() {
        return new Pipeline(List.of(new ConstantFolding(), new CommonValues(), new DeadValues()));
    }

    /**
     * Applies all passes.
     *
     * @param graph a graph
     * @return an equal graph
     */
    public Graph apply(Graph graph) {
        Graph g = graph;
        for (Pass pass : passes) {
            g = pass.apply(g);
        }
        return g;
    }
}
