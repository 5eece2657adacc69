package dev.tenon.plan;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The element types and dimensions of the inputs of a graph: the key of plans. Inputs that are no tensors are ignored.
 * A key is compared with the inputs themselves, so that a look-up allocates nothing. Immutable.
 */
public final class ShapeKey {
    private final DType[] dtypes;
    private final long[][] dims;
    private final int hash;

    private ShapeKey(DType[] dtypes, long[][] dims, int hash) {
        this.dtypes = dtypes;
        this.dims = dims;
        this.hash = hash;
    }

    /**
     * The key of some inputs.
     *
     * @param inputs the inputs; an element may be null if the input is no tensor
     * @return the key
     */
    public static ShapeKey of(Datum[] inputs) {
        DType[] dtypes = new DType[inputs.length];
        long[][] dims = new long[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] instanceof Tensor t) {
                dtypes[i] = t.dtype();
                dims[i] = t.dims();
            }
        }
        return new ShapeKey(dtypes, dims, hash(inputs));
    }

    /**
     * The key of inputs of some types.
     *
     * @param types types with known dimensions, null where an input is no tensor
     * @return the key
     */
    public static ShapeKey of(List<TensorType> types) {
        DType[] dtypes = new DType[types.size()];
        long[][] dims = new long[types.size()][];
        int h = 1;
        for (int i = 0; i < dims.length; i++) {
            TensorType t = types.get(i);
            if (t != null) {
                dtypes[i] = t.dtype();
                dims[i] = t.shape().toArray();
                h = 31 * h + t.dtype().ordinal();
                for (long d : dims[i]) {
                    h = 31 * h + Long.hashCode(d);
                }
            }
            h = 31 * h + 17;
        }
        return new ShapeKey(dtypes, dims, h * 0x9E3779B9);
    }

    /**
     * The types of the inputs.
     *
     * @return a type with known dimensions for each input, null for inputs that are no tensors
     */
    public List<TensorType> types() {
        List<TensorType> types = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            types.add(dims[i] == null ? null : new TensorType(dtypes[i], Shape.of(dims[i])));
        }
        return types;
    }

    /**
     * The hash of the key that {@link #of} would make.
     *
     * @param inputs the inputs
     * @return the hash
     */
    public static int hash(Datum[] inputs) {
        int h = 1;
        for (Datum d : inputs) {
            if (d instanceof Tensor t) {
                h = 31 * h + t.dtype().ordinal();
                for (int k = 0; k < t.rank(); k++) {
                    h = 31 * h + Long.hashCode(t.dim(k));
                }
            }
            h = 31 * h + 17;
        }
        return h * 0x9E3779B9;
    }

    /**
     * Whether inputs have this key.
     *
     * @param inputs the inputs
     * @return true if {@link #of} would give an equal key
     */
    public boolean matches(Datum[] inputs) {
        for (int i = 0; i < dims.length; i++) {
            if (inputs[i] instanceof Tensor t) {
                if (dims[i] == null || t.dtype() != dtypes[i] || !t.shapeIs(dims[i])) {
                    return false;
                }
            } else if (dims[i] != null) {
                return false;
            }
        }
        return true;
    }

    /**
     * The type of an input.
     *
     * @param i the input's index
     * @param declared the declared type, which is returned for inputs that are no tensors
     * @return the type with known dimensions
     */
    public ValueType type(int i, ValueType declared) {
        return dims[i] == null ? declared : new TensorType(dtypes[i], Shape.of(dims[i]));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ShapeKey k && Arrays.equals(dtypes, k.dtypes) && Arrays.deepEquals(dims, k.dims);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < dims.length; i++) {
            text.append(i == 0 ? "" : ", ").append(dims[i] == null ? "-" : Arrays.toString(dims[i]));
        }
        return text.toString();
    }
}
