package dev.tenon.graph.rewrite;

import dev.tenon.budget.WorkBudget;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.util.function.ToIntFunction;

/**
 * Finds where rules match.
 *
 * @param graph the name of the graph, for the trace
 * @param trace is told which matches guards refuse
 * @param target the kernels and the machine
 */
record RuleMatching(String graph, RewriteTrace trace, Target target) {
    /** The operations that matching the rules at one node counts for. */
    static final long WORK_PER_NODE = 1000;

    /** Whether a rule matches at a node of a graph, or of a body in it, on which an output depends. */
    static boolean anyIn(Graph graph, RuleSet rules, RewriteTrace trace, Target target) {
        RuleMatching matching = new RuleMatching(graph.name(), trace, target);
        GraphUses uses = graph.uses();
        for (Node node : graph.nodes()) {
            WorkBudget.spend(WORK_PER_NODE);
            if (!uses.isLive(node)) {
                continue;
            }
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    if (anyIn(body, rules, trace, target)) {
                        return true;
                    }
                }
            }
            for (Rule rule : rules.startingAt(node.op())) {
                if (matching.match(rule, node, uses::liveCount) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The match of a rule that its guard does not refuse, or null. */
    Match match(Rule rule, Node node, ToIntFunction<Value> counts) {
        if (node.output() == null || rule.pattern().rejects(node.output())) {
            return null;
        }
        Match match = new Match(node.output(), node, counts, target);
        String[] reason = new String[1];
        boolean found = rule.pattern().match(node.output(), match, () -> {
            String against = match.usedElsewhere();
            against = against != null ? against : rule.guard().reasonAgainst(match);
            reason[0] = reason[0] == null ? against : reason[0];
            return against == null;
        });
        if (!found && reason[0] != null) {
            trace.refused(rule.name(), graph, node, reason[0]);
        }
        return found ? match : null;
    }
}
