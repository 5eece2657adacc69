package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * An operator of the family Reduce*. It reduces the elements along the axes that its second input lists. Without axes,
 * or with an empty list, it reduces along all axes. With noop_with_empty_axes it then reduces along none: each element
 * is reduced by itself, so that ReduceSumSquare squares.
 */
public interface Reduction extends Op {
    /** The element types that arithmetic reductions take. */
    Set<DType> NUMBERS = Types.union(Types.FLOATS, Types.set(DType.INT32, DType.INT64, DType.UINT32, DType.UINT64));

    /**
     * The schema of a reduction.
     *
     * @param name the operator's name
     * @param types the element types it takes
     * @return inputs data and optionally axes, output reduced
     */
    static OpSchema schema(String name, Set<DType> types) {
        return OpSchema.of(name)
                .input("data", "T")
                .optional("axes", "I")
                .output("reduced", "T")
                .where("T", types)
                .where("I", Types.INT64);
    }

    /** The kinds of reduction. */
    enum Kind {
        /** The sum. */
        SUM,
        /** The sum divided by the number of elements. */
        MEAN,
        /** The greatest element; NaN if an element is NaN. */
        MAX,
        /** The least element; NaN if an element is NaN. */
        MIN,
        /** The product. */
        PROD,
        /** The sum of absolute values. */
        L1,
        /** The square root of the sum of squares. */
        L2,
        /** The logarithm of the sum. */
        LOG_SUM,
        /** The logarithm of the sum of exponentials. */
        LOG_SUM_EXP,
        /** The sum of squares. */
        SUM_SQUARE
    }

    /**
     * The function that is reduced with.
     *
     * @return its kind
     */
    Kind kind();

    /**
     * Tells whether reduced axes are kept, with dimension 1.
     *
     * @return the attribute keepdims
     */
    boolean keepdims();

    /**
     * Tells whether a missing or empty list of axes stands for none instead of all.
     *
     * @return the attribute noop_with_empty_axes
     */
    boolean noopWithEmptyAxes();

    /**
     * Reduces elements of a floating type.
     *
     * @param group the elements, perhaps none
     * @return the result, to be rounded to the type
     */
    double reduceReals(Group group);

    /**
     * Reduces elements of an integer type or bool.
     *
     * @param group the elements, perhaps none
     * @return the result, to be wrapped to the type
     */
    long reduceIntegers(Group group);

    /**
     * Reduces two symbolic integers.
     *
     * @param a one
     * @param b the other
     * @return the result, or null if it is not known
     */
    default Dim reduceSymbols(Dim a, Dim b) {
        return null;
    }

    @Override
    default Attributes attributes() {
        return Attributes.none()
                .unless("keepdims", keepdims(), true)
                .unless("noop_with_empty_axes", noopWithEmptyAxes(), false);
    }

    /**
     * The axes that are reduced.
     *
     * @param axes the second input, or null if it is not there
     * @param rank the rank of the first
     * @return for each axis whether it is reduced; axes outside of the rank are left out
     */
    default boolean[] reduced(long[] axes, int rank) {
        boolean[] reduced = new boolean[rank];
        if (axes == null || axes.length == 0) {
            Arrays.fill(reduced, !noopWithEmptyAxes());
            return reduced;
        }
        for (long axis : axes) {
            if (axis >= -rank && axis < rank) {
                reduced[(int) (axis < 0 ? axis + rank : axis)] = true;
            }
        }
        return reduced;
    }

    @Override
    default List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (c.has(1) && c.shape(1).hasRank() && c.shape(1).rank() > 1) {
            throw c.error("axes of shape " + c.shape(1), "a vector", null);
        }
        boolean axesKnown = !c.has(1) || c.longs(1) != null;
        if (!data.hasRank() || !axesKnown) {
            boolean rankKnown = data.hasRank() && keepdims();
            return List.of(new TensorType(c.dtype(0), rankKnown ? c.freshShape(data.rank()) : Shape.unknownRank()));
        }
        long[] axes = c.has(1) ? c.longs(1) : null;
        for (long axis : axes == null ? new long[0] : axes) {
            c.axis(axis, data.rank(), "shape " + data);
        }
        boolean[] reduced = reduced(axes, data.rank());
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < data.rank(); i++) {
            if (!reduced[i]) {
                dims.add(data.dim(i));
            } else if (keepdims()) {
                dims.add(Dim.of(1));
            }
        }
        return List.of(new TensorType(c.dtype(0), Shape.of(dims)));
    }

    @Override
    default List<Dim> inferValue(InferContext c, int output) {
        List<Dim> data = c.symbolic(0);
        if (data == null || data.isEmpty() || c.shape(0).rank() != 1 || (c.has(1) && c.longs(1) == null)) {
            return null;
        }
        if (!reduced(c.has(1) ? c.longs(1) : null, 1)[0]) {
            return null;
        }
        Dim result = data.getFirst();
        // A reduction without a symbolic form has none for a single number either: a norm is not the number itself.
        if (reduceSymbols(result, result) == null) {
            return null;
        }
        for (Dim d : data.subList(1, data.size())) {
            result = result == null ? null : reduceSymbols(result, d);
        }
        return result == null ? null : List.of(result);
    }

    @Override
    default List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor data = in.tensor(0);
        Tensor axes = in.tensorOrNull(1);
        Tensor result = Tensor.allocate(data.dtype(), type.shape().toArray());
        if (result.size() > 0) {
            new Axes(data.dims(), reduced(axes == null ? null : axes.toLongArray(), data.rank()))
                    .reduce(data, result, this);
        }
        return List.of(result);
    }
}
