package dev.tenon.op.text;

import dev.tenon.op.InferContext;
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

/** Joins the strings of two tensors element by element, with broadcasting. */
public record StringConcat() implements Op {
    /** Parameters: the first parts and the second parts. */
    private static final OpSchema SCHEMA = OpSchema.of("StringConcat")
            .input("X", "T")
            .input("Y", "T")
            .output("Z", "T")
            .where("T", Types.set(DType.STRING));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(DType.STRING, Shape.broadcast(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = in.tensor(1);
        long[] dims = Shape.broadcast(x.shape(), y.shape()).toArray();
        Tensor z = Tensor.allocate(DType.STRING, dims);
        long[] left = x.dims();
        long[] right = y.dims();
        for (long e = 0; e < z.size(); e++) {
            String first = x.getString(Broadcasting.offset(e, dims, left));
            z.setString(e, first + y.getString(Broadcasting.offset(e, dims, right)));
        }
        return List.of(z);
    }
}
