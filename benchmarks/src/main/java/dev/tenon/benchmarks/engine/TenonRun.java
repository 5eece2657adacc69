package dev.tenon.benchmarks.engine;

import dev.tenon.Model;
import dev.tenon.Outputs;
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
 * if an output is a sequence or a map, and in {@link #ofMaps}, each call makes new outputs.
 */
public final class TenonRun implements PreparedRun {
    private final List<String> outputs;

    /** Null if each call makes its outputs. */
    private final PreparedCall call;

    private final Session session;
    private final Map<String, Tensor> inputs;
    private Outputs last;

    /**
     * Loads a model.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param inputs a tensor for each input, by name
     */
    public TenonRun(Path model, int threads, Map<String, Tensor> inputs) {
        this(Model.load(model).session(SessionOptions.standard().threads(threads)), inputs);
    }

    /**
     * Prepares a call of a session.
     *
     * @param session the session
     * @param inputs a tensor for each input, by name
     */
    public TenonRun(Session session, Map<String, Tensor> inputs) {
        this(session, direct(inputs), session.model().outputs().stream().allMatch(o -> o.type() instanceof TensorType));
    }

    private TenonRun(Session session, Map<String, Tensor> inputs, boolean prepared) {
        this.session = session;
        this.inputs = inputs;
        outputs = session.model().outputs().stream().map(ValueInfo::name).toList();
        call = prepared ? session.prepare(inputs) : null;
    }

    /**
     * Calls of {@code predict(Map)}, each of which makes its outputs.
     *
     * @param session the session
     * @param inputs a tensor for each input, by name, which calls use as it is
     * @return the call
     */
    public static TenonRun ofMaps(Session session, Map<String, Tensor> inputs) {
        return new TenonRun(session, inputs, false);
    }

    private static Map<String, Tensor> direct(Map<String, Tensor> inputs) {
        Map<String, Tensor> direct = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> {
            Tensor copy = Tensor.allocateNative(tensor.dtype(), tensor.dims());
            copy.copyFrom(tensor);
            direct.put(name, copy);
        });
        return direct;
    }

    @Override
    public void run() {
        if (call != null) {
            call.run();
        } else {
            last = session.predict(inputs);
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
