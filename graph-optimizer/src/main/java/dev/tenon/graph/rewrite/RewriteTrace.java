package dev.tenon.graph.rewrite;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The rewrites that rules and passes did to a graph, and those that they refused. Confined to one thread while it is
 * filled.
 *
 * <p>There are traces that keep nothing, for callers that do not ask: {@link #none}, and {@link #following} for callers
 * that only want to know where values are after the rewrites.
 */
public final class RewriteTrace {
    /** The largest number of entries of each kind that are kept. Further rewrites are only counted. */
    public static final int MAX_KEPT = 10_000;

    /**
     * A rewrite.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that was replaced, or the first of several
     */
    public record Fired(String rule, String graph, String node) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Fired f && rule.equals(f.rule) && graph.equals(f.graph) && node.equals(f.node);
        }

        @Override
        public int hashCode() {
            return (rule.hashCode() * 31 + graph.hashCode()) * 31 + node.hashCode();
        }
    }

    /**
     * A match that was refused.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that would have been replaced, or the first of several
     * @param reason why not
     */
    public record NearMiss(String rule, String graph, String node, String reason) {}

    private static final RewriteTrace NONE = new RewriteTrace(false, null);

    private final boolean kept;
    /** Where values are, or null. */
    private final GraphMapping mapping;

    private final List<Fired> fired = new ArrayList<>();
    private final Map<Fired, String> refused = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();

    /** An empty trace. */
    public RewriteTrace() {
        this(true, null);
    }

    private RewriteTrace(boolean kept, GraphMapping mapping) {
        this.kept = kept;
        this.mapping = mapping;
    }

    /**
     * The trace that stays empty, for callers that do not ask.
     *
     * @return always the same trace, for any number of threads
     */
    public static RewriteTrace none() {
        return NONE;
    }

    /**
     * A trace that stays empty and tells a mapping where values go.
     *
     * @param mapping a mapping of the graph that is to be rewritten
     * @return the trace
     */
    public static RewriteTrace following(GraphMapping mapping) {
        return new RewriteTrace(false, mapping);
    }

    /**
     * A trace that stays empty, and follows values if this one does. For a pass that is a part of another one.
     *
     * @return the trace
     */
    public RewriteTrace silent() {
        return mapping == null ? NONE : following(mapping);
    }

    /**
     * Tells that a graph, or a body, was replaced by another one. A pass calls this once for each graph that it gives
     * back.
     *
     * @param source the graph before
     * @param result the graph in its place
     * @param copies gives for each value of the source the value of the result that equals it, or null if there is none
     */
    public void copied(Graph source, Graph result, UnaryOperator<Value> copies) {
        if (mapping != null) {
            mapping.copied(source, result, copies);
        }
    }

    /**
     * Whether rewrites and reasons are kept. If not, a pass need not put together the text of a reason.
     *
     * @return false for traces that stay empty
     */
    public boolean isKept() {
        return kept;
    }

    /**
     * Adds a rewrite.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that was replaced, or the first of several; its text is kept
     */
    public void fired(String rule, String graph, Object node) {
        if (!kept) {
            return;
        }
        Fired f = new Fired(rule, graph, node.toString());
        counts.merge(rule, 1, Integer::sum);
        refused.remove(f);
        if (fired.size() < MAX_KEPT) {
            fired.add(f);
        }
    }

    /**
     * Adds a match that was refused.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that would have been replaced, or the first of several; its text is kept
     * @param reason why not
     */
    public void refused(String rule, String graph, Object node, String reason) {
        if (kept && refused.size() < MAX_KEPT) {
            refused.put(new Fired(rule, graph, node.toString()), reason);
        }
    }

    void note(String text) {
        if (kept) {
            notes.add(text);
        }
    }

    /**
     * The rewrites, in order.
     *
     * @return at most {@link #MAX_KEPT}
     */
    public List<Fired> fired() {
        return List.copyOf(fired);
    }

    /**
     * The number of times that each rule and pass fired.
     *
     * @return the numbers by name, without rules and passes that did not fire
     */
    public Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    /**
     * The number of times that a rule or pass fired.
     *
     * @param rule its name
     * @return the number
     */
    public int count(String rule) {
        return counts.getOrDefault(rule, 0);
    }

    /**
     * The matches that were refused and did not fire later.
     *
     * @return at most {@link #MAX_KEPT}
     */
    public List<NearMiss> nearMisses() {
        List<NearMiss> misses = new ArrayList<>();
        refused.forEach((f, reason) -> misses.add(new NearMiss(f.rule(), f.graph(), f.node(), reason)));
        return misses;
    }

    /**
     * Other events, such as a limit that was reached.
     *
     * @return sentences
     */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /**
     * The trace as text: how often each rule and pass fired, each rewrite, then each near miss with its reason.
     *
     * @return several lines, or none if nothing happened
     */
    public String print() {
        StringBuilder text = new StringBuilder();
        counts.forEach((rule, n) -> text.append("rewrite ")
                .append(rule)
                .append(" fired ")
                .append(n)
                .append(n == 1 ? " time\n" : " times\n"));
        for (Fired f : fired) {
            text.append("fired ").append(f.rule()).append(" at ").append(f.node());
            text.append(f.graph().isEmpty() ? "" : " in " + f.graph()).append('\n');
        }
        for (NearMiss m : nearMisses()) {
            text.append("near miss ").append(m.rule()).append(" at ").append(m.node());
            text.append(m.graph().isEmpty() ? "" : " in " + m.graph());
            text.append(": ").append(m.reason()).append('\n');
        }
        notes.forEach(n -> text.append(n).append('\n'));
        return text.toString();
    }
}
