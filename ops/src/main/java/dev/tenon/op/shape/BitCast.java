package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The same bits under another element type of the same width. Bytes are little-endian. Bytes from 2 on, which are no
 * bool, become true.
 *
 * @param to the element type of the result, not a string
 */
public record BitCast(DType to) implements Op {
    private static final Set<DType> BITS = EnumSet.complementOf(EnumSet.of(DType.STRING));

    /** Input of any type but strings; output of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of("BitCast")
            .input("input", "T1")
            .output("output", "T2")
            .where("T1", BITS)
            .where("T2", BITS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if {@code to} is absent or a string
     */
    public static BitCast of(Attributes a) {
        DType to = Types.ofCode(a.integer("to", 0)).orElse(null);
        if (to == null || to == DType.STRING) {
            throw new InvalidOperandException(
                    "BitCast", "to " + a.get("to").orElse(null), "the number of an element type but string", null);
        }
        return new BitCast(to);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("to", Types.code(to));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType from = c.dtype(0);
        if (from.bits() != to.bits()) {
            throw c.error(
                    from.text() + " to " + to.text() + ", of " + from.bits() + " and " + to.bits() + " bits",
                    "types of the same width",
                    null);
        }
        return List.of(new TensorType(to, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        if (to != DType.BOOL) {
            return List.of(Tensor.of(to, x.segment(), x.dims()));
        }
        Tensor y = Tensor.allocate(to, x.dims());
        for (long i = 0; i < y.size(); i++) {
            y.setBoolean(i, x.getBits(i) != 0);
        }
        return List.of(y);
    }
}
