package dev.tenon.samples.serve;

import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the calls that a version must answer: <code>{"tolerance": 1e-3, "calls": [{"inputs": [...], "outputs": [...]}]}</code>.
 * The inputs of a call are those of a request, the outputs those of its answer, as JSON; so a request and an answer that were
 * seen once make a call. Without outputs, calls must only succeed, without NaN. The tolerance is that of
 * {@link dev.tenon.serving.versions.Compare#tolerance(double)}.
 */
final class TrialReader {
    private static final int MAX_BYTES = 64 << 20;
    private static final double STANDARD_TOLERANCE = 1e-3;

    private final byte[] body;
    private final List<Map<String, Tensor>> samples = new ArrayList<>();
    private final List<Map<String, Tensor>> expected = new ArrayList<>();
    private double tolerance = STANDARD_TOLERANCE;

    private TrialReader(byte[] body) {
        this.body = body;
    }

    /** Reads a file. */
    static Trial read(Path file) {
        String name = String.valueOf(file.getFileName());
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw RequestException.bad(name + " has more than " + MAX_BYTES + " bytes");
            }
            return read(name, Files.readAllBytes(file));
        } catch (IOException e) {
            throw RequestException.bad(name + " can't be read: " + e.getClass().getSimpleName());
        }
    }

    /** Reads the content of a file, whose name stands in messages. */
    static Trial read(String name, byte[] body) {
        TrialReader reader = new TrialReader(body);
        try (JsonParser json = Json.parser(body, body.length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw RequestException.bad("it is not a JSON object");
            }
            reader.read(json);
            return reader.trial();
        } catch (JacksonException e) {
            throw Json.malformed(name, e);
        } catch (RequestException e) {
            throw RequestException.bad(
                    name + ", after " + reader.samples.size() + " calls: " + String.valueOf(e.getMessage()));
        }
    }

    private void read(JsonParser json) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "tolerance" -> {
                    if (!value.isNumeric() || !(json.getDoubleValue() >= 0)) {
                        throw RequestException.bad("tolerance is not a number from 0 on");
                    }
                    tolerance = json.getDoubleValue();
                }
                case "calls" -> InferReader.objects(json, "calls", this::call);
                default -> throw RequestException.bad("there is no '" + name + "'; allowed are tolerance and calls");
            }
        }
    }

    private void call(JsonParser json) {
        Map<String, Tensor> inputs = Map.of();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "inputs" -> inputs = InferReader.tensors(json, name, body);
                case "outputs" -> expected.add(InferReader.tensors(json, name, body));
                default -> json.skipChildren();
            }
        }
        samples.add(inputs);
    }

    private Trial trial() {
        if (samples.isEmpty()) {
            throw RequestException.bad("it has no calls");
        }
        if (!expected.isEmpty() && expected.size() != samples.size()) {
            throw RequestException.bad(expected.size() + " calls have outputs; allowed are all or none");
        }
        return expected.isEmpty() ? Trial.runs(samples) : Trial.of(samples, expected, tolerance);
    }
}
