package dev.tenon.graph.rewrite;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Follows the values of a graph through rules and passes: it knows for each value of the graph the value of the
 * rewritten graph that equals it, if there still is one.
 *
 * <pre>{@code
 * GraphMapping mapping = new GraphMapping(graph);
 * Graph optimised = pipeline.apply(graph, RewriteTrace.following(mapping));
 * Optional<Value> hidden = mapping.find("hidden");
 * }</pre>
 *
 * <p>A value is gone when nothing computes it any more: nothing needed it, or a fusion computes it as a part of
 * something else. A value that must stay can be made an output first, with {@link
 * dev.tenon.graph.GraphEditor#exposing}. Rules that are not {@link Rule#exact} may change the last places of a value
 * that is still there. Values of the bodies of {@link GraphOp}s are followed too, but are gone when a body becomes a
 * part of the surrounding graph.
 *
 * <p>Names are no such correspondence: a rewrite may give a new value the name of one that is gone.
 *
 * <p>Confined to one thread while rules and passes run, then safe for any number of threads. Each step costs time
 * linear in the number of values.
 */
public final class GraphMapping {
    private final Graph original;
    private final Map<String, Value> names = new HashMap<>();
    /** Each value of the original graph that is still there, and the value that it has become. */
    private final Map<Value, Value> now = new IdentityHashMap<>();

    /** The other direction. Several values may have become the same one. */
    private final Map<Value, List<Value>> origins = new IdentityHashMap<>();

    private final Set<Value> followed = Collections.newSetFromMap(new IdentityHashMap<>());
    private Graph current;
    /** The values of the current graph and of its bodies; null until they are needed. */
    private volatile Set<Value> present;

    /**
     * A mapping of each value to itself.
     *
     * @param original the graph before rules and passes
     */
    public GraphMapping(Graph original) {
        this.original = original;
        this.current = original;
        forEachValue(original, v -> {
            now.put(v, v);
            origins.put(v, List.of(v));
            followed.add(v);
        });
        original.forEachValue(v -> names.put(v.name(), v));
    }

    /**
     * The graph before rules and passes.
     *
     * @return the graph
     */
    public Graph original() {
        return original;
    }

    /**
     * The graph after the last rule or pass.
     *
     * @return the graph that {@link #find} gives values of
     */
    public Graph current() {
        return current;
    }

    /**
     * The value of the current graph that equals a value of the original graph.
     *
     * @param value a value of the original graph, or of a body in it
     * @return the value of the current graph, or of a body in it; empty if it is gone
     * @throws InvalidGraphException if the value belongs to another graph
     */
    public Optional<Value> find(Value value) {
        if (!followed.contains(value)) {
            throw new InvalidGraphException(
                    "value '" + value.name() + "'",
                    "a value of another graph",
                    "values of graph '" + original.name() + "' as it was before rules and passes",
                    null);
        }
        Value its = now.get(value);
        return its == null || !isPresent(its) ? Optional.empty() : Optional.of(its);
    }

    /**
     * The value of the current graph that equals the value of a name in the original graph.
     *
     * @param name the name of a value of the original graph; bodies are not searched
     * @return the value of the current graph; empty if it is gone
     * @throws InvalidGraphException if no value of the original graph has this name
     */
    public Optional<Value> find(String name) {
        Value value = names.get(name);
        if (value == null) {
            throw new InvalidGraphException(
                    "value '" + name + "'",
                    "no value of this name in graph '" + original.name() + "'",
                    "names of values before rules and passes",
                    null);
        }
        return find(value);
    }

    /**
     * Tells that a graph, or a body, was replaced by another one.
     *
     * @param source the graph before
     * @param result the graph in its place
     * @param copies gives for each value of the source the value of the result that equals it, or null if there is none
     */
    void copied(Graph source, Graph result, UnaryOperator<Value> copies) {
        Map<Value, List<Value>> moved = new IdentityHashMap<>();
        source.forEachValue(v -> {
            List<Value> its = origins.remove(v);
            Value copy = its == null ? null : copies.apply(v);
            if (copy != null) {
                moved.computeIfAbsent(copy, key -> new ArrayList<>()).addAll(its);
            } else if (its != null) {
                its.forEach(now::remove);
            }
        });
        moved.forEach((copy, its) -> its.forEach(v -> now.put(v, copy)));
        origins.putAll(moved);
        current = source == current ? result : current;
        present = null;
    }

    /** Whether the current graph, or a body in it, has a value. */
    private boolean isPresent(Value value) {
        Set<Value> known = present;
        if (known == null) {
            Set<Value> all = Collections.newSetFromMap(new IdentityHashMap<>());
            forEachValue(current, all::add);
            known = all;
            present = known;
        }
        return known.contains(value);
    }

    private static List<Graph> bodies(Graph graph) {
        List<Graph> bodies = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                bodies.addAll(control.bodies());
            }
        }
        return bodies;
    }

    private static void forEachValue(Graph graph, Consumer<Value> action) {
        graph.forEachValue(action);
        bodies(graph).forEach(body -> forEachValue(body, action));
    }
}
