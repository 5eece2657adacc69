package dev.tenon.client;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** A call for a prediction as the protocol has it: JSON, and after it the tensors, in binary. */
final class InferCall {
    /** The header that says how much of a body is JSON. */
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final long NANOS_PER_MICRO = 1_000;

    private final String id;
    private final Map<String, ClientTensor> inputs;
    private final List<String> outputs;

    InferCall(String id, Map<String, ClientTensor> inputs, List<String> outputs) {
        this.id = id;
        this.inputs = new LinkedHashMap<>(inputs);
        this.outputs = outputs;
        if (inputs.isEmpty()) {
            throw ClientException.invalid("inputs", "none", "all inputs of the model", "give them by name");
        }
    }

    /** The JSON and the tensors, for a server that has some time. */
    List<byte[]> body(Duration left) {
        List<byte[]> parts = new ArrayList<>();
        parts.add(Json.write(json -> header(json, Math.max(1, left.toNanos() / NANOS_PER_MICRO))));
        inputs.values().forEach(tensor -> parts.add(tensor.content()));
        return parts;
    }

    private void header(JsonGenerator json, long micros) {
        json.writeStartObject();
        if (!id.isEmpty()) {
            json.writeStringProperty("id", id);
        }
        json.writeObjectPropertyStart("parameters");
        json.writeBooleanProperty("binary_data_output", true);
        json.writeNumberProperty("timeout", micros);
        json.writeEndObject();
        json.writeArrayPropertyStart("inputs");
        inputs.forEach((name, tensor) -> {
            json.writeStartObject();
            json.writeStringProperty("name", name);
            json.writeStringProperty("datatype", tensor.type().name());
            json.writeName("shape");
            long[] shape = tensor.shape();
            json.writeArray(shape, 0, shape.length);
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", tensor.content().length);
            json.writeEndObject();
            json.writeEndObject();
        });
        json.writeEndArray();
        if (!outputs.isEmpty()) {
            json.writeArrayPropertyStart("outputs");
            outputs.forEach(name -> {
                json.writeStartObject();
                json.writeStringProperty("name", name);
                json.writeEndObject();
            });
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** Reads an answer. */
    static Prediction prediction(HttpResponse<byte[]> answer) {
        byte[] body = answer.body();
        int at = headerBytes(answer, body.length);
        Map<?, ?> json = Json.read(body, at);
        Map<String, ClientTensor> tensors = new LinkedHashMap<>();
        for (Map<?, ?> output : Json.members(json, "outputs", Map.class)) {
            String name = Json.member(output, "name", String.class);
            long bytes = Json.member(Json.member(output, "parameters", Map.class), "binary_data_size", Long.class);
            if (bytes < 0 || bytes > body.length - at || tensors.containsKey(name)) {
                throw ClientException.malformed(
                        "output '" + name + "'",
                        bytes + " bytes where " + (body.length - at) + " are left, or a second one of its name",
                        "outputs of other names whose bytes are there");
            }
            tensors.put(name, tensor(name, output, Arrays.copyOfRange(body, at, at + (int) bytes)));
            at += (int) bytes;
        }
        if (at != body.length) {
            throw ClientException.malformed(
                    "the answer", (body.length - at) + " bytes that belong to no output", "those of its outputs");
        }
        return new Prediction(
                Json.member(json, "model_name", String.class),
                Json.member(json, "model_version", String.class),
                tensors);
    }

    private static int headerBytes(HttpResponse<byte[]> answer, int bytes) {
        String text = answer.headers().firstValue(HEADER_LENGTH).orElse(String.valueOf(bytes));
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > bytes) {
            throw ClientException.malformed(HEADER_LENGTH, text, "0 to " + bytes + ", the bytes of the answer");
        }
        return Integer.parseInt(text);
    }

    private static ClientTensor tensor(String name, Map<?, ?> output, byte[] bytes) {
        String type = Json.member(output, "datatype", String.class);
        long[] shape = Json.members(output, "shape", Long.class).stream()
                .mapToLong(Long::longValue)
                .toArray();
        try {
            return ClientTensor.ofRaw(ElementType.valueOf(type), bytes, shape);
        } catch (IllegalArgumentException e) {
            throw ClientException.malformed(
                    "output '" + name + "'", "datatype " + type, Arrays.toString(ElementType.values()));
        } catch (ClientException e) {
            throw ClientException.malformed("output '" + name + "'", e.getMessage(), "what its shape says");
        }
    }
}
