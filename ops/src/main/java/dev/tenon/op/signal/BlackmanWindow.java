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
 * The Blackman window, {@code 0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)}.
 *
 * @param periodic whether N is the size, as for a window that repeats; otherwise it is one less, as for a symmetric
 *     window
 * @param type the element type of the window, of numbers; integers are truncated
 */
public record BlackmanWindow(boolean periodic, DType type) implements Op {
    /** Input size, one element; output [size]. */
    public static final OpSchema SCHEMA =
            WindowFunction.schema("BlackmanWindow").where("T2", Types.NUMBERS).numerics(new Numerics(1, 1));

    private static final double ALPHA = 0.42;
    private static final double BETA = 0.08;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if {@code output_datatype} is no type of numbers
     */
    public static BlackmanWindow of(Attributes a) {
        return new BlackmanWindow(a.flag("periodic", true), WindowFunction.type("BlackmanWindow", a));
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
        return WindowFunction.reference(in, type, periodic, BlackmanWindow::at);
    }

    private static double at(double place) {
        double angle = 2 * Math.PI * place;
        // In this order the constants add up to exactly 0 at the edge and 1 in the middle, so that integers are right.
        return ALPHA + BETA * Math.cos(2 * angle) - Math.cos(angle) / 2;
    }
}
