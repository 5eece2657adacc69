package dev.tenon.op;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Takes the lines of an {@link OpSet}. It asks for one operator or for all, and a line names its operator first, so that
 * a program loads and links those operators alone that its models have:
 *
 * <pre>{@code
 * if (list.asks("Softmax")) list.add(Softmax.SCHEMA, Softmax.class, Softmax::of);
 * }</pre>
 */
public final class OpList {
    private static final String EVERY = "*";

    private final String domain;
    private final String name;
    private final Map<String, OpDefinition<?>> found = new LinkedHashMap<>();

    /** Asks for all operators. */
    OpList() {
        this("", EVERY);
    }

    /** Asks for one operator. */
    OpList(String domain, String name) {
        this.domain = domain;
        this.name = name;
    }

    static String key(String domain, String name) {
        return domain + "::" + name;
    }

    /**
     * Whether an operator of the main domain is asked for.
     *
     * @param operator its name
     * @return true if its line is to add it
     */
    public boolean asks(String operator) {
        return asks("", operator);
    }

    /**
     * Whether an operator is asked for.
     *
     * @param of its domain
     * @param operator its name
     * @return true if its line is to add it
     */
    public boolean asks(String of, String operator) {
        return name.equals(EVERY) || operator.equals(name) && of.equals(domain);
    }

    /**
     * Adds an operator, replacing one of the same domain and name.
     *
     * @param <O> the operator's class
     * @param schema its schema
     * @param type its class
     * @param factory makes it from its attributes
     */
    public <O extends Op> void add(OpSchema schema, Class<O> type, Function<Attributes, O> factory) {
        add(new OpDefinition<>(schema, type, factory));
    }

    /**
     * Adds an operator, replacing one of the same domain and name, if it is asked for.
     *
     * @param definition its entry
     */
    public void add(OpDefinition<?> definition) {
        OpSchema schema = definition.schema();
        if (asks(schema.domain(), schema.name())) {
            found.put(key(schema.domain(), schema.name()), definition);
        }
    }

    /**
     * Whether what is asked for has been added already.
     *
     * @return false as long as all operators are asked for
     */
    public boolean isAnswered() {
        return !found.isEmpty() && !name.equals(EVERY);
    }

    /** What was added, in order. */
    Map<String, OpDefinition<?>> found() {
        return found;
    }
}
