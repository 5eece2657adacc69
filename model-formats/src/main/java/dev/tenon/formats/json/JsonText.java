package dev.tenon.formats.json;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Small documents of JSON as values: a {@code Map} in the order of the document, a {@code List}, a {@code String}, a
 * {@code Boolean}, a whole number, a {@code Double}, or null. Large documents have {@link JsonReader}, which builds nothing.
 */
public final class JsonText {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .characterEscapes(new Escapes())
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .build();

    private final JsonParser parser;
    private final int maxNesting;
    private final BiFunction<String, String, ? extends RuntimeException> wrong;

    private JsonText(JsonParser parser, int maxNesting, BiFunction<String, String, ? extends RuntimeException> wrong) {
        this.parser = parser;
        this.maxNesting = maxNesting;
        this.wrong = wrong;
    }

    /** A surrogate may be alone, and has no UTF-8 then. A line separator ends a line in scripts. */
    private static final class Escapes extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private static final char LINE_SEPARATOR = 0x2028;
        private static final char PARAGRAPH_SEPARATOR = 0x2029;

        @Override
        public int[] getEscapeCodesForAscii() {
            return standardAsciiEscapesForJSON();
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR || Character.isSurrogate((char) c)
                    ? new SerializedString("\\u" + Integer.toHexString(c))
                    : null;
        }
    }

    /**
     * A value as JSON on one line. A double that JSON can't hold becomes null.
     *
     * @param value a {@code Map} of names and values, a {@code List} of values, a {@code String}, a {@code Boolean}, an
     *     {@code Integer}, a {@code Long}, a {@code Double}, or null
     * @return the JSON
     */
    public static String of(Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(json, value);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, Object value) {
        switch (value) {
            case null -> json.writeNull();
            case Map<?, ?> members -> {
                json.writeStartObject();
                members.forEach((name, member) -> {
                    json.writeName((String) name);
                    write(json, member);
                });
                json.writeEndObject();
            }
            case List<?> elements -> {
                json.writeStartArray();
                elements.forEach(element -> write(json, element));
                json.writeEndArray();
            }
            case String text -> json.writeString(text);
            case Boolean truth -> json.writeBoolean(truth);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Double number when Double.isFinite(number) -> json.writeNumber(number);
            case Double number -> json.writeNull();
            default -> throw new IllegalArgumentException("a value of " + value.getClass());
        }
    }

    /**
     * The value of a document. Whole numbers become a {@code Long} where one holds them, other numbers a {@code Double}.
     *
     * @param text the document: one value, in which each object has a member of a name once
     * @param maxNesting the most arrays and objects in each other
     * @param wrong makes the exception to throw of two texts: the things found and their place, and the things allowed
     * @return the value
     */
    public static Object parse(
            String text, int maxNesting, BiFunction<String, String, ? extends RuntimeException> wrong) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonText document = new JsonText(parser, maxNesting, wrong);
            if (parser.nextToken() == null) {
                throw wrong.apply("nothing" + place(parser.currentLocation()), "a value");
            }
            Object value = document.value(0);
            if (parser.nextToken() != null) {
                throw document.wrong("more after the end of the value", "one value");
            }
            return value;
        } catch (JacksonException e) {
            throw wrong.apply("no JSON: " + e.getOriginalMessage() + place(e.getLocation()), "JSON");
        }
    }

    private RuntimeException wrong(String found, String allowed) {
        return wrong.apply(found + place(parser.currentTokenLocation()), allowed);
    }

    // A limit of the parser that is passed has no place.
    private static String place(TokenStreamLocation at) {
        return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private Object value(int depth) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(inner(depth));
            case START_ARRAY -> array(inner(depth));
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private int inner(int depth) {
        if (depth == maxNesting) {
            throw wrong("values nested deeper than " + maxNesting, "at most " + maxNesting);
        }
        return depth + 1;
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (members.containsKey(name)) {
                throw wrong("member '" + name + "' twice", "each member once");
            }
            parser.nextToken();
            members.put(name, value(depth));
        }
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(depth));
        }
        return items;
    }

    private Object number() {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return parser.getLongValue();
        }
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw wrong("number " + parser.getString(), "numbers that a double holds");
        }
        return value;
    }
}
