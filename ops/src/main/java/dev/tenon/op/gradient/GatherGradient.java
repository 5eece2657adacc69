package dev.tenon.op.gradient;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.fused.Composite;
import dev.tenon.op.fused.Composition;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.ScatterElements;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient of the data of {@link dev.tenon.op.shape.Gather}: zeros, to which the slices of the gradient are added at their
 * indices, in the order of the indices.
 *
 * @param axis the axis of the data along which slices were taken, at least 0
 * @param size the dimension of the data along this axis
 */
public record GatherGradient(int axis, long size) implements Composite {
    /**
     * Inputs: the indices, in [-size, size-1], and dY, the gradient of the result of Gather. Output: dX, of the dimensions of
     * dY with the size in the place of the dimensions of the indices.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "GatherGradient")
            .input("indices", "I")
            .input("dY", "T")
            .output("dX", "T")
            .where("I", Types.INDICES)
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(32));

    /**
     * Checks axis and size.
     *
     * @param axis the axis of the data, at least 0
     * @param size its dimension, at least 0
     * @throws InvalidOperandException if one of them is negative
     */
    public GatherGradient {
        if (axis < 0 || size < 0) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "axis " + axis + " of size " + size, "0 and above", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if a value is not allowed
     */
    public static GatherGradient of(Attributes a) {
        return new GatherGradient(a.int32("axis", 0), a.integer("size", -1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0).with("size", size);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape indices = c.shape(0);
        Shape dy = c.shape(1);
        if (!indices.hasRank() || !dy.hasRank()) {
            return List.of(new TensorType(c.dtype(1), Shape.unknownRank()));
        }
        if (axis + indices.rank() > dy.rank()) {
            throw c.error("dY of shape " + dy, "rank " + (axis + indices.rank()) + " or more", null);
        }
        for (int i = 0; i < indices.rank(); i++) {
            if (Dims.differ(indices.dim(i), dy.dim(axis + i))) {
                throw c.error("dY of shape " + dy, "the dimensions of the indices, " + indices + ", at " + axis, null);
            }
        }
        List<Dim> dims = new ArrayList<>(dy.dims().subList(0, axis));
        dims.add(Dim.of(size));
        dims.addAll(dy.dims().subList(axis + indices.rank(), dy.rank()));
        return List.of(new TensorType(c.dtype(1), Shape.of(dims)));
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        TensorType indices = known(types.get(0));
        TensorType dy = known(types.get(1));
        long[] dims = dy.shape().toArray();
        int behind = axis + indices.shape().rank();
        long outer = RowMajor.size(dims, 0, axis);
        long count = indices.shape().knownElements();
        long inner = RowMajor.size(dims, behind, dims.length);
        long[] result = new long[axis + 1 + dims.length - behind];
        System.arraycopy(dims, 0, result, 0, axis);
        result[axis] = size;
        System.arraycopy(dims, behind, result, axis + 1, dims.length - behind);
        List<Tensor> constants = List.of(
                Tensor.of(new long[] {outer, count, inner}),
                Tensor.of(new long[] {1, count, 1}),
                Tensor.allocate(dy.dtype()),
                Tensor.of(new long[] {outer, size, inner}),
                Tensor.of(result));
        Reshape reshape = new Reshape(true);
        // Values 0 and 1 are the inputs, 2 to 6 the constants.
        return new Composition(
                2,
                constants,
                List.of(
                        new Composition.Step(reshape, List.of(1, 2), 1),
                        new Composition.Step(reshape, List.of(0, 3), 1),
                        new Composition.Step(new Expand(), List.of(8, 2), 1),
                        new Composition.Step(new Expand(), List.of(4, 5), 1),
                        new Composition.Step(new ScatterElements(1, "add"), List.of(10, 9, 7), 1),
                        new Composition.Step(reshape, List.of(11, 6), 1)),
                List.of(12));
    }

    /** The type of an operand, which must have known dimensions. */
    private static TensorType known(ValueType type) {
        if (type instanceof TensorType t && t.shape().hasRank() && t.shape().isKnown()) {
            return t;
        }
        throw new InvalidOperandException(
                SCHEMA.qualifiedName(), "an operand of type " + type, "known dimensions", "fix those of the inputs");
    }
}
