package dev.tenon.compression.recipe;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The options of a step in a recipe. Each method reads one, and gives a default if it is missing. An option that no method has
 * asked for is an error, so that a misspelt one is found.
 */
public final class StepOptions {
    private static final int MAX_SHOWN = 60;

    private final String thing;
    private final Map<String, Object> values;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<LayerFilter> filters = new ArrayList<>();
    private final LayerFilter all;

    /**
     * Options.
     *
     * @param thing the step in messages
     * @param values the values by name: strings, booleans, doubles, longs, lists of these
     */
    StepOptions(String thing, Map<String, Object> values) {
        this(thing, values, LayerFilter.all());
    }

    /** Options whose selectors of layers narrow a filter. */
    StepOptions(String thing, Map<String, Object> values, LayerFilter all) {
        this.thing = thing;
        this.values = values;
        this.all = all;
    }

    /** A value in a message. */
    static String shown(Object value) {
        String text =
                switch (value) {
                    case null -> "null";
                    case Map<?, ?> map -> "an object";
                    case String string -> "\"" + string + "\"";
                    default -> value.toString();
                };
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private Object value(String name) {
        known.add(name);
        return values.get(name);
    }

    private CompressionException wrong(String name, String allowed) {
        Object value = values.get(name);
        return new CompressionException(thing + ", option '" + name + "'", shown(value), allowed, null);
    }

    /**
     * A number.
     *
     * @param name the name of the option
     * @param standard the value if it is missing
     * @param min the least value
     * @param max the greatest value
     * @return the value
     * @throws CompressionException if it is no such number
     */
    public double number(String name, double standard, double min, double max) {
        Object value = value(name);
        if (value == null) {
            return standard;
        }
        if (!(value instanceof Number number) || !(number.doubleValue() >= min) || !(number.doubleValue() <= max)) {
            throw wrong(name, String.format(Locale.ROOT, "numbers from %s to %s", min, max));
        }
        return number.doubleValue();
    }

    /**
     * A whole number.
     *
     * @param name the name of the option
     * @param standard the value if it is missing
     * @param min the least value
     * @param max the greatest value
     * @return the value
     * @throws CompressionException if it is no such number
     */
    public int integer(String name, int standard, int min, int max) {
        Object value = value(name);
        if (value == null) {
            return standard;
        }
        if (!(value instanceof Long number) || number < min || number > max) {
            throw wrong(name, "whole numbers from " + min + " to " + max);
        }
        return number.intValue();
    }

    /**
     * A switch.
     *
     * @param name the name of the option
     * @param standard the value if it is missing
     * @return the value
     * @throws CompressionException if it is neither true nor false
     */
    public boolean flag(String name, boolean standard) {
        Object value = value(name);
        if (value == null) {
            return standard;
        }
        if (!(value instanceof Boolean flag)) {
            throw wrong(name, "true, false");
        }
        return flag;
    }

    /**
     * One of some words.
     *
     * @param name the name of the option
     * @param standard the value if it is missing
     * @param others the other words that are allowed
     * @return the value
     * @throws CompressionException if it is another one
     */
    public String choice(String name, String standard, String... others) {
        Object value = value(name);
        if (value == null || value.equals(standard)) {
            return standard;
        }
        if (!(value instanceof String text) || !Arrays.asList(others).contains(text)) {
            throw wrong(name, standard + ", " + String.join(", ", others));
        }
        return text;
    }

    /**
     * One of the constants of an enumeration, by its name in lower case with {@code -} for {@code _}.
     *
     * @param name the name of the option
     * @param standard the value if it is missing
     * @param <E> the enumeration
     * @return the value
     * @throws CompressionException if there is no such constant
     */
    public <E extends Enum<E>> E choice(String name, E standard) {
        E[] constants = standard.getDeclaringClass().getEnumConstants();
        String[] words = new String[constants.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = constants[i].name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        String found = choice(name, words[standard.ordinal()], words);
        return constants[Arrays.asList(words).indexOf(found)];
    }

    /**
     * Strings.
     *
     * @param name the name of the option
     * @return the strings, none if it is missing
     * @throws CompressionException if it is no list of strings
     */
    public List<String> texts(String name) {
        Object value = value(name);
        List<String> texts = new ArrayList<>();
        if (value != null) {
            if (!(value instanceof List<?> list)) {
                throw wrong(name, "a list of strings");
            }
            for (Object item : list) {
                if (!(item instanceof String text)) {
                    throw wrong(name, "a list of strings");
                }
                texts.add(text);
            }
        }
        return texts;
    }

    /**
     * The layers that the step may change: those that the selectors in {@code include} fit, without those in {@code exclude}.
     *
     * @return the filter
     * @throws CompressionException if one is no list of selectors
     */
    public LayerFilter layers() {
        LayerFilter filter = all.include(texts("include").toArray(new String[0]))
                .exclude(texts("exclude").toArray(new String[0]));
        filters.add(filter);
        return filter;
    }

    /** The filters that were asked for. */
    List<LayerFilter> filters() {
        return filters;
    }

    /** Finds options that nothing has asked for. */
    void check() {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new CompressionException(
                        thing,
                        "option '" + name + "'",
                        known.isEmpty() ? "no options" : String.join(", ", known),
                        "correct or remove it");
            }
        }
    }
}
