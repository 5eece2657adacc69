package dev.tenon.op.tabular;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/** Functions of operands that are maps. */
final class Maps {
    private Maps() {}

    /** The type of the only operand, which must be a map. */
    static MapType type(InferContext c) {
        if (c.type(0) instanceof MapType map) {
            return map;
        }
        throw c.error("input 0 'X' is " + c.type(0), "a map", null);
    }

    /** The element type of the values of a map. Each value must be a tensor. */
    static DType values(InferContext c, MapType map) {
        if (map.value() instanceof TensorType t) {
            return t.dtype();
        }
        throw c.error("input 0 'X' is " + map, "a map to tensors", null);
    }

    /** The only operand. */
    static MapDatum get(Operands in) {
        if (in.get(0) instanceof MapDatum map) {
            return map;
        }
        throw in.error("input 0 'X' is " + in.get(0).type(), "a map", null);
    }

    /** Copies a value of one element to a place of a tensor of its type. Fails if it has more elements. */
    static void copy(Operands in, Object key, Datum value, Tensor y, long i) {
        if (!(value instanceof Tensor t) || t.size() != 1 || t.dtype() != y.dtype()) {
            throw in.error(
                    "the value of " + key + " is " + value.type(),
                    "one element " + y.dtype().text(),
                    null);
        }
        t.copyElementTo(0, y, i);
    }
}
