package dev.tenon.samples.kafka;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** A value is a row of the only input, as {@link FloatsSerde} writes it, and its scores are the row of the first output of floats. */
final class FloatValues implements Values {
    private final String topic;
    private final String input;
    private final String output;
    private final Deserializer<float[]> reader = new FloatsSerde().deserializer();
    private final Serializer<float[]> writer = new FloatsSerde().serializer();

    FloatValues(Model model, String topic) {
        if (model.inputs().size() != 1) {
            throw new InvalidOptionException(
                    "tenon.model", model.inputs().size() + " inputs", "one input", "take tenon.format = json");
        }
        this.topic = topic;
        input = floats("input", model.inputs());
        output = floats("output", model.outputs());
    }

    private static String floats(String kind, List<ValueInfo> values) {
        return values.stream()
                .filter(v -> v.type() instanceof TensorType t && t.dtype() == DType.FLOAT32)
                .map(ValueInfo::name)
                .findFirst()
                .orElseThrow(() -> new InvalidOptionException(
                        "tenon.model",
                        "no " + kind + " of float32 among " + values,
                        "a model that maps rows of floats to floats",
                        "take tenon.format = json, or write a Scorer for its types"));
    }

    @Override
    public Map<String, ? extends Datum> inputs(byte[] value) {
        float[] features = reader.deserialize(topic, value);
        return Map.of(input, Tensor.of(features, 1, features.length));
    }

    @Override
    public byte[] scores(Outputs outputs) {
        return writer.serialize(topic, outputs.tensor(output).toFloatArray());
    }
}
