package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A value of a JSON document with its path, so that an error message can name the place.
 *
 * @param document the name of the document in messages
 * @param parent the value that has this one; null for the document itself
 * @param step the name of the member or the index in brackets that leads from the parent to the value
 * @param value a {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Double}, {@code Boolean} or null
 */
record JsonValue(String document, JsonValue parent, String step, Object value) {
    private static final int MAX_SHOWN = 60;
    private static final String DAMAGED = "check that the file is complete, or fetch it again";
    private static final String UNSUPPORTED = "this version of Tenon does not have it";

    /**
     * Parses a document.
     *
     * @param name the name of the document in messages
     * @param bytes the document
     * @param limits its limits
     * @return its value
     * @throws MalformedModelException if it is not JSON, or an object has the same member twice
     */
    static JsonValue read(String name, ModelBytes bytes, Limits limits) {
        JsonValue root = new JsonValue(name, null, "", null);
        return new JsonValue(name, null, "", JsonReader.read(bytes, limits, root::parse));
    }

    private Object parse(DataReader in) {
        return switch (in.kind()) {
            case OBJECT -> parseObject(in);
            case ARRAY -> {
                in.countRecord();
                in.beginArray();
                List<Object> items = new ArrayList<>();
                while (in.nextElement()) {
                    if (isNested(in)) {
                        items.add(at("[" + items.size() + "]", null).parse(in));
                        continue;
                    }
                    if (in.kind() != DataReader.Kind.TEXT) {
                        in.countRecord();
                    }
                    items.add(parse(in));
                }
                yield items;
            }
            case TEXT -> wellFormed(in.text());
            case NUMBER -> in.float64();
            case TRUTH -> in.truth();
            case NULL -> {
                in.skip();
                yield null;
            }
        };
    }

    private static boolean isNested(DataReader in) {
        return in.kind() == DataReader.Kind.OBJECT || in.kind() == DataReader.Kind.ARRAY;
    }

    private Map<String, Object> parseObject(DataReader in) {
        in.countRecord();
        in.beginObject();
        Map<String, Object> members = new LinkedHashMap<>();
        int count = 0;
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            in.countRecord();
            wellFormed(name);
            members.put(name, isNested(in) ? at(name, null).parse(in) : parse(in));
            if (members.size() != ++count) {
                throw new MalformedModelException(at(name, null).thing(), "present twice", "each member once", DAMAGED);
            }
        }
        return members;
    }

    private String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    throw new MalformedModelException(
                            thing(), "an unpaired surrogate in " + shown(text), "text that UTF-8 can hold", DAMAGED);
                }
                i++;
            }
        }
        return text;
    }

    /** A member that must be present. */
    JsonValue get(String name) {
        JsonValue found = at(name, null);
        if (!members().containsKey(name)) {
            throw new MalformedModelException(found.thing(), "missing", "a value", DAMAGED);
        }
        return at(name, members().get(name));
    }

    /** A member; empty if it is missing or null. */
    Optional<JsonValue> find(String name) {
        Object found = members().get(name);
        return found == null ? Optional.empty() : Optional.of(at(name, found));
    }

    /** A member that is true or false; another value if it is missing or null. */
    boolean flag(String name, boolean missing) {
        return find(name).map(JsonValue::flag).orElse(missing);
    }

    /** A member that is a text; another value if it is missing or null. */
    String text(String name, String missing) {
        return find(name).map(JsonValue::text).orElse(missing);
    }

    /** The member {@code type} of an object, which says what the object is. */
    String type() {
        return get("type").text();
    }

    /** The members of an object. */
    @SuppressWarnings("unchecked")
    Map<String, Object> members() {
        if (!(value instanceof Map)) {
            throw wrong("an object");
        }
        return (Map<String, Object>) value;
    }

    /** The items of an array. */
    List<JsonValue> items() {
        List<JsonValue> items = new ArrayList<>();
        for (Object item : list()) {
            items.add(at("[" + items.size() + "]", item));
        }
        return items;
    }

    /** The items of an array as they are. Use it for long arrays. */
    List<?> list() {
        if (!(value instanceof List<?> list)) {
            throw wrong("an array");
        }
        return list;
    }

    /** An item of an array. */
    JsonValue item(int index) {
        return at("[" + index + "]", list().get(index));
    }

    String text() {
        if (!(value instanceof String text)) {
            throw wrong("a string");
        }
        return text;
    }

    /** A text of one code point. */
    int character() {
        String text = text();
        if (text.isEmpty() || text.codePointCount(0, text.length()) != 1) {
            throw wrong("one character");
        }
        return text.codePointAt(0);
    }

    boolean flag() {
        if (!(value instanceof Boolean flag)) {
            throw wrong("true or false");
        }
        return flag;
    }

    /** A finite number. */
    double number() {
        if (!(value instanceof Double number) || !Double.isFinite(number)) {
            throw wrong("a number");
        }
        return number;
    }

    /** An integer from min to max, both included. */
    int integer(int min, int max) {
        if (!(value instanceof Double number) || number != Math.rint(number) || number < min || number > max) {
            throw wrong("a whole number from " + min + " to " + max);
        }
        return number.intValue();
    }

    /** An id of a token. */
    int id() {
        return integer(0, Integer.MAX_VALUE);
    }

    /** A string that must be one of the allowed ones. */
    String oneOf(String... allowed) {
        if (!(value instanceof String text) || !Arrays.asList(allowed).contains(text)) {
            throw wrong("\"" + String.join("\" or \"", allowed) + "\"");
        }
        return text;
    }

    /** An exception that says what is allowed instead of this value. */
    MalformedModelException wrong(String allowed) {
        return new MalformedModelException(thing(), shown(value), allowed, DAMAGED);
    }

    /** An exception that says which kinds are read, for a value of another kind. */
    UnsupportedModelException unsupported(String allowed) {
        return new UnsupportedModelException(thing(), shown(value), allowed, UNSUPPORTED);
    }

    private JsonValue at(String next, Object found) {
        return new JsonValue(document, this, next, found);
    }

    /** The path of the value, such as {@code model.vocab}, with long names cut; empty for the document itself. */
    String path() {
        StringBuilder path = new StringBuilder();
        for (JsonValue at = this; at.parent != null; at = at.parent) {
            String part = at.step.length() <= MAX_SHOWN ? at.step : at.step.substring(0, MAX_SHOWN) + "...";
            path.insert(0, part);
            if (at.parent.parent != null && !part.startsWith("[")) {
                path.insert(0, '.');
            }
        }
        return path.toString();
    }

    /** The place, for messages. */
    String thing() {
        return parent == null ? document : document + ", " + path();
    }

    private static String shown(Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map -> "an object with " + map.size() + " members";
            case List<?> list -> "an array of " + list.size();
            case String text -> "\"" + shortened(text) + "\"";
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1L << 53 -> Long.toString(number.longValue());
            default -> shortened(String.valueOf(value));
        };
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN
                ? text
                : text.substring(0, MAX_SHOWN) + "... (" + text.length() + " characters)";
    }
}
