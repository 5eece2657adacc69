package dev.tenon.samples.serve;

import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Writes predictions: JSON, and after it the tensors that the client wants in binary. */
final class InferWriter {
    private InferWriter() {}

    /**
     * An answer.
     *
     * @param body its bytes
     * @param headerBytes how many of them are JSON
     */
    record Answer(byte[] body, int headerBytes) {
        boolean isBinary() {
            return headerBytes != body.length;
        }
    }

    /** Writes the answer to a request. */
    static Answer write(InferRequest request, String model, ServedModels.Prediction answered) {
        List<byte[]> binary = new ArrayList<>();
        byte[] header = Json.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("model_name", model);
            json.writeStringProperty("model_version", answered.version());
            if (!request.id().isEmpty()) {
                json.writeStringProperty("id", request.id());
            }
            json.writeArrayPropertyStart("outputs");
            answered.outputs()
                    .forEach((name, tensor) -> output(json, name, tensor, request.isBinary(name) ? binary : null));
            json.writeEndArray();
            json.writeEndObject();
        });
        if (binary.isEmpty()) {
            return new Answer(header, header.length);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(header);
        binary.forEach(body::writeBytes);
        return new Answer(body.toByteArray(), header.length);
    }

    private static void output(JsonGenerator json, String name, Tensor tensor, List<byte[]> binary) {
        DataType type = DataType.of(tensor.dtype());
        json.writeStartObject();
        json.writeStringProperty("name", name);
        json.writeStringProperty("datatype", type.name());
        json.writeName("shape");
        json.writeArray(tensor.dims(), 0, tensor.rank());
        if (binary != null) {
            byte[] bytes = RawTensors.write(tensor);
            binary.add(bytes);
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", bytes.length);
            json.writeEndObject();
        } else {
            json.writeArrayPropertyStart("data");
            for (long i = 0; i < tensor.size(); i++) {
                element(json, tensor, i);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void element(JsonGenerator json, Tensor tensor, long i) {
        switch (tensor.dtype()) {
            case STRING -> json.writeString(tensor.getString(i));
            case BOOL -> json.writeBoolean(tensor.getBoolean(i));
            case FLOAT64 -> real(json, tensor.getDouble(i), false);
            case FLOAT32, FLOAT16, BFLOAT16 -> real(json, tensor.getFloat(i), true);
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString(tensor.getLong(i))));
            default -> json.writeNumber(tensor.getLong(i));
        }
    }

    /** JSON has no NaN and no infinities: they are null. Clients that need them ask for binary outputs. */
    private static void real(JsonGenerator json, double value, boolean single) {
        if (!Double.isFinite(value)) {
            json.writeNull();
        } else if (single) {
            json.writeNumber((float) value);
        } else {
            json.writeNumber(value);
        }
    }
}
