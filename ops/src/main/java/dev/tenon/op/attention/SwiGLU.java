package dev.tenon.op.attention;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code a / (1 + exp(-alpha a)) * b}, element by element, without broadcasting: N. Shazeer, GLU Variants Improve
 * Transformer (2020).
 *
 * @param alpha the factor of the argument of the logistic function
 */
public record SwiGLU(float alpha) implements Op {
    /** Inputs A and B of one shape, output Y of the same. */
    public static final OpSchema SCHEMA = OpSchema.of("SwiGLU")
            .input("A", "T")
            .input("B", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(5, 5));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if alpha is no float
     */
    public static SwiGLU of(Attributes a) {
        return new SwiGLU(a.real("alpha", 1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 1f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape a = OperandShape.of(c, 0);
        if (a.hasRank()) {
            OperandShape.of(c, 1).is(a.shape().dims().toArray(Dim[]::new));
        }
        return List.of(c.tensor(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(1);
        Tensor y = Tensor.allocate(a.dtype(), a.dims());
        for (long i = 0; i < y.size(); i++) {
            double x = a.getDouble(i);
            double e = Math.exp(-Math.abs(alpha * x));
            y.setDouble(i, x * ((alpha * x >= 0 ? 1 : e) / (1 + e)) * b.getDouble(i));
        }
        return List.of(y);
    }
}
