package dev.tenon.compression.trees;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.compression.SavedModel;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs models in ONNX Runtime. */
final class OnnxRuntimeRun {
    private OnnxRuntimeRun() {}

    /** The bits of all outputs in order, each a number. */
    static List<Number> outputs(Model model, Tensor x, boolean optimize) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(optimize ? OptLevel.ALL_OPT : OptLevel.NO_OPT);
            try (OrtSession session = environment.createSession(SavedModel.bytes(model), options);
                    OnnxTensor input = OnnxTensor.createTensor(environment, rows(x));
                    OrtSession.Result result =
                            session.run(Map.of(model.inputs().getFirst().name(), input))) {
                List<Number> all = new ArrayList<>();
                for (Map.Entry<String, ?> e : result) {
                    Object value = ((OnnxTensor) e.getValue()).getValue();
                    switch (value) {
                        case long[] labels -> {
                            for (long label : labels) {
                                all.add(label);
                            }
                        }
                        case float[][] scores -> {
                            for (float[] row : scores) {
                                for (float score : row) {
                                    all.add(Float.floatToRawIntBits(score));
                                }
                            }
                        }
                        default ->
                            throw new IllegalStateException(value.getClass().getName());
                    }
                }
                return all;
            }
        }
    }

    private static float[][] rows(Tensor x) {
        float[] all = x.toFloatArray();
        int width = (int) x.dim(1);
        float[][] rows = new float[(int) x.dim(0)][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = java.util.Arrays.copyOfRange(all, r * width, (r + 1) * width);
        }
        return rows;
    }
}
