package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Divides each line along an axis by its p-norm; a line whose norm is 0 becomes 0.
 *
 * @param axis the axis of the lines, in [-r, r-1] for rank r; -1 is the last
 * @param p the order of the norm, 1 or 2
 */
public record LpNormalization(int axis, int p) implements Op {
    /** Input {@code input}, output {@code output} of the same type. */
    public static final OpSchema SCHEMA = OpSchema.of("LpNormalization")
            .input("input", "T")
            .output("output", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(4, 16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if p is neither 1 nor 2
     */
    public static LpNormalization of(Attributes a) {
        long p = a.integer("p", 2);
        if (p != 1 && p != 2) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "attribute 'p' is " + p, "1, 2", null);
        }
        return new LpNormalization(a.int32("axis", -1), (int) p);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", (long) axis, -1L).unless("p", (long) p, 2L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(AlongAxis.infer(c, axis));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(AlongAxis.map(in, axis, this::line));
    }

    private void line(Tensor x, Tensor y, Lines lines, long line) {
        double sum = 0;
        for (long i = 0; i < lines.length(); i++) {
            double v = x.getDouble(lines.at(line, i));
            sum += p == 1 ? Math.abs(v) : v * v;
        }
        double norm = p == 1 ? sum : Math.sqrt(sum);
        for (long i = 0; i < lines.length(); i++) {
            long at = lines.at(line, i);
            y.setDouble(at, norm == 0 ? 0 : x.getDouble(at) / norm);
        }
    }
}
