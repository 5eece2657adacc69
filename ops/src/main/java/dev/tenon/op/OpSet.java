package dev.tenon.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An immutable table of operators. There is no global one: sets are values that are joined by {@link #plus} and handed
 * to whoever reads a model. The lines of a set made by {@link #of} cost nothing until their operators are asked for.
 */
public final class OpSet {
    private static final OpSet EMPTY = new OpSet(List.of());
    private static final int MOST_MISSED = 256;

    private final List<Part> parts;
    private final Map<String, OpDefinition<?>> found = new ConcurrentHashMap<>();

    /** What was asked for and is not here, up to a bound: models name what they like. */
    private final Set<String> missed = ConcurrentHashMap.newKeySet();

    /** Lines of which each is read once, however many sets have them. */
    private record Part(Consumer<OpList> lines, Map<String, OpDefinition<?>> made) {
        private OpDefinition<?> find(String domain, String name) {
            OpDefinition<?> definition = made.get(OpList.key(domain, name));
            if (definition == null) {
                read(new OpList(domain, name));
                definition = made.get(OpList.key(domain, name));
            }
            return definition;
        }

        private OpList read(OpList list) {
            lines.accept(list);
            for (Map.Entry<String, OpDefinition<?>> e : list.found().entrySet()) {
                made.putIfAbsent(e.getKey(), e.getValue());
            }
            return list;
        }
    }

    private OpSet(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * The set without operators.
     *
     * @return the empty set
     */
    public static OpSet empty() {
        return EMPTY;
    }

    /**
     * A set of a line an operator.
     *
     * @param lines goes through the lines, and always gives the same ones
     * @return the set
     */
    public static OpSet of(Consumer<OpList> lines) {
        return new OpSet(List.of(new Part(lines, new ConcurrentHashMap<>())));
    }

    /**
     * Adds an operator, replacing one of the same domain and name.
     *
     * @param <O> the operator's class
     * @param definition its entry
     * @return the larger set
     */
    public <O extends Op> OpSet with(OpDefinition<O> definition) {
        return plus(of(list -> list.add(definition)));
    }

    /**
     * Adds an operator.
     *
     * @param <O> the operator's class
     * @param schema its schema
     * @param type its class
     * @param factory makes it from its attributes
     * @return the larger set
     */
    public <O extends Op> OpSet with(OpSchema schema, Class<O> type, Function<Attributes, O> factory) {
        return with(new OpDefinition<>(schema, type, factory));
    }

    /**
     * The union of two sets; where both define an operator, the other's entry holds.
     *
     * @param other another set
     * @return the union
     */
    public OpSet plus(OpSet other) {
        if (other.parts.isEmpty()) {
            return this;
        }
        List<Part> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new OpSet(all);
    }

    /**
     * The entry of an operator.
     *
     * @param domain its domain, empty for {@code ai.onnx}
     * @param name its name
     * @return the entry, or null if the set has none
     */
    public OpDefinition<?> find(String domain, String name) {
        String key = OpList.key(domain, name);
        OpDefinition<?> definition = found.get(key);
        if (definition == null && !missed.contains(key)) {
            for (Part part : parts) {
                OpDefinition<?> later = part.find(domain, name);
                definition = later == null ? definition : later;
            }
            if (definition != null) {
                found.put(key, definition);
            } else if (missed.size() < MOST_MISSED) {
                missed.add(key);
            }
        }
        return definition;
    }

    /**
     * The entry by which an operator was made.
     *
     * @param <O> the operator's class
     * @param op an operator
     * @return the entry, or null if the set has none
     */
    @SuppressWarnings("unchecked")
    public <O extends Op> OpDefinition<O> definition(O op) {
        OpSchema schema = op.schema();
        OpDefinition<?> definition = find(schema.domain(), schema.name());
        return definition == null || definition.type() != op.getClass() ? null : (OpDefinition<O>) definition;
    }

    /**
     * All entries in the order in which they were added.
     *
     * @return an unmodifiable list
     */
    public List<OpDefinition<?>> definitions() {
        Map<String, OpDefinition<?>> all = new LinkedHashMap<>();
        for (Part part : parts) {
            for (String key : part.read(new OpList()).found().keySet()) {
                all.put(key, part.made.get(key));
            }
        }
        return List.copyOf(all.values());
    }
}
