package dev.tenon.op.math;

import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * An element-wise operator that combines numbers of one element type: two numbers, or any number of them from left to
 * right if the operator is variadic.
 */
public interface BinaryFunction extends Elementwise {
    /**
     * The function of floating numbers.
     *
     * @param a an element of the first operand
     * @param b an element of the second operand
     * @return the exact result, as precisely as double precision allows
     */
    double at(double a, double b);

    /**
     * The function of integers, for operators whose schema takes them. Overflow wraps around.
     *
     * @param a an element of the first operand; the bits of an unsigned one of 64 bits
     * @param b an element of the second operand; the bits of an unsigned one of 64 bits
     * @param type the element type
     * @return the result; only the bits of the element type are kept
     * @throws UnsupportedOperationException if the schema takes no integers
     */
    default long at(long a, long b, DType type) {
        throw new UnsupportedOperationException(schema() + " takes floats");
    }

    /**
     * The last step: makes the result of the combination of all operands.
     *
     * @param combined the combination
     * @param operands the number of operands
     * @return the result; the combination itself unless an operator overrides this
     */
    default double finish(double combined, int operands) {
        return combined;
    }

    @Override
    default List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        Broadcast index = Broadcast.of(in, y);
        boolean floating = in.tensor(0).dtype().isFloating();
        for (long i = 0; i < y.size(); i++) {
            if (floating) {
                double combined = in.tensor(0).getDouble(index.offset(0));
                for (int k = 1; k < in.count(); k++) {
                    combined = at(combined, in.tensor(k).getDouble(index.offset(k)));
                }
                y.setDouble(i, finish(combined, in.count()));
            } else {
                long combined = in.tensor(0).getLong(index.offset(0));
                for (int k = 1; k < in.count(); k++) {
                    combined = at(combined, in.tensor(k).getLong(index.offset(k)), y.dtype());
                }
                y.setLong(i, combined);
            }
            index.next();
        }
        return List.of(y);
    }
}
