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
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code Y = (X - E[X]) / (sqrt(E[(X - E[X])^2]) + 1e-9)}, where the expectations are taken over a set of axes.
 *
 * @param axes the axes, each in [-r, r-1] for rank r
 */
public record MeanVarianceNormalization(List<Long> axes) implements Op {
    private static final List<Long> DEFAULT_AXES = List.of(0L, 2L, 3L);
    private static final double EPSILON = 1e-9;

    /** Input X, output Y of the same type. */
    public static final OpSchema SCHEMA = OpSchema.of("MeanVarianceNormalization")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * The operator.
     *
     * @param axes the axes, each in [-r, r-1] for rank r
     */
    public MeanVarianceNormalization {
        axes = List.copyOf(axes);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of the wrong kind
     */
    public static MeanVarianceNormalization of(Attributes a) {
        return new MeanVarianceNormalization(a.integers("axes", DEFAULT_AXES));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axes", axes, DEFAULT_AXES);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType x = c.tensor(0);
        if (x.shape().hasRank()) {
            for (long axis : axes) {
                c.axis(axis, x.shape().rank(), "shape " + x.shape());
            }
        }
        return List.of(x);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        long[] dims = x.dims();
        long[] kept = dims.clone();
        for (long axis : axes) {
            kept[in.axis(axis, dims.length, "shape " + x.shape())] = 1;
        }
        Tensor means = average(x, dims, kept, null);
        Tensor variances = average(x, dims, kept, means);
        Tensor y = Tensor.allocate(x.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            long group = Broadcasting.offset(i, dims, kept);
            double deviation = Math.sqrt(variances.getDouble(group)) + EPSILON;
            y.setDouble(i, (x.getDouble(i) - means.getDouble(group)) / deviation);
        }
        return List.of(y);
    }

    private static Tensor average(Tensor x, long[] dims, long[] kept, Tensor means) {
        Tensor sums = Tensor.allocate(DType.FLOAT64, kept);
        for (long i = 0; i < x.size(); i++) {
            long group = Broadcasting.offset(i, dims, kept);
            double d = means == null ? x.getDouble(i) : x.getDouble(i) - means.getDouble(group);
            sums.setDouble(group, sums.getDouble(group) + (means == null ? d : d * d));
        }
        double length = sums.size() == 0 ? 0 : (double) x.size() / sums.size();
        for (long group = 0; group < sums.size(); group++) {
            sums.setDouble(group, sums.getDouble(group) / length);
        }
        return sums;
    }
}
