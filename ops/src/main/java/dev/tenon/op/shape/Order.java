package dev.tenon.op.shape;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * The order of real elements: that of the numbers, where 0 equals -0, and NaN is above everything and equals itself.
 */
final class Order {
    private Order() {}

    static int compare(Tensor a, long i, Tensor b, long j) {
        if (!a.dtype().isFloating()) {
            long x = a.getLong(i);
            long y = b.getLong(j);
            return a.dtype() == DType.UINT64 ? Long.compareUnsigned(x, y) : Long.compare(x, y);
        }
        double x = a.getDouble(i);
        double y = b.getDouble(j);
        if (x < y) {
            return -1;
        }
        return x > y ? 1 : Boolean.compare(Double.isNaN(x), Double.isNaN(y));
    }
}
