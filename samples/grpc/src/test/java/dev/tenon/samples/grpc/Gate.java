package dev.tenon.samples.grpc;

import dev.tenon.OpLibrary;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.concurrent.Semaphore;

/** An operator that hands its input on when a test allows it, so that a test knows that a prediction runs. */
record Gate() implements Op {
    static final OpSchema SCHEMA = OpSchema.of("dev.tenon.test", "Gate")
            .input("x", "T")
            .output("y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .rounded();

    static final OpLibrary LIBRARY = OpLibrary.empty().with(OpDefinition.op(SCHEMA, Gate.class, a -> new Gate()));

    /** A permit for each prediction that has come to the gate. */
    static final Semaphore ARRIVED = new Semaphore(0);

    /** A permit for each prediction that may go on. */
    static final Semaphore OPEN = new Semaphore(0);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        ARRIVED.release();
        OPEN.acquireUninterruptibly();
        return List.of(in.tensor(0).copy());
    }
}
