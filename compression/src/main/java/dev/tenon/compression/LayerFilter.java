package dev.tenon.compression;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.op.text.Regex;
import dev.tenon.options.Settings;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which layers a step may change. Without conditions it is all of them. Immutable.
 *
 * <p>A selector is the name of a layer, the name of an operator such as {@code Conv}, or a regular expression between
 * slashes that a layer's whole name matches: {@code /encoder\..*\/query/}. The syntax is that of RE2, see {@link Regex}: it
 * has no look-around, no back-references and no possessive repetitions. It is matched in time linear in the name. Its
 * automaton has at most 2,048 states.
 */
public final class LayerFilter {
    private static final LayerFilter ALL = new LayerFilter(new Values());

    private static final int MAX_STATES = 2048;
    private static final int MAX_SHOWN = 80;

    private static final class Values extends Settings<Values> {
        private List<Selector> included = List.of();
        private List<Selector> excluded = List.of();
        /** The names of the only layers that may be changed; null if names do not matter. */
        private Set<String> only;

        /** The names of layers that may not be changed. */
        private Set<String> left = Set.of();
    }

    /**
     * A selector.
     *
     * @param text a name, or an expression between slashes
     * @param pattern the expression; null for a name
     */
    private record Selector(String text, Regex pattern) {
        private static Selector of(String text) {
            if (text == null) {
                throw new CompressionException("a selector", "null", "a name, or an expression between slashes", null);
            }
            boolean isPattern = text.length() > 1 && text.startsWith("/") && text.endsWith("/");
            return new Selector(text, isPattern ? pattern(text) : null);
        }

        private static Regex pattern(String text) {
            try {
                Regex pattern = Regex.of(text.substring(1, text.length() - 1));
                if (pattern.states() > MAX_STATES) {
                    throw new CompressionException(
                            "selector '" + shown(text) + "'",
                            "an automaton of " + pattern.states() + " states",
                            "at most " + MAX_STATES,
                            "repeat less, or use several selectors");
                }
                return pattern;
            } catch (InvalidOperandException | ResourceLimitException e) {
                throw new CompressionException(
                        "selector '" + shown(text) + "'",
                        e.found(),
                        "regular expressions of RE2" + (e.allowed() == null ? "" : ": " + e.allowed()),
                        e.cure(),
                        e);
            }
        }

        private static String shown(String text) {
            return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        }

        private boolean fits(Node node) {
            String name = LinearLayer.name(node);
            return pattern != null
                    ? pattern.matches(name)
                    : text.equals(name) || text.equals(node.op().schema().name());
        }
    }

    private final Values settings;

    private LayerFilter(Values settings) {
        this.settings = settings;
    }

    private LayerFilter with(Consumer<Values> change) {
        return new LayerFilter(settings.with(change));
    }

    /** {@return all layers} */
    public static LayerFilter all() {
        return ALL;
    }

    private static List<Selector> and(List<Selector> list, String... more) {
        return Stream.concat(list.stream(), Stream.of(more).map(Selector::of)).toList();
    }

    /**
     * Lets the step change only layers that a selector fits.
     *
     * @param selectors the selectors, beside those given before
     * @return the filter
     * @throws CompressionException if a regular expression is malformed, or its automaton is too large
     */
    public LayerFilter include(String... selectors) {
        List<Selector> all = and(settings.included, selectors);
        return with(s -> s.included = all);
    }

    /**
     * Lets the step leave layers that a selector fits as they are.
     *
     * @param selectors the selectors, beside those given before
     * @return the filter
     * @throws CompressionException if a regular expression is malformed, or its automaton is too large
     */
    public LayerFilter exclude(String... selectors) {
        List<Selector> all = and(settings.excluded, selectors);
        return with(s -> s.excluded = all);
    }

    /**
     * Narrows the filter to layers with given names, out of those that it accepts already. Names are taken as they are: they
     * are no selectors, and {@link #check} does not look for them.
     *
     * @param names the names of layers
     * @return the filter
     */
    public LayerFilter only(Collection<String> names) {
        Set<String> both = new LinkedHashSet<>(names);
        if (settings.only != null) {
            both.retainAll(settings.only);
        }
        return with(s -> s.only = Collections.unmodifiableSet(both));
    }

    /**
     * Lets the step leave layers with given names as they are. Names are taken as they are: they are no selectors, and
     * {@link #check} does not look for them.
     *
     * @param names the names of layers
     * @return the filter
     */
    public LayerFilter leaving(Collection<String> names) {
        Set<String> more = new LinkedHashSet<>(settings.left);
        more.addAll(names);
        return with(s -> s.left = Collections.unmodifiableSet(more));
    }

    /**
     * Whether the step may change a node.
     *
     * @param node the node
     * @return true if a selector includes it, or none is given, none excludes it, and its name is not ruled out
     */
    public boolean accepts(Node node) {
        String name = LinearLayer.name(node);
        return (settings.only == null || settings.only.contains(name))
                && !settings.left.contains(name)
                && (settings.included.isEmpty() || settings.included.stream().anyMatch(s -> s.fits(node)))
                && settings.excluded.stream().noneMatch(s -> s.fits(node));
    }

    /**
     * Checks that each selector fits a node of a graph.
     *
     * @param graph the graph
     * @throws CompressionException if a selector fits none; the message has the names of the layers
     */
    public void check(Graph graph) {
        Set<Selector> selectors = new LinkedHashSet<>(settings.included);
        selectors.addAll(settings.excluded);
        for (Selector selector : selectors) {
            if (graph.nodes().stream().noneMatch(selector::fits)) {
                String layers = LinearLayer.of(graph).stream()
                        .map(LinearLayer::name)
                        .limit(20)
                        .collect(Collectors.joining(", "));
                throw new CompressionException(
                        "selector '" + Selector.shown(selector.text()) + "'",
                        "no layer that it fits",
                        "layers such as " + layers,
                        null);
            }
        }
    }
}
