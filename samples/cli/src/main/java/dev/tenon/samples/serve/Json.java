package dev.tenon.samples.serve;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON to memory, and reads it with limits. */
final class Json {
    private static final int MAX_DEPTH = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private Json() {}

    /** Writes a value. */
    @FunctionalInterface
    interface Content {
        void write(JsonGenerator json);
    }

    /** A parser of the first bytes of some. */
    static JsonParser parser(byte[] bytes, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, length);
    }

    /** The answer to bytes that are no JSON. */
    static RequestException malformed(String thing, JacksonException e) {
        // A limit that is passed has no place.
        TokenStreamLocation place = e.getLocation();
        return RequestException.bad(thing + " is not valid JSON, or goes beyond its limits: "
                + Failure.cut(String.valueOf(e.getOriginalMessage()))
                + (place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr()));
    }

    /** The UTF-8 bytes of a value. */
    static byte[] write(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            content.write(json);
        }
        return bytes.toByteArray();
    }

    /** An object with one text. */
    static byte[] of(String name, String text) {
        return write(json -> {
            json.writeStartObject();
            json.writeStringProperty(name, text);
            json.writeEndObject();
        });
    }

    /** An object with one flag. */
    static byte[] of(String name, boolean flag) {
        return write(json -> {
            json.writeStartObject();
            json.writeBooleanProperty(name, flag);
            json.writeEndObject();
        });
    }
}
