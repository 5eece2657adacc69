package dev.tenon.op.fused;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator that stands for several others. They define its types, its reference and its form in a file. Kernels
 * compute them together.
 */
public interface Composite extends Op {
    /**
     * The operators that it stands for.
     *
     * @param types the types of the operands, null for those left out
     * @param outputs how many outputs are asked for
     * @return the operators
     * @throws dev.tenon.error.InvalidOperandException if it does not take operands of these types
     */
    Composition composition(List<ValueType> types, int outputs);

    @Override
    default List<ValueType> infer(InferContext c) {
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < c.inputCount(); i++) {
            types.add(c.has(i) ? c.type(i) : null);
        }
        return composition(types, c.outputCount()).infer(c);
    }

    @Override
    default List<Datum> reference(Operands in) {
        in.inferOutputs();
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            types.add(in.has(i) ? in.get(i).type() : null);
        }
        return composition(types, in.outputs()).reference(in);
    }
}
