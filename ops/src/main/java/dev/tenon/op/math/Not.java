package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Whether an element is false. */
public record Not() implements Elementwise {
    private static final OpSchema SCHEMA = Schemas.unary("Not", "X", "Y", Types.BOOL);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        for (long i = 0; i < y.size(); i++) {
            y.setBoolean(i, !in.tensor(0).getBoolean(i));
        }
        return List.of(y);
    }
}
