package dev.tenon.formats.json;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/**
 * The named values of a document, whatever its notation: whole numbers are a {@code Long}, others a {@code Double}. A value of
 * another type than the reader wants, or out of range, ends in a {@link MalformedModelException} that names document and value.
 * A value of null counts as absent. Unmodifiable.
 */
public final class Members {
    private static final String CURE = "check that the file is complete, or fetch or convert it again";

    private static final Map<Class<?>, String> WORDS = Map.of(
            String.class, "a text",
            Long.class, "a whole number",
            Number.class, "a number",
            Boolean.class, "true or false",
            Map.class, "an object");

    private final String document;
    private final Map<String, Object> values;

    /**
     * Named values.
     *
     * @param document how messages call the document
     * @param values the values by their names; not copied, so they must not change
     */
    public Members(String document, Map<String, Object> values) {
        this.document = document;
        this.values = Collections.unmodifiableMap(values);
    }

    /** {@return how messages call the document} */
    public String document() {
        return document;
    }

    /** {@return all values by their names, in the order of the document} */
    public Map<String, Object> values() {
        return values;
    }

    /**
     * Whether there is a value.
     *
     * @param name its name
     * @return false if it is absent or null
     */
    public boolean has(String name) {
        return values.get(name) != null;
    }

    /**
     * A value that may be absent.
     *
     * @param <T> its type
     * @param name its name
     * @param type its type
     * @return the value
     */
    public <T> Optional<T> find(String name, Class<T> type) {
        Object value = values.get(name);
        if (value != null && !type.isInstance(value)) {
            throw wrong(name, words(type));
        }
        return Optional.ofNullable(type.cast(value));
    }

    /**
     * A value that must be there.
     *
     * @param <T> its type
     * @param name its name
     * @param type its type
     * @return the value
     */
    public <T> T get(String name, Class<T> type) {
        return find(name, type).orElseThrow(() -> wrong(name, words(type)));
    }

    private static String words(Class<?> type) {
        return WORDS.getOrDefault(type, "an array");
    }

    /**
     * A whole number that must be there.
     *
     * @param name its name
     * @param least the least that is allowed
     * @param most the largest that is allowed
     * @return the number
     */
    public long integer(String name, long least, long most) {
        long value = get(name, Long.class);
        if (value < least || value > most) {
            throw wrong(name, least + " to " + most);
        }
        return value;
    }

    /**
     * A whole number that may be absent.
     *
     * @param name its name
     * @param least the least that is allowed
     * @param most the largest that is allowed
     * @param absent the number if it is absent
     * @return the number
     */
    public long integer(String name, long least, long most, long absent) {
        return has(name) ? integer(name, least, most) : absent;
    }

    /**
     * A positive number that must be there.
     *
     * @param name its name
     * @return the number, finite
     */
    public double positive(String name) {
        double value = get(name, Number.class).doubleValue();
        if (!(value > 0) || Double.isInfinite(value)) {
            throw wrong(name, "a positive number");
        }
        return value;
    }

    /**
     * A positive number that may be absent.
     *
     * @param name its name
     * @param absent the number if it is absent
     * @return the number, finite
     */
    public double positive(String name, double absent) {
        return has(name) ? positive(name) : absent;
    }

    /**
     * A text that may be absent.
     *
     * @param name its name
     * @param absent the text if it is absent
     * @return the text
     */
    public String text(String name, String absent) {
        return find(name, String.class).orElse(absent);
    }

    /**
     * A truth value that may be absent.
     *
     * @param name its name
     * @param absent the truth value if it is absent
     * @return the truth value
     */
    public boolean flag(String name, boolean absent) {
        return find(name, Boolean.class).orElse(absent);
    }

    /**
     * A value that is an object itself.
     *
     * @param name its name
     * @return its members; none if it is absent
     */
    @SuppressWarnings("unchecked") // keys of objects are texts
    public Members object(String name) {
        return new Members(document + ", '" + name + "'", find(name, Map.class).orElse(Map.of()));
    }

    /**
     * A value that does not fit.
     *
     * @param name its name
     * @param allowed the values that do
     * @return the exception to throw
     */
    public MalformedModelException wrong(String name, String allowed) {
        return new MalformedModelException(place(name), shown(name), allowed, CURE);
    }

    /**
     * A value that is well formed, but asks for something that is not there.
     *
     * @param name its name
     * @param allowed the values that are supported
     * @return the exception to throw
     */
    public UnsupportedModelException unsupported(String name, String allowed) {
        return new UnsupportedModelException(
                place(name), shown(name), allowed, "use a model with one of these, or export it to ONNX");
    }

    private String place(String name) {
        return document + ", " + DataReader.shown(name);
    }

    private String shown(String name) {
        Object value = values.get(name);
        return value == null ? "no such value" : DataReader.shown(value.toString());
    }
}
