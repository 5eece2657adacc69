package dev.tenon.op.signal;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The Hamming window, {@code a - (1 - a) cos(2 pi n / N)} with a = 25/46.
 *
 * @param periodic whether N is the size, as for a window that repeats; otherwise it is one less, as for a symmetric
 *     window
 * @param type the element type of the window, of numbers; integers are truncated
 */
public record HammingWindow(boolean periodic, DType type) implements Op {
    /** Input size, one element; output [size]. */
    public static final OpSchema SCHEMA =
            WindowFunction.schema("HammingWindow").where("T2", Types.NUMBERS).numerics(new Numerics(1, 1));

    private static final double ALPHA = 25.0 / 46;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if {@code output_datatype} is no type of numbers
     */
    public static HammingWindow of(Attributes a) {
        return new HammingWindow(a.flag("periodic", true), WindowFunction.type("HammingWindow", a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return WindowFunction.attributes(periodic, type);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return WindowFunction.infer(c, type);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return WindowFunction.reference(in, type, periodic, HammingWindow::at);
    }

    private static double at(double place) {
        return ALPHA - (1 - ALPHA) * Math.cos(2 * Math.PI * place);
    }
}
