package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Set;

/** The element of the second operand where the first is true, otherwise the element of the third. */
public record Where() implements Elementwise {
    private static final Set<DType> TYPES =
            Types.union(Schemas.COMPARABLE, Types.set(DType.COMPLEX64, DType.COMPLEX128));

    private static final OpSchema SCHEMA = OpSchema.of("Where")
            .input("condition", "B")
            .input("X", "T")
            .input("Y", "T")
            .output("output", "T")
            .where("B", Types.BOOL)
            .where("T", TYPES);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public DType resultType(InferContext c) {
        return c.dtype(1);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> condition = SymbolicElements.elements(c, 0);
        List<Dim> x = SymbolicElements.elements(c, 1);
        List<Dim> y = SymbolicElements.elements(c, 2);
        if (condition == null || !condition.stream().allMatch(Dim::isKnown)) {
            return null;
        }
        // Each side is 0 where the other one is chosen. So their sum is the chosen element.
        List<Dim> chosen = SymbolicElements.zip(condition, x, (c0, v) -> c0.value() != 0 ? v : Dim.of(0));
        List<Dim> other = SymbolicElements.zip(condition, y, (c0, v) -> c0.value() == 0 ? v : Dim.of(0));
        return SymbolicElements.zip(chosen, other, Dim::plus);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor y = Broadcast.allocate(in);
        Broadcast index = Broadcast.of(in, y);
        for (long i = 0; i < y.size(); i++) {
            int from = in.tensor(0).getBoolean(index.offset(0)) ? 1 : 2;
            in.tensor(from).copyElementTo(index.offset(from), y, i);
            index.next();
        }
        return List.of(y);
    }
}
