package dev.tenon.compression;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import java.util.ArrayList;
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
    private static final LayerFilter ALL = new LayerFilter(List.of(), List.of());

    private final List<String> included;
    private final List<String> excluded;

    private LayerFilter(List<String> included, List<String> excluded) {
        this.included = included;
        this.excluded = excluded;
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
        return new LayerFilter(with(included, selectors), excluded);
    }

    /**
     * Lets the step leave layers that a selector fits as they are.
     *
     * @param selectors the selectors, beside those given before
     * @return the filter
     * @throws CompressionException if a regular expression is malformed
     */
    public LayerFilter exclude(String... selectors) {
        return new LayerFilter(included, with(excluded, selectors));
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
     * @return true if a selector includes it, or none is given, and none excludes it
     */
    public boolean accepts(Node node) {
        return (included.isEmpty() || included.stream().anyMatch(s -> fits(s, node)))
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
