package dev.tenon.samples.serve;

import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads requests for predictions: JSON, and after it the tensors that are given in binary, in the order of the inputs. For one
 * request.
 */
final class InferReader {
    private static final int MAX_RANK = 32;
    private static final int MAX_ID = 1024;
    private static final long MICROS = 1_000;

    private final byte[] body;

    /** Where the next binary tensor begins. */
    private int binaryAt;

    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Boolean> outputs = new LinkedHashMap<>();
    private String id = "";
    private boolean binaryOutputs;
    private Long timeoutMicros;

    private InferReader(byte[] body, int headerBytes) {
        this.body = body;
        this.binaryAt = headerBytes;
    }

    /** Reads a request whose first bytes are JSON, as many as are told. */
    static InferRequest read(byte[] body, int headerBytes) {
        InferReader reader = new InferReader(body, headerBytes);
        try (JsonParser json = Json.parser(body, headerBytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw RequestException.bad("the body is not a JSON object");
            }
            reader.request(json);
            if (json.nextToken() != null) {
                throw RequestException.bad("the body goes on after the JSON object");
            }
        } catch (JacksonException e) {
            throw Json.malformed("the body", e);
        }
        if (reader.binaryAt != body.length) {
            throw RequestException.bad(
                    (body.length - reader.binaryAt)
                            + " bytes follow the JSON object that belong to no input; binary_data_size tells the bytes of each");
        }
        return reader.result();
    }

    /** Reads an array of tensors that are JSON as a whole. */
    static Map<String, Tensor> tensors(JsonParser json, String name, byte[] body) {
        InferReader reader = new InferReader(body, body.length);
        objects(json, name, reader::input);
        return reader.inputs;
    }

    private InferRequest result() {
        if (inputs.isEmpty()) {
            throw RequestException.bad("the request has no inputs");
        }
        Optional<Duration> timeout =
                Optional.ofNullable(timeoutMicros).map(micros -> Duration.of(micros, ChronoUnit.MICROS));
        return new InferRequest(id, inputs, outputs, binaryOutputs, timeout);
    }

    private void request(JsonParser json) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "id" -> id = id(string(json, "id"));
                case "inputs" -> objects(json, "inputs", this::input);
                case "outputs" -> objects(json, "outputs", this::output);
                case "parameters" ->
                    parameters(json, "parameters", (key, value) -> {
                        if (key.equals("binary_data_output")) {
                            binaryOutputs = Boolean.TRUE.equals(value);
                        } else if (key.equals("timeout")) {
                            timeoutMicros = positive("parameters.timeout", value);
                        }
                    });
                default -> json.skipChildren();
            }
        }
    }

    /** The answer repeats it, so it is short and has a form in UTF-8. */
    private static String id(String id) {
        if (id.length() > MAX_ID || !StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
            throw RequestException.bad("id has " + id.length()
                    + " characters, or halves of characters; allowed are at most " + MAX_ID + " whole ones");
        }
        return id;
    }

    private static long positive(String name, Object value) {
        if (value instanceof Long n && n > 0 && n <= Long.MAX_VALUE / MICROS) {
            return n;
        }
        throw RequestException.bad(name + " is " + value + "; allowed are microseconds from 1 on");
    }

    private void input(JsonParser json) {
        String name = "";
        String datatype = "";
        long[] dims = null;
        Long binaryBytes = null;
        ElementList data = null;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            switch (key) {
                case "name" -> name = string(json, "the name of an input");
                case "datatype" -> datatype = string(json, "input '" + name + "': datatype");
                case "shape" -> dims = shape(json, name);
                case "parameters" -> {
                    Object[] size = new Object[1];
                    parameters(
                            json,
                            "parameters of input '" + name + "'",
                            (k, v) -> size[0] = k.equals("binary_data_size") ? v : size[0]);
                    binaryBytes = size[0] instanceof Long n ? n : binaryBytes;
                }
                case "data" -> {
                    if (value != JsonToken.START_ARRAY) {
                        throw RequestException.bad("input '" + name + "': data is not an array");
                    }
                    data = new ElementList();
                    data.read(name, json);
                }
                default -> json.skipChildren();
            }
        }
        add(name, datatype, dims, data, binaryBytes);
    }

    private void add(String name, String datatype, long[] dims, ElementList data, Long binaryBytes) {
        if (name.isEmpty() || datatype.isEmpty() || dims == null) {
            throw RequestException.bad(
                    "input '" + name + "' has no " + (name.isEmpty() ? "name" : dims == null ? "shape" : "datatype"));
        }
        if (data == null == (binaryBytes == null)) {
            throw RequestException.bad("input '" + name + "' has " + (data == null ? "neither" : "both")
                    + " data and the parameter binary_data_size; one of them is needed");
        }
        DataType type = DataType.named(name, datatype);
        Tensor tensor = data == null
                ? binary(name, type, dims, binaryBytes)
                : data.tensor(name, type, dims, RawTensors.elements(name, dims));
        if (inputs.putIfAbsent(name, tensor) != null) {
            throw RequestException.bad("input '" + name + "' is given twice");
        }
    }

    private Tensor binary(String name, DataType type, long[] dims, long bytes) {
        if (bytes < 0 || bytes > body.length - binaryAt) {
            throw RequestException.bad("input '" + name + "': binary_data_size is " + bytes + "; "
                    + (body.length - binaryAt) + " bytes are left in the body");
        }
        int from = binaryAt;
        binaryAt += (int) bytes;
        return RawTensors.read(name, type, dims, ByteBuffer.wrap(body, from, (int) bytes));
    }

    private void output(JsonParser json) {
        String name = "";
        boolean binary = binaryOutputs;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "name" -> name = string(json, "the name of an output");
                case "parameters" -> {
                    boolean[] found = {binary};
                    parameters(
                            json,
                            "parameters of output '" + name + "'",
                            (k, v) -> found[0] = k.equals("binary_data") ? Boolean.TRUE.equals(v) : found[0]);
                    binary = found[0];
                }
                default -> json.skipChildren();
            }
        }
        if (name.isEmpty()) {
            throw RequestException.bad("an output has no name");
        }
        outputs.put(name, binary);
    }

    /** Reads an object whose start was read. */
    @FunctionalInterface
    interface ObjectReader {
        void read(JsonParser json);
    }

    /** Reads an array of objects whose start was read. */
    static void objects(JsonParser json, String name, ObjectReader reader) {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw RequestException.bad(name + " is not an array");
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw RequestException.bad(name + " holds something else than objects");
            }
            reader.read(json);
        }
    }

    /** Takes a parameter. */
    @FunctionalInterface
    interface Parameter {
        void set(String name, Object value);
    }

    /** Reads the parameters of an object. Those whose values are arrays or objects are passed over. */
    static void parameters(JsonParser json, String name, Parameter to) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw RequestException.bad(name + " is not an object");
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            switch (json.nextToken()) {
                case VALUE_NUMBER_INT -> to.set(key, json.getLongValue());
                case VALUE_NUMBER_FLOAT -> to.set(key, json.getDoubleValue());
                case VALUE_TRUE -> to.set(key, true);
                case VALUE_FALSE -> to.set(key, false);
                case VALUE_STRING -> to.set(key, json.getString());
                default -> json.skipChildren();
            }
        }
    }

    private static String string(JsonParser json, String name) {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw RequestException.bad(name + " is not a string");
        }
        return json.getString();
    }

    private static long[] shape(JsonParser json, String input) {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw RequestException.bad("input '" + input + "': shape is not an array");
        }
        long[] dims = new long[MAX_RANK];
        int rank = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getLongValue() < 0 || rank == MAX_RANK) {
                throw RequestException.bad("input '" + input + "': shape is not an array of at most " + MAX_RANK
                        + " whole numbers from 0 on");
            }
            dims[rank++] = json.getLongValue();
        }
        return Arrays.copyOf(dims, rank);
    }
}
