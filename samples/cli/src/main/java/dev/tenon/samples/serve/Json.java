package dev.tenon.samples.serve;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON to memory. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes a value. */
    @FunctionalInterface
    interface Content {
        void write(JsonGenerator json);
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
