package dev.tenon.op.signal;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Windows as functions of a place in [0, 1). A symmetric window of one element is 1. */
final class WindowFunction {
    private WindowFunction() {}

    static OpSchema schema(String name) {
        return OpSchema.of(name).input("size", "T1").output("output", "T2").where("T1", Types.INDICES);
    }

    static DType type(String operator, Attributes a) {
        DType type = Types.ofCode(a.integer("output_datatype", 1)).orElse(null);
        if (type == null || !Types.NUMBERS.contains(type)) {
            throw new InvalidOperandException(
                    operator,
                    "output_datatype " + a.integer("output_datatype", 1),
                    "the code of a type of numbers",
                    null);
        }
        return type;
    }

    static Attributes attributes(boolean periodic, DType type) {
        return Attributes.none()
                .unless("periodic", periodic, true)
                .unless("output_datatype", (long) Types.code(type), (long) Types.code(DType.FLOAT32));
    }

    static List<ValueType> infer(InferContext c, DType type) {
        OperandShape.of(c, 0).single();
        List<Dim> size = c.symbolic(0);
        Dim n = size == null ? c.freshDim() : size.getFirst();
        if (n.isKnown() && n.value() < 0) {
            throw c.error("size " + n, "0 and above", null);
        }
        return List.of(new TensorType(type, Shape.of(n)));
    }

    static List<Datum> reference(Operands in, DType type, boolean periodic, DoubleUnaryOperator window) {
        in.inferOutputs();
        long n = in.tensor(0).getLong(0);
        Tensor y = Tensor.allocate(type, n);
        long period = periodic ? n : n - 1;
        for (long i = 0; i < n; i++) {
            double value = period == 0 ? 1 : window.applyAsDouble((double) i / period);
            if (type.isFloating()) {
                y.setDouble(i, value);
            } else {
                y.setLong(i, (long) value);
            }
        }
        return List.of(y);
    }
}
