package dev.tenon.op.math;

import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** An element-wise operator on two booleans. */
public interface LogicalFunction extends Elementwise {
    /**
     * The truth table.
     *
     * @return bit {@code 2 a + b} is the result for a and b, where true is 1
     */
    int table();

    @Override
    default List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        Broadcast index = Broadcast.of(in, y);
        for (long i = 0; i < y.size(); i++) {
            int a = in.tensor(0).getBoolean(index.offset(0)) ? 2 : 0;
            int b = in.tensor(1).getBoolean(index.offset(1)) ? 1 : 0;
            y.setBoolean(i, (table() >> (a + b) & 1) != 0);
            index.next();
        }
        return List.of(y);
    }
}
