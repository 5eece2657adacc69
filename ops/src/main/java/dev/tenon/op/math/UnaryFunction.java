package dev.tenon.op.math;

import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** An element-wise operator that is a function of one floating number. Some operators take integers too. */
public interface UnaryFunction extends Elementwise {
    /**
     * The function.
     *
     * @param x an element
     * @return the exact result, as precisely as double precision allows
     */
    double at(double x);

    /**
     * The function of integers, for operators whose schema takes them.
     *
     * @param x an element; the bits of an unsigned one of 64 bits
     * @param type its element type
     * @return the result; only the bits of the element type are kept
     */
    default long at(long x, DType type) {
        return (long) at((double) x);
    }

    @Override
    default List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = Broadcast.allocate(in);
        for (long i = 0; i < y.size(); i++) {
            if (x.dtype().isFloating()) {
                y.setDouble(i, at(x.getDouble(i)));
            } else {
                y.setLong(i, at(x.getLong(i), x.dtype()));
            }
        }
        return List.of(y);
    }
}
