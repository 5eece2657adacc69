package dev.tenon.client;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON to memory, and reads it with limits as maps, lists, texts, numbers, truth values and null. */
final class Json {
    private static final int MAX_DEPTH = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private Json() {}

    static byte[] write(Consumer<JsonGenerator> content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            content.accept(json);
        }
        return bytes.toByteArray();
    }

    /** Reads the object that the first bytes are. */
    static Map<?, ?> read(byte[] bytes, int length) {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, length)) {
            json.nextToken();
            Object value = value(json);
            if (value instanceof Map<?, ?> object && json.nextToken() == null) {
                return object;
            }
        } catch (JacksonException e) {
            throw ClientException.of(
                    ClientException.Reason.MALFORMED_ANSWER,
                    "the answer",
                    "no JSON, or more than its limits allow: " + e.getOriginalMessage(),
                    "a JSON object",
                    "see whether the address is that of Tenon's server, and what stands between",
                    e);
        }
        throw ClientException.malformed("the answer", "JSON that is no single object", "a JSON object");
    }

    private static Object value(JsonParser json) {
        JsonToken token = json.currentToken();
        if (token == null) {
            return null;
        }
        switch (token) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = json.currentName();
                    json.nextToken();
                    object.put(name, value(json));
                }
                return object;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(json));
                }
                return list;
            }
            case VALUE_STRING -> {
                return json.getString();
            }
            case VALUE_NUMBER_INT -> {
                return json.getLongValue();
            }
            case VALUE_NUMBER_FLOAT -> {
                return json.getDoubleValue();
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return json.getBooleanValue();
            }
            default -> {
                return null;
            }
        }
    }

    /** A member of an object that must be of a type. */
    static <T> T member(Map<?, ?> object, String name, Class<T> type) {
        return as(object.get(name), "'" + name + "' of the answer", type);
    }

    /** The members of a list that must be of a type. */
    static <T> List<T> members(Map<?, ?> object, String name, Class<T> type) {
        List<T> all = new ArrayList<>();
        for (Object member : member(object, name, List.class)) {
            all.add(as(member, "a member of '" + name + "' of the answer", type));
        }
        return all;
    }

    private static <T> T as(Object value, String thing, Class<T> type) {
        if (!type.isInstance(value)) {
            throw ClientException.malformed(
                    thing, value == null ? "nothing" : value.getClass().getSimpleName(), type.getSimpleName());
        }
        return type.cast(value);
    }
}
