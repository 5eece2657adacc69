package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * 1 at the first maximum of each line along an axis, 0 elsewhere. NaN counts as the greatest value.
 *
 * @param axis the axis of the lines, in [-r, r-1] for rank r; -1 is the last
 */
public record Hardmax(int axis) implements Op {
    /** Input {@code input} of rank 1 or more, output {@code output} of the same type. */
    public static final OpSchema SCHEMA =
            OpSchema.of("Hardmax").input("input", "T").output("output", "T").where("T", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if the axis is no 32-bit integer
     */
    public static Hardmax of(Attributes a) {
        return new Hardmax(a.int32("axis", -1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", (long) axis, -1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(AlongAxis.infer(c, axis));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(AlongAxis.map(in, axis, Hardmax::line));
    }

    private static void line(Tensor x, Tensor y, Lines lines, long line) {
        long best = 0;
        for (long i = 1; i < lines.length(); i++) {
            if (Double.compare(x.getDouble(lines.at(line, i)) + 0.0, x.getDouble(lines.at(line, best)) + 0.0) > 0) {
                best = i;
            }
        }
        for (long i = 0; i < lines.length(); i++) {
            y.setDouble(lines.at(line, i), i == best ? 1 : 0);
        }
    }
}
