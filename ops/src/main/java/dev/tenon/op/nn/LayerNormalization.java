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
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Normalises the elements of an axis and all later axes to mean 0 and variance 1, then scales and shifts them: {@code Y
 * = (X - mean) / sqrt(variance + epsilon) * Scale + B}, with the variance of the population. Scale and B broadcast to
 * X.
 *
 * @param axis the first normalised axis, in [-r, r-1] for rank r
 * @param epsilon added to the variance
 * @param stashType the element type of the outputs Mean and InvStdDev
 */
public record LayerNormalization(int axis, float epsilon, DType stashType) implements Op {
    /** Inputs X, Scale and optionally B; outputs Y and optionally Mean and InvStdDev, whose normalised axes are 1. */
    public static final OpSchema SCHEMA = OpSchema.of("LayerNormalization")
            .input("X", "T")
            .input("Scale", "T")
            .optional("B", "T")
            .output("Y", "T")
            .optionalOutput("Mean", "U")
            .optionalOutput("InvStdDev", "U")
            .where("T", Types.FLOATS)
            .where("U", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if stash_type names no floating type of 16 bits or more
     */
    public static LayerNormalization of(Attributes a) {
        return new LayerNormalization(a.int32("axis", -1), a.real("epsilon", 1e-5f), Moments.stashType(SCHEMA, a));
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
        TensorType x = c.tensor(0);
        Shape statistics = Shape.unknownRank();
        if (x.shape().hasRank()) {
            statistics = x.shape();
            for (int i = c.axis(axis, x.shape().rank(), "shape " + x.shape());
                    i < x.shape().rank();
                    i++) {
                statistics = statistics.withDim(i, Dim.of(1));
            }
        }
        Broadcasting.check(c, 1, "Scale", x.shape());
        if (c.has(2)) {
            Broadcasting.check(c, 2, "B", x.shape());
        }
        TensorType stash = new TensorType(stashType, statistics);
        return List.<ValueType>of(x, stash, stash).subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor scale = in.tensor(1);
        Tensor bias = in.tensorOrNull(2);
        int first = in.axis(axis, x.rank(), "shape " + x.shape());
        long[] dims = x.dims();
        long[] statistics = dims.clone();
        for (int i = first; i < statistics.length; i++) {
            statistics[i] = 1;
        }
        Tensor y = Tensor.allocate(x.dtype(), dims);
        Tensor means = Tensor.allocate(stashType, statistics);
        Tensor inverses = Tensor.allocate(stashType, statistics);
        long length = means.size() == 0 ? 0 : x.size() / means.size();
        for (long row = 0; row < means.size(); row++) {
            Moments moments = Moments.of(x, Lines.rows(means.size(), length), row);
            double inverse = 1 / Math.sqrt(moments.variance() + epsilon);
            means.setDouble(row, moments.mean());
            inverses.setDouble(row, inverse);
            for (long i = row * length; i < (row + 1) * length; i++) {
                double normalized = (x.getDouble(i) - moments.mean()) * inverse;
                double scaled = normalized * scale.getDouble(Broadcasting.offset(i, dims, scale.dims()));
                y.setDouble(
                        i, bias == null ? scaled : scaled + bias.getDouble(Broadcasting.offset(i, dims, bias.dims())));
            }
        }
        return new ArrayList<Datum>(List.of(y, means, inverses)).subList(0, in.outputs());
    }
}
