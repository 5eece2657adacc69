package dev.tenon.samples.kafka;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Numbers as Kafka's own serializer of a float writes each of them: four bytes, the highest first. */
public final class FloatsSerde implements Serde<float[]> {
    /** Makes the serde. */
    public FloatsSerde() {}

    @Override
    public Serializer<float[]> serializer() {
        return (topic, values) -> {
            if (values == null) {
                return null;
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
            bytes.asFloatBuffer().put(values);
            return bytes.array();
        };
    }

    @Override
    public Deserializer<float[]> deserializer() {
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            if (bytes.length % Float.BYTES != 0) {
                throw new SerializationException("a value in '" + topic + "' has " + bytes.length
                        + " bytes; allowed a multiple of " + Float.BYTES);
            }
            float[] values = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
            return values;
        };
    }
}
