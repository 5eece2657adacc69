package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** An element-wise operator that tests one floating number, such as for NaN. */
public interface Classification extends Elementwise {
    /**
     * The test.
     *
     * @param x an element
     * @return the result
     */
    boolean test(double x);

    @Override
    default DType resultType(InferContext c) {
        return DType.BOOL;
    }

    @Override
    default List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        for (long i = 0; i < y.size(); i++) {
            y.setBoolean(i, test(in.tensor(0).getDouble(i)));
        }
        return List.of(y);
    }
}
