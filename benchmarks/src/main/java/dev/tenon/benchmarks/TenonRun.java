package dev.tenon.benchmarks;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/** A prediction by this library into an output of the caller, tensors on the heap as most callers have them. */
final class TenonRun implements PreparedRun {
    private final Session session;
    private final Map<String, Tensor> inputs;
    private final Map<String, Tensor> outputs;
    private final Tensor output;

    /**
     * Loads a model.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param inputs a tensor for each input, by name
     * @param output the name of a float32 output
     * @param dims its dimensions
     */
    TenonRun(Path model, int threads, Map<String, Tensor> inputs, String output, long... dims) {
        this.session = Model.load(model).session(SessionOptions.standard().threads(threads));
        this.inputs = inputs;
        this.output = Tensor.allocate(DType.FLOAT32, dims);
        this.outputs = Map.of(output, this.output);
    }

    @Override
    public void run() {
        session.predict(inputs, outputs);
    }

    @Override
    public float[] output() {
        return output.toFloatArray();
    }

    /** Does nothing: memory goes when nobody holds it. */
    @Override
    public void close() {}
}
