package dev.tenon.compression.quantize.weights;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Runs a saved model in ONNX Runtime. */
public final class Peer {
    private Peer() {}

    /** The outputs of float32 of a file, on one thread, with products of float32. */
    public static Map<String, Tensor> run(byte[] file, OptLevel level, Map<String, Tensor> inputs) throws OrtException {
        return run(file, level, inputs, "1");
    }

    /** The same for an accuracy level of products with dequantised weights: 1 is float32, 4 int8, the default. */
    public static Map<String, Tensor> run(byte[] file, OptLevel level, Map<String, Tensor> inputs, String accuracy)
            throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> given = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(level);
            options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", accuracy);
            try (OrtSession session = environment.createSession(file, options)) {
                for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                    given.put(e.getKey(), tensor(environment, e.getValue()));
                }
                try (OrtSession.Result result = session.run(given)) {
                    Map<String, Tensor> outputs = new HashMap<>();
                    result.forEach(e -> {
                        OnnxTensor t = (OnnxTensor) e.getValue();
                        outputs.put(
                                e.getKey(),
                                Tensor.copyOf(
                                        DType.FLOAT32,
                                        t.getByteBuffer(),
                                        t.getInfo().getShape()));
                    });
                    return outputs;
                }
            }
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor t) throws OrtException {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(t.byteSize())).order(ByteOrder.nativeOrder());
        MemorySegment.ofBuffer(bytes).copyFrom(t.segment());
        OnnxJavaType type = t.dtype() == DType.INT64 ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT;
        return OnnxTensor.createTensor(environment, bytes, t.dims(), type);
    }

    /** The largest difference, as a share of the largest expected value. */
    public static double difference(Tensor found, Tensor expected) {
        float[] f = found.toFloatArray();
        float[] e = expected.toFloatArray();
        if (f.length != e.length) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        double size = 0;
        for (int i = 0; i < f.length; i++) {
            double d = Math.abs(f[i] - (double) e[i]);
            most = d <= most ? most : d;
            size = Math.max(size, Math.abs(e[i]));
        }
        return most / size;
    }
}
