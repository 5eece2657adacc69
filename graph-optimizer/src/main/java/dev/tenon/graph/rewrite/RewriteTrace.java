package dev.tenon.graph.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What rules and passes did to a graph, and what they nearly did. Confined to one thread while it is filled.
 *
 * <p>Whoever does not ask hands over {@link #none}: what is told to it is not made text, and costs nothing.
 */
public final class RewriteTrace {
    /** Entries of each kind that are kept; more are counted. */
    public static final int MAX_KEPT = 10_000;

    /**
     * A rewrite.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that was replaced, or the first one of several
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
     * @param node the node or value that would have been replaced, or the first one of several
     * @param reason why not
     */
    public record NearMiss(String rule, String graph, String node, String reason) {}

    private static final RewriteTrace NONE = new RewriteTrace(false);

    private final boolean kept;
    private final List<Fired> fired = new ArrayList<>();
    private final Map<Fired, String> refused = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();

    /** An empty trace. */
    public RewriteTrace() {
        this(true);
    }

    private RewriteTrace(boolean kept) {
        this.kept = kept;
    }

    /**
     * The trace that stays empty, for whoever does not ask.
     *
     * @return always the same, for any number of threads
     */
    public static RewriteTrace none() {
        return NONE;
    }

    /**
     * Whether anybody asks, so that a reason is worth being put together.
     *
     * @return false for {@link #none}
     */
    public boolean isKept() {
        return kept;
    }

    /**
     * Adds a rewrite.
     *
     * @param rule the name of the rule, or of the pass
     * @param graph the name of the graph or body
     * @param node the node or value that was replaced, or the first one of several, which its text names
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
     * @param node the node or value that would have been replaced, or the first one of several, which its text names
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
     * How often each rule and pass fired.
     *
     * @return the numbers by their names; what did not fire is not in it
     */
    public Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    /**
     * How often a rule or pass fired.
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
     * What else is worth telling, such as a limit that was reached.
     *
     * @return sentences
     */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /**
     * The trace for people: how often each rule and pass fired, each rewrite, then each near miss with its reason.
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
