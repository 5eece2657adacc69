package dev.tenon.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run of ONNX Runtime with its default options and the number of threads set. Inputs and the output lie in direct
 * buffers, made beforehand, which it reads and writes in place.
 */
final class OnnxRuntimeRun implements PreparedRun {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs;
    private final FloatBuffer output;

    /**
     * Loads a model.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param inputs a float32 or int64 tensor for each input, by name
     * @param output the name of a float32 output
     * @param dims its dimensions
     */
    OnnxRuntimeRun(Path model, int threads, Map<String, Tensor> inputs, String output, long... dims) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            session = environment.createSession(model.toString(), options);
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                this.inputs.put(input.getKey(), copy(environment, input.getValue()));
            }
            long elements = 1;
            for (long dim : dims) {
                elements = Math.multiplyExact(elements, dim);
            }
            this.output = direct(Math.multiplyExact(elements, Float.BYTES)).asFloatBuffer();
            this.outputs = Map.of(output, OnnxTensor.createTensor(environment, this.output, dims));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OnnxTensor copy(OrtEnvironment environment, Tensor tensor) throws OrtException {
        ByteBuffer bytes = direct(tensor.byteSize());
        tensor.copyTo(bytes.duplicate().order(ByteOrder.nativeOrder()));
        if (tensor.dtype() == DType.FLOAT32) {
            return OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), tensor.dims());
        }
        if (tensor.dtype() == DType.INT64) {
            return OnnxTensor.createTensor(environment, bytes.asLongBuffer(), tensor.dims());
        }
        throw new IllegalArgumentException("input of " + tensor.dtype() + ": the peer is given FLOAT32 or INT64");
    }

    private static ByteBuffer direct(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void run() {
        try {
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        float[] values = new float[output.capacity()];
        output.get(0, values);
        return values;
    }

    @Override
    public void close() {
        try {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
