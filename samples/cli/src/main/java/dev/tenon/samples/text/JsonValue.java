package dev.tenon.samples.text;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * A value of a JSON document with its path, so that an error message can name the place.
 *
 * @param document the name of the document in messages
 * @param path the path of the value, such as {@code model.vocab}; empty for the document itself
 * @param value a {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Number}, {@code Boolean} or
 *     null
 */
record JsonValue(String document, String path, Object value) {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_SHOWN = 60;

    // A vocabulary is an object with many names, each of which occurs once. So the parser needs no table of known
    // names.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    /**
     * Parses a document.
     *
     * @param document the name of the document in messages
     * @param bytes the document
     * @return its value
     * @throws TokenizerException if it is not JSON, is nested more than 64 deep or has the same member twice
     */
    static JsonValue read(String document, byte[] bytes) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                throw new TokenizerException(document, "empty", "a JSON object", null);
            }
            JsonValue root = new JsonValue(document, "", null);
            Object value = root.parse(parser);
            if (parser.nextToken() != null) {
                throw new TokenizerException(document, "more after the end of the JSON value", "one JSON object", null);
            }
            return new JsonValue(document, "", value);
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new TokenizerException(
                    document, "not JSON" + place + ": " + e.getOriginalMessage(), "a JSON object", null, e);
        }
    }

    private Object parse(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> parseObject(parser);
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(at("[" + items.size() + "]", null).parse(parser));
                }
                yield items;
            }
            case VALUE_STRING -> wellFormed(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private Map<String, Object> parseObject(JsonParser parser) {
        Map<String, Object> members = new LinkedHashMap<>();
        int count = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = wellFormed(parser.currentName());
            parser.nextToken();
            boolean scalar = parser.currentToken().isScalarValue();
            Object member = scalar ? parse(parser) : at(step(name), null).parse(parser);
            members.put(name, member);
            if (members.size() != ++count) {
                throw new TokenizerException(at(step(name), null).thing(), "present twice", "each member once", null);
            }
        }
        return members;
    }

    private String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    throw new TokenizerException(
                            thing(), "an unpaired surrogate in " + shown(text), "text that UTF-8 can hold", null);
                }
                i++;
            }
        }
        return text;
    }

    /** A member that must be present. */
    JsonValue get(String name) {
        JsonValue found = at(step(name), null);
        if (!members().containsKey(name)) {
            throw new TokenizerException(found.thing(), "missing", "a value", null);
        }
        return at(step(name), members().get(name));
    }

    /** A member; empty if it is missing or null. */
    Optional<JsonValue> find(String name) {
        Object found = members().get(name);
        return found == null ? Optional.empty() : Optional.of(at(step(name), found));
    }

    /** The members of an object. */
    @SuppressWarnings("unchecked")
    Map<String, Object> members() {
        if (!(value instanceof Map)) {
            throw wrong("an object", null);
        }
        return (Map<String, Object>) value;
    }

    /** The items of an array. */
    List<JsonValue> items() {
        if (!(value instanceof List<?> list)) {
            throw wrong("an array", null);
        }
        List<JsonValue> items = new ArrayList<>();
        for (Object item : list) {
            items.add(at("[" + items.size() + "]", item));
        }
        return items;
    }

    String text() {
        if (!(value instanceof String text)) {
            throw wrong("a string", null);
        }
        return text;
    }

    boolean flag() {
        if (!(value instanceof Boolean flag)) {
            throw wrong("true or false", null);
        }
        return flag;
    }

    /** An integer from min to max, both included. */
    int integer(int min, int max) {
        boolean whole = value instanceof Integer || value instanceof Long || value instanceof BigInteger;
        if (!whole
                || !(value instanceof Number number)
                || new BigInteger(number.toString()).bitLength() > Integer.SIZE
                || number.longValue() < min
                || number.longValue() > max) {
            throw wrong("a whole number from " + min + " to " + max, null);
        }
        return number.intValue();
    }

    /** A string that must be one of the allowed ones. */
    String oneOf(String cure, String... allowed) {
        if (!(value instanceof String text) || !Arrays.asList(allowed).contains(text)) {
            throw wrong("\"" + String.join("\" or \"", allowed) + "\"", cure);
        }
        return text;
    }

    /** An exception that says what is allowed instead of this value. */
    TokenizerException wrong(String allowed, String cure) {
        return new TokenizerException(thing(), shown(value), allowed, cure);
    }

    private JsonValue at(String step, Object found) {
        return new JsonValue(document, path + step, found);
    }

    private String thing() {
        return path.isEmpty() ? document : document + ", " + path;
    }

    private String step(String name) {
        return path.isEmpty() ? name : "." + name;
    }

    private static String shown(Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map -> "an object with " + map.size() + " members";
            case List<?> list -> "an array of " + list.size();
            case String text -> "\"" + shortened(text) + "\"";
            default -> shortened(String.valueOf(value));
        };
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN
                ? text
                : text.substring(0, MAX_SHOWN) + "... (" + text.length() + " characters)";
    }
}
