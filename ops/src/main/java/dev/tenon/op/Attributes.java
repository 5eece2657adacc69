package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The attributes of an operator by name: immutable, ordered by name. A value is a Long, Float, String, Tensor,
 * ValueType, {@link GraphAttribute}, or a list of one of these. Strings hold the bytes of the model decoded as UTF-8.
 */
public final class Attributes {
    private static final Attributes NONE = new Attributes(new TreeMap<>());

    private final SortedMap<String, Object> values;

    private Attributes(SortedMap<String, Object> values) {
        this.values = values;
    }

    /**
     * No attributes.
     *
     * @return the empty set
     */
    public static Attributes none() {
        return NONE;
    }

    /**
     * Adds or replaces an attribute.
     *
     * @param name its name
     * @param value one of the kinds that the class comment lists; Integer and Boolean become Long, Double becomes
     *     Float, {@code long[]}, {@code float[]} and {@code byte[]} become lists and strings
     * @return the larger set; the same set if the value is null
     */
    public Attributes with(String name, Object value) {
        if (value == null) {
            return this;
        }
        TreeMap<String, Object> more = new TreeMap<>(values);
        more.put(name, canonical(name, value));
        return new Attributes(more);
    }

    /**
     * Adds or replaces attributes.
     *
     * @param more their values by name, as {@link #with} takes them
     * @return the larger set
     */
    public Attributes withAll(Map<String, ?> more) {
        TreeMap<String, Object> all = new TreeMap<>(values);
        for (Map.Entry<String, ?> e : more.entrySet()) {
            if (e.getValue() != null) {
                all.put(e.getKey(), canonical(e.getKey(), e.getValue()));
            }
        }
        return new Attributes(all);
    }

    /**
     * Adds an attribute unless it is at its default.
     *
     * @param name its name
     * @param value its value
     * @param standard the default of the standard
     * @return the larger set
     */
    public Attributes unless(String name, Object value, Object standard) {
        return value == null || value.equals(standard) ? this : with(name, value);
    }

    private static Object canonical(String name, Object value) {
        if (value instanceof Long || value instanceof Float || value instanceof String) {
            return value;
        }
        if (value instanceof List<?> list) {
            List<Object> elements = new ArrayList<>(list.size());
            for (Object element : list) {
                elements.add(canonical(name, element));
            }
            return Collections.unmodifiableList(elements);
        }
        return switch (value) {
            case Integer i -> (long) i;
            case Boolean b -> b ? 1L : 0L;
            case Double d -> (float) (double) d;
            case byte[] b -> new String(b, StandardCharsets.UTF_8);
            case long[] l -> {
                List<Long> list = new ArrayList<>(l.length);
                for (long x : l) {
                    list.add(x);
                }
                yield List.copyOf(list);
            }
            case int[] l -> {
                List<Long> list = new ArrayList<>(l.length);
                for (int x : l) {
                    list.add((long) x);
                }
                yield List.copyOf(list);
            }
            case float[] f -> {
                List<Float> list = new ArrayList<>();
                for (float x : f) {
                    list.add(x);
                }
                yield List.copyOf(list);
            }
            case Tensor t -> t;
            case ValueType t -> t;
            case GraphAttribute g -> g;
            default ->
                throw new IllegalArgumentException("attribute '" + name + "' can't be a "
                        + value.getClass().getName());
        };
    }

    /**
     * The names of all attributes.
     *
     * @return a sorted, unmodifiable set
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /**
     * Tells whether there are no attributes.
     *
     * @return true if there are none
     */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /**
     * Tells whether an attribute is given.
     *
     * @param name its name
     * @return true if it is given
     */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /**
     * The value of an attribute of any kind.
     *
     * @param name its name
     * @return the value, or nothing if it is not given
     */
    public Optional<Object> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /**
     * All attributes.
     *
     * @return an unmodifiable map ordered by name
     */
    public Map<String, Object> asMap() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * An integer attribute.
     *
     * @param name its name
     * @param standard the value if it is not given
     * @return the value
     * @throws InvalidOperandException if it is of another kind
     */
    public long integer(String name, long standard) {
        Object v = values.get(name);
        return v == null ? standard : as(name, v, Long.class, "an integer");
    }

    /**
     * An integer attribute that fits an int.
     *
     * @param name its name
     * @param standard the value if it is not given
     * @return the value
     * @throws InvalidOperandException if it is of another kind or does not fit
     */
    public int int32(String name, int standard) {
        long v = integer(name, standard);
        if (v != (int) v) {
            throw new InvalidOperandException("attribute '" + name + "'", Long.toString(v), "a 32-bit integer", null);
        }
        return (int) v;
    }

    /**
     * An integer attribute used as a flag.
     *
     * @param name its name
     * @param standard the value if it is not given
     * @return true if it is not 0
     * @throws InvalidOperandException if it is of another kind
     */
    public boolean flag(String name, boolean standard) {
        return integer(name, standard ? 1 : 0) != 0;
    }

    /**
     * A float attribute.
     *
     * @param name its name
     * @param standard the value if it is not given
     * @return the value
     * @throws InvalidOperandException if it is of another kind
     */
    public float real(String name, float standard) {
        Object v = values.get(name);
        return v == null ? standard : as(name, v, Float.class, "a float");
    }

    /**
     * A string attribute.
     *
     * @param name its name
     * @param standard the value if it is not given, which may be null
     * @return the value
     * @throws InvalidOperandException if it is of another kind
     */
    public String string(String name, String standard) {
        Object v = values.get(name);
        return v == null ? standard : as(name, v, String.class, "a string");
    }

    /**
     * A tensor attribute.
     *
     * @param name its name
     * @return the value, or nothing if it is not given
     * @throws InvalidOperandException if it is of another kind
     */
    public Optional<Tensor> tensor(String name) {
        return get(name).map(v -> as(name, v, Tensor.class, "a tensor"));
    }

    /**
     * A graph attribute.
     *
     * @param name its name
     * @return the value, or nothing if it is not given
     * @throws InvalidOperandException if it is of another kind
     */
    public Optional<GraphAttribute> graph(String name) {
        return get(name).map(v -> as(name, v, GraphAttribute.class, "a graph"));
    }

    /**
     * A list of integers.
     *
     * @param name its name
     * @param standard the value if it is not given, which may be null
     * @return an immutable list, or the standard value
     * @throws InvalidOperandException if it is of another kind
     */
    public List<Long> integers(String name, List<Long> standard) {
        return list(name, standard, Long.class, "a list of integers");
    }

    /**
     * A list of floats.
     *
     * @param name its name
     * @param standard the value if it is not given, which may be null
     * @return an immutable list, or the standard value
     * @throws InvalidOperandException if it is of another kind
     */
    public List<Float> reals(String name, List<Float> standard) {
        return list(name, standard, Float.class, "a list of floats");
    }

    /**
     * A list of strings.
     *
     * @param name its name
     * @param standard the value if it is not given, which may be null
     * @return an immutable list, or the standard value
     * @throws InvalidOperandException if it is of another kind
     */
    public List<String> strings(String name, List<String> standard) {
        return list(name, standard, String.class, "a list of strings");
    }

    private <T> List<T> list(String name, List<T> standard, Class<T> type, String kind) {
        Object v = values.get(name);
        if (v == null) {
            return standard;
        }
        List<T> result = new ArrayList<>();
        for (Object e : as(name, v, List.class, kind)) {
            result.add(as(name, e, type, kind));
        }
        return List.copyOf(result);
    }

    private static <T> T as(String name, Object value, Class<T> type, String kind) {
        if (!type.isInstance(value)) {
            String found = value instanceof String text ? "the string '" + text + "'" : String.valueOf(value);
            throw new InvalidOperandException("attribute '" + name + "'", found, kind, null);
        }
        return type.cast(value);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Attributes other && values.equals(other.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
