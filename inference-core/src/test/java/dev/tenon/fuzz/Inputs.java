package dev.tenon.fuzz;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.fuzz.Hostile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Inputs for any model: small dimensions, small and odd numbers. */
final class Inputs {
    private static final long MOST_ELEMENTS = 1 << 16;
    private static final int MOST_INPUTS = 1000;

    private Inputs() {}

    /** A value for each input; null if one is no tensor or too large. */
    static Map<String, Datum> of(Model model, SplittableRandom random) {
        if (model.inputs().size() > MOST_INPUTS) {
            return null;
        }
        Map<String, Datum> inputs = new LinkedHashMap<>();
        Map<String, Long> sizes = new HashMap<>();
        for (ValueInfo info : model.inputs()) {
            if (!(info.type() instanceof TensorType type)) {
                return null;
            }
            Tensor t = tensor(type, sizes, random);
            if (t == null) {
                return null;
            }
            inputs.put(info.name(), t);
        }
        return inputs;
    }

    private static Tensor tensor(TensorType type, Map<String, Long> sizes, SplittableRandom random) {
        long[] dims = new long[type.shape().hasRank() ? type.shape().rank() : random.nextInt(4)];
        double elements = 1;
        for (int i = 0; i < dims.length; i++) {
            Dim d = type.shape().hasRank() ? type.shape().dim(i) : Dim.symbol("any" + i);
            dims[i] = d.isKnown()
                    ? d.value()
                    : sizes.computeIfAbsent(d.toString(), s -> random.nextInt(12) == 0 ? 0L : random.nextInt(1, 5));
            if (dims[i] < 0) {
                return null;
            }
            elements *= dims[i];
        }
        if (elements > MOST_ELEMENTS) {
            return null;
        }
        Tensor t = Tensor.allocate(type.dtype(), dims);
        int kind = random.nextInt(4);
        for (long i = 0; i < t.size(); i++) {
            element(t, i, kind, random);
        }
        return t;
    }

    private static void element(Tensor t, long i, int kind, SplittableRandom random) {
        DType type = t.dtype();
        if (type == DType.STRING) {
            t.setUtf8(i, Hostile.text(random));
        } else if (type == DType.BOOL) {
            t.setBoolean(i, random.nextBoolean());
        } else if (type.isComplex()) {
            t.setComplex(i, random.nextDouble(), random.nextDouble());
        } else if (type.isInteger()) {
            long number = kind == 0 ? Hostile.number(random) : random.nextInt(0, 4);
            t.setLong(i, type == DType.UINT64 ? number : Math.clamp(number, type.minInteger(), type.maxInteger()));
        } else {
            t.setDouble(i, kind == 0 ? Hostile.real(random) : random.nextDouble() * 4 - 2);
        }
    }
}
