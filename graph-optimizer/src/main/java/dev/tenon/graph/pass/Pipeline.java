package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.StandardRules;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes in order: some that are applied again and again until nothing changes, then some that are applied once.
 *
 * @param passes the passes that are repeated
 * @param last the passes behind them
 */
public record Pipeline(List<Pass> passes, List<Pass> last) {
    /**
     * A pipeline.
     *
     * @param passes the passes that are repeated
     * @param last the passes behind them
     */
    public Pipeline {
        passes = List.copyOf(passes);
        last = List.copyOf(last);
    }

    /**
     * A pipeline of passes that are repeated.
     *
     * @param passes the passes in order
     */
    public Pipeline(List<Pass> passes) {
        this(passes, List.of());
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
     * What every session does to a graph: fold, share, rewrite, drop, and in the end fuse.
     *
     * @param rules the rules that may be used
     * @return the pipeline
     */
    public static Pipeline standard(RuleSet rules) {
        List<Pass> repeated = List.of(
                new ConstantFolding(),
                new CommonSubexpressions(),
                new DeadCodeElimination(),
                new Rewriting("rewriting", rules),
                new KvCacheFusion(),
                new CapturedConstants());
        return new Pipeline(
                repeated,
                List.of(new Settling(new TransposedMatMulFusion(), repeated), new SumNormalizationFusion(), new Fusion()));
    }

    /**
     * The same passes, and before the last ones the assignment of layouts, which pays where there are vectors and may
     * round otherwise. The passes that are repeated come again behind it: a Transpose that it adds may be moved, joined
     * with others or lost as one of the model's is.
     *
     * @return the pipeline
     */
    public Pipeline withLayouts() {
        List<Pass> more = new ArrayList<>();
        more.add(new Settling(new LayoutAssignment(), passes));
        more.addAll(last);
        return new Pipeline(passes, more);
    }

    /**
     * Applies all passes and tells nobody.
     *
     * @param graph a graph
     * @return an equal graph
     */
    public Graph apply(Graph graph) {
        return apply(graph, RewriteTrace.none());
    }

    /**
     * Applies all passes.
     *
     * @param graph a graph
     * @param trace what happens is told to it
     * @return an equal graph, the same object if nothing was to be done
     */
    public Graph apply(Graph graph, RewriteTrace trace) {
        return finish(settle(graph, trace), trace);
    }

    /**
     * Applies the passes that are repeated.
     *
     * @param graph a graph
     * @param trace what happens is told to it
     * @return an equal graph, which can be settled again once more is known of its inputs
     */
    public Graph settle(Graph graph, RewriteTrace trace) {
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

    /**
     * Applies the passes that are applied once.
     *
     * @param graph a settled graph
     * @param trace what happens is told to it
     * @return an equal graph
     */
    public Graph finish(Graph graph, RewriteTrace trace) {
        Graph g = graph;
        for (Pass pass : last) {
            g = pass.apply(g, trace);
        }
        return g;
    }

    /** A pass that is applied once, and the repeated ones again behind it if it changed the graph. */
    private record Settling(Pass first, List<Pass> passes) implements Pass {
        @Override
        public String name() {
            return first.name();
        }

        @Override
        public Graph apply(Graph graph, RewriteTrace trace) {
            Graph changed = first.apply(graph, trace);
            return changed == graph ? graph : new Pipeline(passes).settle(changed, trace);
        }
    }
}
