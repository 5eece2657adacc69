package dev.tenon.op;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An immutable set of operators. There is no global set. Sets are values that are joined by {@link #plus} and handed to
 * the reader of a model.
 *
 * <p>Safe for any number of threads.
 */
public final class OpSet {
    private static final OpSet EMPTY = new OpSet(List.of());

    /** The tables in the order in which they were joined. An entry of a later one replaces that of an earlier one. */
    private final List<Table> tables;

    private interface Table {
        /** The entry of an operator, or null. */
        OpDefinition<?> find(String domain, String name);

        /** All entries in order. */
        Collection<OpDefinition<?>> all();

        /** The entries that are made. */
        Collection<OpDefinition<?>> made();
    }

    private record Entries(Map<String, OpDefinition<?>> byName) implements Table {
        static String key(OpSchema schema) {
            return key(schema.domain(), schema.name());
        }

        /** The key is the name alone in the main domain, whose name is empty. */
        static String key(String domain, String name) {
            return domain.isEmpty() ? name : domain + "::" + name;
        }

        @Override
        public OpDefinition<?> find(String domain, String name) {
            return byName.get(key(domain, name));
        }

        @Override
        public Collection<OpDefinition<?>> all() {
            return byName.values();
        }

        @Override
        public Collection<OpDefinition<?>> made() {
            return all();
        }
    }

    /** The operators of one domain, made when one of them is first looked up. */
    private static final class Lazy implements Table {
        private final String domain;
        private final Supplier<OpSet> maker;
        private volatile OpSet made;

        Lazy(String domain, Supplier<OpSet> maker) {
            this.domain = domain;
            this.maker = maker;
        }

        private OpSet operators() {
            OpSet operators = made;
            if (operators == null) {
                synchronized (this) {
                    operators = made == null ? maker.get() : made;
                    made = operators;
                }
            }
            return operators;
        }

        @Override
        public OpDefinition<?> find(String of, String name) {
            return of.equals(domain) ? operators().lookUp(of, name) : null;
        }

        @Override
        public Collection<OpDefinition<?>> all() {
            return operators().definitions();
        }

        @Override
        public Collection<OpDefinition<?>> made() {
            OpSet operators = made;
            return operators == null ? List.of() : operators.made();
        }
    }

    /** Entries each of which is made when its operator is first looked up. Every look-up gives the same one. */
    private static final class ByName implements Table {
        private final String domain;
        private final Function<String, OpDefinition<?>> maker;
        private final List<String> names;
        private final Map<String, OpDefinition<?>> made = new ConcurrentHashMap<>();

        ByName(String domain, Function<String, OpDefinition<?>> maker, String... names) {
            this.domain = domain;
            this.maker = maker;
            this.names = List.of(names);
        }

        private OpDefinition<?> make(String name) {
            OpDefinition<?> entry = maker.apply(name);
            if (entry == null
                    || !entry.schema().domain().equals(domain)
                    || !entry.schema().name().equals(name)) {
                throw new IllegalStateException("the entry of operator '" + name + "' of domain '" + domain + "' is "
                        + (entry == null ? "missing" : "that of " + entry.schema()));
            }
            return entry;
        }

        @Override
        public OpDefinition<?> find(String of, String name) {
            if (!of.equals(domain) || !names.contains(name)) {
                return null;
            }
            OpDefinition<?> entry = made.get(name);
            if (entry == null) {
                // Not in the map's own lock: to make an entry may initialise classes, which may look up others.
                OpDefinition<?> own = make(name);
                OpDefinition<?> first = made.putIfAbsent(name, own);
                entry = first == null ? own : first;
            }
            return entry;
        }

        @Override
        public Collection<OpDefinition<?>> all() {
            List<OpDefinition<?>> all = new ArrayList<>();
            for (String name : names) {
                all.add(find(domain, name));
            }
            return all;
        }

        @Override
        public Collection<OpDefinition<?>> made() {
            return made.values();
        }
    }

    private OpSet(List<Table> tables) {
        this.tables = List.copyOf(tables);
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
     * A set of some operators. Of several entries for one domain and name the last one holds.
     *
     * @param definitions the entries
     * @return the set
     */
    public static OpSet of(OpDefinition<?>... definitions) {
        Map<String, OpDefinition<?>> byName = new LinkedHashMap<>();
        for (OpDefinition<?> definition : definitions) {
            byName.put(Entries.key(definition.schema()), definition);
        }
        return new OpSet(List.of(new Entries(byName)));
    }

    /**
     * A set that is made when an operator of its domain is first looked up in it. So a program does not load the classes
     * of operators that its models do not have.
     *
     * @param domain the domain that all operators of the set belong to
     * @param operators makes the set; called at most once
     * @return the set
     */
    public static OpSet lazy(String domain, Supplier<OpSet> operators) {
        return new OpSet(List.of(new Lazy(domain, operators)));
    }

    /**
     * A set whose entries are made one by one, each when its operator is first looked up. So a program loads the classes of
     * the operators that its models have, and no others.
     *
     * @param domain the domain that all operators of the set belong to
     * @param maker makes the entry of a name. A look-up throws {@link IllegalStateException} if it makes none, or one with
     *     another name or domain
     * @param names the names of all operators of the set
     * @return the set
     */
    public static OpSet byName(String domain, Function<String, OpDefinition<?>> maker, String... names) {
        return new OpSet(List.of(new ByName(domain, maker, names)));
    }

    /**
     * The operators of this set that have some names. An entry is looked up when it is first asked for.
     *
     * @param domain the domain of all of them
     * @param names their names. A look-up throws {@link IllegalStateException} if this set does not have its operator
     * @return the smaller set
     */
    public OpSet only(String domain, String... names) {
        return byName(domain, name -> lookUp(domain, name), names);
    }

    /**
     * Adds an operator, or replaces the one of the same domain and name.
     *
     * @param definition its entry
     * @return the larger set
     */
    public OpSet with(OpDefinition<?> definition) {
        return plus(of(definition));
    }

    /**
     * The union of two sets. Where both define an operator, the entry of the other set holds.
     *
     * @param other another set, which is searched first
     * @return the union
     */
    public OpSet plus(OpSet other) {
        if (other.tables.isEmpty()) {
            return this;
        }
        List<Table> all = new ArrayList<>(tables);
        all.addAll(other.tables);
        return new OpSet(all);
    }

    /**
     * The entry of an operator.
     *
     * @param domain its domain, empty for {@code ai.onnx}
     * @param name its name
     * @return the entry, or nothing if the set has none
     */
    public Optional<OpDefinition<?>> find(String domain, String name) {
        return Optional.ofNullable(lookUp(domain, name));
    }

    private OpDefinition<?> lookUp(String domain, String name) {
        for (Table table : tables.reversed()) {
            OpDefinition<?> definition = table.find(domain, name);
            if (definition != null) {
                return definition;
            }
        }
        return null;
    }

    /**
     * Tells whether an operator belongs to this set: whether the entry of its name has its class.
     *
     * @param op an operator
     * @return true if it does
     */
    public boolean contains(Op op) {
        OpSchema schema = op.schema();
        OpDefinition<?> definition = lookUp(schema.domain(), schema.name());
        return definition != null && definition.type() == op.getClass();
    }

    /**
     * All entries in the order in which they were added.
     *
     * @return an unmodifiable list
     */
    public List<OpDefinition<?>> definitions() {
        Map<String, OpDefinition<?>> all = new LinkedHashMap<>();
        for (Table table : tables) {
            for (OpDefinition<?> definition : table.all()) {
                all.put(Entries.key(definition.schema()), definition);
            }
        }
        return List.copyOf(all.values());
    }

    /**
     * The entries that are made so far. Those of a set {@link #byName} are made when they are first looked up, so they tell which
     * operators the models of this process have.
     *
     * @return an unmodifiable list
     */
    public List<OpDefinition<?>> made() {
        List<OpDefinition<?>> all = new ArrayList<>();
        for (Table table : tables) {
            all.addAll(table.made());
        }
        return List.copyOf(all);
    }
}
