package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** An element-wise operator that compares two elements of one type. A comparison with NaN is false. */
public interface Comparison extends Elementwise {
    /** The bit of {@link #orders} for a first operand below the second. */
    int LESS = 1;

    /** The bit of {@link #orders} for equal operands. */
    int EQUAL = 2;

    /** The bit of {@link #orders} for a first operand above the second. */
    int GREATER = 4;

    /**
     * The orders of the operands for which the result is true.
     *
     * @return a sum of {@link #LESS}, {@link #EQUAL} and {@link #GREATER}
     */
    int orders();

    @Override
    default DType resultType(InferContext c) {
        return DType.BOOL;
    }

    @Override
    default List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        Broadcast index = Broadcast.of(in, y);
        for (long i = 0; i < y.size(); i++) {
            y.setBoolean(i, (order(in.tensor(0), index.offset(0), in.tensor(1), index.offset(1)) & orders()) != 0);
            index.next();
        }
        return List.of(y);
    }

    private static int order(Tensor a, long i, Tensor b, long j) {
        if (a.dtype() == DType.STRING) {
            return order(Arrays.compareUnsigned(a.getUtf8(i), b.getUtf8(j)));
        }
        if (a.dtype().isFloating()) {
            double x = a.getDouble(i);
            double y = b.getDouble(j);
            return x < y ? LESS : x == y ? EQUAL : x > y ? GREATER : 0;
        }
        return order(Integers.compare(a.getLong(i), b.getLong(j), a.dtype()));
    }

    private static int order(int sign) {
        return sign < 0 ? LESS : sign == 0 ? EQUAL : GREATER;
    }
}
