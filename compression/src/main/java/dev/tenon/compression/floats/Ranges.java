package dev.tenon.compression.floats;

import dev.tenon.Model;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the values of a model that float16 does not reach. */
final class Ranges {
    private Ranges() {}

    /** {@return the names of values of float32 that are finite and above 65504 for a sample; empty without samples} */
    static Set<String> beyond(Model model, StepContext context) {
        Set<String> beyond = new HashSet<>();
        if (context.samples().isEmpty()) {
            return beyond;
        }
        List<String> values = new ArrayList<>();
        for (Node node : model.graph().nodes()) {
            for (Value v : node.outputs()) {
                if (v != null && v.tensorType() != null && v.tensorType().dtype() == DType.FLOAT32) {
                    values.add(v.name());
                }
            }
        }
        context.observe(model, values, "ranges", (name, value) -> {
            if (!beyond.contains(name)) {
                for (float x : ((Tensor) value).toFloatArray()) {
                    if (Math.abs(x) > HalfTensor.MOST && Float.isFinite(x)) {
                        beyond.add(name);
                        break;
                    }
                }
            }
        });
        return beyond;
    }
}
