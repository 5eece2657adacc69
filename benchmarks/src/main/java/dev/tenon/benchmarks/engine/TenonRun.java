package dev.tenon.benchmarks.engine;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Precision;
import dev.tenon.PreparedCall;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A call of Tenon. Inputs and outputs are in native memory and are used in place, as those of ONNX Runtime are. But
 * if an output is a sequence or a map, each call makes new outputs.
 */
public final class TenonRun implements PreparedRun {
    private final List<String> outputs;

    /** Null if an output is no tensor. Then each call makes its outputs. */
    private final PreparedCall call;

    private final Session session;
    private final Map<String, Tensor> direct = new LinkedHashMap<>();
    private Outputs last;

    /**
     * Loads a model.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param inputs a tensor for each input, by name
     */
    public TenonRun(Path model, int threads, Map<String, Tensor> inputs) {
        this(model, threads, Precision.FP32, inputs);
    }

    /**
     * Loads a model.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param precision the numbers with which products are computed
     * @param inputs a tensor for each input, by name
     */
    public TenonRun(Path model, int threads, Precision precision, Map<String, Tensor> inputs) {
        this(
                Model.load(model)
                        .session(SessionOptions.standard().threads(threads).precision(precision)),
                inputs);
    }

    /**
     * Prepares a call of a session.
     *
     * @param session the session
     * @param inputs a tensor for each input, by name
     */
    public TenonRun(Session session, Map<String, Tensor> inputs) {
        inputs.forEach((name, tensor) -> {
            Tensor copy = Tensor.allocateNative(tensor.dtype(), tensor.dims());
            copy.copyFrom(tensor);
            direct.put(name, copy);
        });
        this.session = session;
        outputs = session.model().outputs().stream().map(ValueInfo::name).toList();
        boolean tensors = session.model().outputs().stream().allMatch(o -> o.type() instanceof TensorType);
        call = tensors ? session.prepare(direct) : null;
    }

    @Override
    public void run() {
        if (call != null) {
            call.run();
        } else {
            last = session.predict(direct);
        }
    }

    @Override
    public float[] output() {
        return Values.floats(outputs.stream()
                .map(o -> call != null ? call.output(o) : last.get(o))
                .toList());
    }

    /** Does nothing. The garbage collector frees the memory. */
    @Override
    public void close() {}
}
