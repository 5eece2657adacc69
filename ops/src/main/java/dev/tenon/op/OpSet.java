package dev.tenon.op;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An immutable table of operators. There is no global one: sets are values that are joined by {@link #plus} and handed
 * to whoever reads a model.
 */
public final class OpSet {
    private static final OpSet EMPTY = new OpSet(Map.of(), Map.of());

    private final Map<String, OpDefinition<?>> byName;
    private final Map<Class<?>, OpDefinition<?>> byType;

    private OpSet(Map<String, OpDefinition<?>> byName, Map<Class<?>, OpDefinition<?>> byType) {
        this.byName = byName;
        this.byType = byType;
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
     * Adds an operator, replacing one of the same domain and name.
     *
     * @param <O> the operator's class
     * @param definition its entry
     * @return the larger set
     */
    public <O extends Op> OpSet with(OpDefinition<O> definition) {
        return join(List.of(definition));
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
        return join(other.byName.values());
    }

    private OpSet join(Collection<OpDefinition<?>> more) {
        Map<String, OpDefinition<?>> names = new LinkedHashMap<>(byName);
        Map<Class<?>, OpDefinition<?>> types = new LinkedHashMap<>(byType);
        for (OpDefinition<?> d : more) {
            OpDefinition<?> old = names.put(key(d.schema().domain(), d.schema().name()), d);
            if (old != null) {
                types.remove(old.type(), old);
            }
            types.put(d.type(), d);
        }
        return new OpSet(names, types);
    }

    /**
     * The entry of an operator.
     *
     * @param domain its domain, empty for {@code ai.onnx}
     * @param name its name
     * @return the entry, or null if the set has none
     */
    public OpDefinition<?> find(String domain, String name) {
        return byName.get(key(domain, name));
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
        return (OpDefinition<O>) byType.get(op.getClass());
    }

    /**
     * All entries in the order in which they were added.
     *
     * @return an unmodifiable list
     */
    public List<OpDefinition<?>> definitions() {
        return List.copyOf(new ArrayList<>(byName.values()));
    }

    private static String key(String domain, String name) {
        return domain + "::" + name;
    }
}
