package dev.tenon.graph.pass;

import dev.tenon.budget.WorkBudget;
import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.quant.DequantizeLinear;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Passes in order. A graph is simplified first, by passes that are repeated until nothing changes, and then lowered to
 * fused operators, by passes that are applied once.
 *
 * @param simplification the passes that are repeated
 * @param lowering the passes that are applied once after them
 * @param target the kernels and the machine that passes ask which are added to the pipeline
 */
public record Pipeline(List<Pass> simplification, List<Pass> lowering, Target target) {
    /**
     * A pipeline.
     *
     * @param simplification the passes that are repeated
     * @param lowering the passes that are applied once after them
     * @param target the kernels and the machine that passes ask which are added to the pipeline
     */
    public Pipeline {
        simplification = List.copyOf(simplification);
        lowering = List.copyOf(lowering);
    }

    /**
     * A pipeline that simplifies and lowers nothing.
     *
     * @param simplification the passes that are repeated
     */
    public Pipeline(List<Pass> simplification) {
        this(simplification, List.of(), Target.standard());
    }

    /** A graph that still changes after this many rounds is left as it is. */
    private static final int MAX_ROUNDS = 8;

    /** The operations that a pass over one node counts for. */
    private static final long WORK_PER_NODE = 100;

    /**
     * The pipeline of sessions, with all rules, for {@link Target#standard}: a machine without dot products of bytes.
     *
     * @return the pipeline
     */
    public static Pipeline standard() {
        return standard(StandardRules.FLOATS.rules());
    }

    /**
     * The pipeline of sessions for {@link Target#standard}. References compute the constants.
     *
     * @param rules the rules that may be used
     * @return the pipeline
     */
    public static Pipeline standard(RuleSet rules) {
        return standard(rules, new ConstantFolding(), Target.standard());
    }

    /**
     * The pipeline of sessions.
     *
     * @param rules the rules that may be used
     * @param target the kernels and the machine that runs the passes
     * @return the pipeline
     */
    public static Pipeline standard(RuleSet rules, Target target) {
        return standard(rules, new ConstantFolding(target.kernels(), target.machine()), target);
    }

    private static Pipeline standard(RuleSet rules, ConstantFolding folding, Target target) {
        List<Pass> simplification = List.of(
                // Folding would make numbers of these weights.
                new Rewriting(
                        "block-weights",
                        rules.where(r -> r.product() == BlockQuantizedMatMul.class)
                                .and(DequantizeLinear.class, BlockQuantizedMatMul.class),
                        target),
                folding,
                new CommonSubexpressions(),
                new DeadCodeElimination(),
                new Rewriting("rewriting", rules, target),
                new KvCacheFusion(),
                new CapturedConstants(),
                new NarrowConstants());
        return new Pipeline(
                simplification,
                List.of(
                        new ThenSimplify(new TransposedMatMulFusion(), simplification),
                        new SumNormalizationFusion(target),
                        new Fusion(target)),
                target);
    }

    /**
     * The same passes, and the assignment of layouts before the graph is lowered. Layouts are faster where there are
     * vector kernels, and may round differently. The graph is simplified again after the assignment, because a
     * Transpose that it adds may be moved, merged or removed like one of the model. The machine has vectors.
     *
     * @return the pipeline
     */
    public Pipeline withLayouts() {
        return withLayouts(Set.of(LayoutAssignment.Gain.VECTORS));
    }

    /**
     * The same passes, and the assignment of layouts before the graph is lowered.
     *
     * @param gains the kernels of the machine that gain by channels last
     * @return the pipeline
     */
    public Pipeline withLayouts(Set<LayoutAssignment.Gain> gains) {
        List<Pass> more = new ArrayList<>();
        more.add(new ThenSimplify(new LayoutAssignment(gains, target), simplification));
        more.addAll(lowering);
        return new Pipeline(simplification, more, target);
    }

    /**
     * The same passes, and before them {@link StandardRules#INTEGERS} and {@link StandardRules#INTEGER_PRODUCTS}. These come
     * first because constants that are folded are bytes no more.
     *
     * @return the pipeline
     */
    public Pipeline withIntegers() {
        List<Pass> more = new ArrayList<>();
        more.add(new Rewriting("integers", StandardRules.INTEGERS.rules(), target));
        more.add(new Rewriting("integers", StandardRules.INTEGER_PRODUCTS.rules(), target));
        more.addAll(simplification);
        return new Pipeline(more, lowering, target);
    }

    /**
     * The same passes, and before them the one that lets nodes of float16 and bfloat16 compute in float32.
     *
     * @return the pipeline
     */
    public Pipeline withHalfWidening() {
        List<Pass> more = new ArrayList<>();
        more.add(new HalfWidening());
        more.addAll(simplification);
        return new Pipeline(more, lowering, target);
    }

    /**
     * The same passes, and rules that are applied once before operators are fused.
     *
     * @param rules the rules, which change the precision of products
     * @return the pipeline
     */
    public Pipeline withPrecision(RuleSet rules) {
        List<Pass> more = new ArrayList<>();
        more.add(new Rewriting("precision", rules, target));
        more.addAll(lowering);
        return new Pipeline(simplification, more, target);
    }

    /**
     * Makes the rules that graphs with some operators need, now rather than when a pass first needs them.
     *
     * @param operators the operators' classes
     */
    public void prepare(Collection<Class<? extends Op>> operators) {
        for (Pass pass : simplification) {
            if (pass instanceof Rewriting rewriting) {
                rewriting.rules().prepare(operators);
            }
        }
    }

    /**
     * Applies all passes and keeps no trace.
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
     * @param trace is told the rewrites
     * @return an equal graph, the same object if no pass changed it
     */
    public Graph apply(Graph graph, RewriteTrace trace) {
        return lower(simplify(graph, trace), trace);
    }

    /**
     * Applies the passes that are repeated.
     *
     * @param graph a graph
     * @param trace is told the rewrites
     * @return an equal graph, the same object if no pass changed it. It can be simplified again when more is known of
     *     its inputs
     */
    public Graph simplify(Graph graph, RewriteTrace trace) {
        Graph before = null;
        Graph g = graph;
        for (int i = 0; i < MAX_ROUNDS && g != before; i++) {
            before = g;
            for (Pass pass : simplification) {
                g = apply(pass, g, trace);
            }
        }
        return g;
    }

    /**
     * Applies the passes that are applied once. Rules do not see fused operators, so a lowered graph is not simplified
     * again.
     *
     * @param graph a simplified graph
     * @param trace is told the rewrites
     * @return an equal graph, the same object if no pass changed it
     */
    public Graph lower(Graph graph, RewriteTrace trace) {
        Graph g = graph;
        for (Pass pass : lowering) {
            g = apply(pass, g, trace);
        }
        return g;
    }

    private static Graph apply(Pass pass, Graph graph, RewriteTrace trace) {
        WorkBudget.spend(WORK_PER_NODE * (1 + graph.nodes().size()));
        return pass.apply(graph, trace);
    }

    /** A pass that is applied once. The graph is simplified again if the pass changed it. */
    private record ThenSimplify(Pass first, List<Pass> simplification) implements Pass {
        @Override
        public String name() {
            return first.name();
        }

        @Override
        public Graph apply(Graph graph, RewriteTrace trace) {
            Graph changed = first.apply(graph, trace);
            return changed == graph ? graph : new Pipeline(simplification).simplify(changed, trace);
        }
    }
}
