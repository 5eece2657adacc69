package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Finds a call with one sample, or with the fixed batch of a model, to count and to measure with. */
final class FirstSample {
    private FirstSample() {}

    /**
     * The first of some samples. Where the model takes any batch, all but one are cut off.
     *
     * @param model the model
     * @param calls its samples; null if there are none. The inputs are zeros then, if the model has fixed shapes but for a
     *     first dimension
     * @return the sample; empty if shapes are not known
     */
    static Optional<Samples.Call> of(Model model, Samples.Calls calls) {
        Optional<Samples.Call> first = calls == null ? Optional.empty() : calls.first();
        return first.map(call -> call.one(model.inputs())).or(() -> zeros(model));
    }

    /** Ends a pass over the samples. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Enough() {
            super(null, null, false, false);
        }
    }

    /** The first call of some, without reading the others. */
    static Optional<Samples.Call> call(Samples.Calls calls) {
        Samples.Call[] found = {null};
        try {
            calls.forEach(call -> {
                found[0] = call;
                throw new Enough();
            });
        } catch (Enough e) {
            return Optional.of(found[0]);
        }
        return Optional.empty();
    }

    private static Optional<Samples.Call> zeros(Model model) {
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            if (!(input.type() instanceof TensorType type) || !type.shape().hasRank() || type.dtype() == DType.STRING) {
                return Optional.empty();
            }
            long[] dims = new long[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                if (!type.shape().dim(i).isKnown() && i > 0) {
                    return Optional.empty();
                }
                dims[i] = type.shape().dim(i).isKnown() ? type.shape().dim(i).value() : 1;
            }
            zeros.put(input.name(), Tensor.allocate(type.dtype(), dims));
        }
        return zeros.isEmpty() ? Optional.empty() : Optional.of(new Samples.Call(zeros, 1));
    }
}
