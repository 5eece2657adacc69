package dev.tenon.op.nn;

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
 * {@code exp(x) / sum(exp(x))} over each line along an axis. The line's maximum is subtracted first, so that nothing
 * overflows. A line becomes NaN if it holds a NaN or a positive infinity, or negative infinities only.
 *
 * @param axis the axis of the lines, in [-r, r-1] for rank r; -1 is the last
 */
public record Softmax(int axis) implements Op {
    // The difference from the maximum is rounded before the exponential. It is below 104 unless the exponential
    // vanishes, so that half a unit in its last place is at most 2^-18: 64 times the least relative spacing of float32,
    // 2^-24.
    private static final Numerics NUMERICS = Numerics.ulps(70);

    /** Input {@code input} of rank 1 or more, output {@code output} of the same type. */
    public static final OpSchema SCHEMA = OpSchema.of("Softmax")
            .input("input", "T")
            .output("output", "T")
            .where("T", Types.FLOATS)
            .numerics(NUMERICS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if the axis is no 32-bit integer
     */
    public static Softmax of(Attributes a) {
        return new Softmax(a.int32("axis", -1));
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
        return List.of(AlongAxis.map(in, axis, Softmax::line));
    }

    private static void line(Tensor x, Tensor y, Lines lines, long line) {
        double max = AlongAxis.max(x, lines, line);
        double sum = AlongAxis.sumOfExp(x, lines, line, max);
        for (long i = 0; i < lines.length(); i++) {
            long at = lines.at(line, i);
            y.setDouble(at, Math.exp(x.getDouble(at) - max) / sum);
        }
    }
}
