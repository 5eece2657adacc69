package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Divides by the root of the mean square over an axis and all later axes, then scales: {@code Y = X / sqrt(mean(X * X)
 * + epsilon) * scale}. Scale broadcasts to X, and Y has its element type.
 *
 * @param axis the first normalised axis, in [-r, r-1] for rank r
 * @param epsilon added to the mean square
 * @param stashType the element type in which the standard computes the division; computed in double here
 */
public record RMSNormalization(int axis, float epsilon, DType stashType) implements Op {
    /** Inputs X and scale, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of("RMSNormalization")
            .input("X", "T")
            .input("scale", "V")
            .output("Y", "V")
            .where("T", Types.FLOATS)
            .where("V", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if stash_type names no floating type of 16 bits or more
     */
    public static RMSNormalization of(Attributes a) {
        return new RMSNormalization(a.int32("axis", -1), a.real("epsilon", 1e-5f), Moments.stashType(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", (long) axis, -1L)
                .unless("epsilon", epsilon, 1e-5f)
                .unless("stash_type", (long) Types.code(stashType), 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.hasRank()) {
            c.axis(axis, x.rank(), "shape " + x);
        }
        Broadcasting.check(c, 1, "scale", x);
        return List.of(new TensorType(c.dtype(1), x));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor scale = in.tensor(1);
        long[] dims = x.dims();
        long rows = 1;
        for (int i = 0; i < in.axis(axis, x.rank(), "shape " + x.shape()); i++) {
            rows *= dims[i];
        }
        Tensor y = Tensor.allocate(scale.dtype(), dims);
        long length = rows == 0 ? 0 : x.size() / rows;
        for (long row = 0; row < rows; row++) {
            double squares = 0;
            for (long i = row * length; i < (row + 1) * length; i++) {
                squares += x.getDouble(i) * x.getDouble(i);
            }
            double root = Math.sqrt(squares / length + epsilon);
            for (long i = row * length; i < (row + 1) * length; i++) {
                y.setDouble(i, x.getDouble(i) / root * scale.getDouble(Broadcasting.offset(i, dims, scale.dims())));
            }
        }
        return List.of(y);
    }
}
