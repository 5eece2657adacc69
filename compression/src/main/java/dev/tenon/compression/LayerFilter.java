package dev.tenon.compression;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Which layers a step may change. Without conditions it is all of them. Immutable.
 *
 * <p>A selector is the name of a layer, the name of an operator such as {@code Conv}, or a regular expression between
 * slashes that a layer's whole name matches: {@code /encoder\..*\/query/}.
 */
public final class LayerFilter {
    private static final LayerFilter ALL = new LayerFilter(List.of(), List.of(), null, Set.of());

    private final List<String> included;
    private final List<String> excluded;

    /** The names of the only layers that may be changed; null if names do not matter. */
    private final Set<String> only;

    /** The names of layers that may not be changed. */
    private final Set<String> left;

    private LayerFilter(List<String> included, List<String> excluded, Set<String> only, Set<String> left) {
        this.included = included;
        this.excluded = excluded;
        this.only = only;
        this.left = left;
    }

    /** {@return all layers} */
    public static LayerFilter all() {
        return ALL;
    }

    private static List<String> with(List<String> list, String... more) {
        List<String> all = new ArrayList<>(list);
        all.addAll(List.of(more));
        for (String selector : more) {
            if (isPattern(selector)) {
                try {
                    Pattern.compile(pattern(selector));
                } catch (PatternSyntaxException e) {
                    throw new CompressionException(
                            "selector '" + selector + "'", e.getDescription(), "regular expressions of Java", null, e);
                }
            }
        }
        return List.copyOf(all);
    }

    /**
     * Lets the step change only layers that a selector fits.
     *
     * @param selectors the selectors, beside those given before
     * @return the filter
     * @throws CompressionException if a regular expression is malformed
     */
    public LayerFilter include(String... selectors) {
        return new LayerFilter(with(included, selectors), excluded, only, left);
    }

    /**
     * Lets the step leave layers that a selector fits as they are.
     *
     * @param selectors the selectors, beside those given before
     * @return the filter
     * @throws CompressionException if a regular expression is malformed
     */
    public LayerFilter exclude(String... selectors) {
        return new LayerFilter(included, with(excluded, selectors), only, left);
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
        if (only != null) {
            both.retainAll(only);
        }
        return new LayerFilter(included, excluded, Collections.unmodifiableSet(both), left);
    }

    /**
     * Lets the step leave layers with given names as they are. Names are taken as they are: they are no selectors, and
     * {@link #check} does not look for them.
     *
     * @param names the names of layers
     * @return the filter
     */
    public LayerFilter leaving(Collection<String> names) {
        Set<String> more = new LinkedHashSet<>(left);
        more.addAll(names);
        return new LayerFilter(included, excluded, only, Collections.unmodifiableSet(more));
    }

    private static boolean isPattern(String selector) {
        return selector.length() > 1 && selector.startsWith("/") && selector.endsWith("/");
    }

    private static String pattern(String selector) {
        return selector.substring(1, selector.length() - 1);
    }

    private static boolean fits(String selector, Node node) {
        String name = LinearLayer.name(node);
        return isPattern(selector)
                ? Pattern.matches(pattern(selector), name)
                : selector.equals(name) || selector.equals(node.op().schema().name());
    }

    /**
     * Whether the step may change a node.
     *
     * @param node the node
     * @return true if a selector includes it, or none is given, none excludes it, and its name is not ruled out
     */
    public boolean accepts(Node node) {
        String name = LinearLayer.name(node);
        return (only == null || only.contains(name))
                && !left.contains(name)
                && (included.isEmpty() || included.stream().anyMatch(s -> fits(s, node)))
                && excluded.stream().noneMatch(s -> fits(s, node));
    }

    /**
     * Checks that each selector fits a node of a graph.
     *
     * @param graph the graph
     * @throws CompressionException if a selector fits none; the message has the names of the layers
     */
    public void check(Graph graph) {
        Set<String> selectors = new LinkedHashSet<>(included);
        selectors.addAll(excluded);
        for (String selector : selectors) {
            if (graph.nodes().stream().noneMatch(node -> fits(selector, node))) {
                String layers = LinearLayer.of(graph).stream()
                        .map(LinearLayer::name)
                        .limit(20)
                        .collect(Collectors.joining(", "));
                throw new CompressionException(
                        "selector '" + selector + "'", "no layer that it fits", "layers such as " + layers, null);
            }
        }
    }
}
