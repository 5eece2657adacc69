package dev.tenon.fuzz;

import dev.tenon.Outputs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Short texts of values, bit for bit, to compare two runs. */
final class Digest {
    private Digest() {}

    static String of(Outputs outputs) {
        StringBuilder text = new StringBuilder();
        for (String name : outputs.keySet()) {
            text.append(name).append('=').append(of(outputs.get(name))).append(';');
        }
        return text.toString();
    }

    static String of(Datum value) {
        return switch (value) {
            case Tensor t -> t.type() + " " + hash(t);
            case TensorSequence s -> {
                StringBuilder text = new StringBuilder("sequence");
                for (int i = 0; i < s.size(); i++) {
                    text.append(' ').append(of(s.get(i)));
                }
                yield text.toString();
            }
            case OptionalDatum o -> o.type().toString();
            case MapDatum m -> m.type().toString();
        };
    }

    private static int hash(Tensor t) {
        if (t.dtype().isFloating()) {
            // The bits of a NaN are nobody's promise.
            int hash = 0;
            for (long i = 0; i < t.size(); i++) {
                hash = 31 * hash + Double.hashCode(t.getDouble(i));
            }
            return hash;
        }
        if (t.dtype() != DType.STRING) {
            return Arrays.hashCode(t.segment().toArray(ValueLayout.JAVA_BYTE));
        }
        int hash = 0;
        for (long i = 0; i < t.size(); i++) {
            hash = 31 * hash + Arrays.hashCode(t.getUtf8(i));
        }
        return hash;
    }
}
