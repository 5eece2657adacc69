package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.Target;

/** Applies rules until none of them fires, in bodies of control operators too. */
public final class Rewriting implements Pass {
    private final String name;
    private final Rewriter rewriter;

    /**
     * The pass for {@link Target#standard}.
     *
     * @param name the name, for traces
     * @param rules the rules
     */
    public Rewriting(String name, RuleSet rules) {
        this(name, rules, Target.standard());
    }

    /**
     * The pass.
     *
     * @param name the name, for traces
     * @param rules the rules
     * @param target the kernels and the machine
     */
    public Rewriting(String name, RuleSet rules, Target target) {
        this.name = name;
        this.rewriter = new Rewriter(rules, target);
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * The rules.
     *
     * @return the set
     */
    public RuleSet rules() {
        return rewriter.rules();
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return rewriter.apply(graph, trace);
    }
}
