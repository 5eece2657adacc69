package dev.tenon.samples.embeddings;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Runs a sentence model in ONNX Runtime, on one thread. */
final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntime(byte[] model, OptLevel level) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(level);
            session = environment.createSession(model, options);
        }
    }

    static OnnxRuntime of(Path model) throws OrtException, IOException {
        return new OnnxRuntime(Files.readAllBytes(model), OptLevel.ALL_OPT);
    }

    private OnnxTensor tensor(long[] values, Batch batch) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), batch.shape());
    }

    /** Runs the model. Returns all outputs by name. */
    Map<String, Tensor> run(Batch batch) throws OrtException {
        try (OnnxTensor ids = tensor(batch.ids(), batch);
                OnnxTensor mask = tensor(batch.attentionMask(), batch);
                OnnxTensor types = tensor(batch.typeIds(), batch);
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
            Map<String, Tensor> outputs = new HashMap<>();
            for (Map.Entry<String, OnnxValue> e : result) {
                OnnxTensor t = (OnnxTensor) e.getValue();
                DType dtype =
                        switch (t.getInfo().type) {
                            case FLOAT -> DType.FLOAT32;
                            case UINT8 -> DType.UINT8;
                            default -> throw new IllegalStateException(e.getKey() + " is " + t.getInfo());
                        };
                outputs.put(
                        e.getKey(),
                        Tensor.copyOf(dtype, t.getByteBuffer(), t.getInfo().getShape()));
            }
            return outputs;
        }
    }

    float[] hidden(Batch batch) throws OrtException {
        return run(batch).get(MiniLm.OUTPUT).toFloatArray();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
