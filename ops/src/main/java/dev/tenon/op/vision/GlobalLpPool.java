package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The p-norm over all axes after the second of each channel of each instance; 0 if there are no elements.
 *
 * @param p the order of the norm, at least 1
 */
public record GlobalLpPool(long p) implements Op {
    /** Input X [n, c, ...], output Y [n, c, 1, ...]. */
    public static final OpSchema SCHEMA = OpSchema.of("GlobalLpPool")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if p is less than 1
     */
    public static GlobalLpPool of(Attributes a) {
        return new GlobalLpPool(LpPool.order(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("p", p, 2L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.hasRank() && x.rank() < 2) {
            throw c.error("X of shape " + x, "rank 2 or more: instances, channels, ...", null);
        }
        Shape y = x;
        for (int i = 2; x.hasRank() && i < x.rank(); i++) {
            y = y.withDim(i, Dim.of(1));
        }
        return ImageOperands.tensor(c.dtype(0), y);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(in.inferOutputs().getFirst());
        long pixels = y.size() == 0 ? 0 : x.size() / y.size();
        for (long channel = 0; channel < y.size(); channel++) {
            LpPool.Norm norm = new LpPool.Norm(p);
            for (long i = channel * pixels; i < (channel + 1) * pixels; i++) {
                norm.add(x.getDouble(i));
            }
            y.setDouble(channel, norm.value());
        }
        return List.of(y);
    }
}
