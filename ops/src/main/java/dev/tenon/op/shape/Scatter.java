package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * A copy of a tensor. Updates are written to it or reduced into it. Sums and products of floats are rounded once, at
 * the end.
 */
final class Scatter {
    private static final List<String> REDUCTIONS = List.of("none", "add", "mul", "max", "min");
    private static final Set<DType> REDUCIBLE = Types.union(Types.NUMBERS, Types.BOOL);

    private final String reduction;
    private final Tensor data;
    private final Tensor out;
    private final Tensor exact;

    Scatter(Tensor data, String reduction) {
        this.reduction = reduction;
        this.data = data;
        this.out = data.copy();
        boolean rounds = data.dtype().isFloating() && (reduction.equals("add") || reduction.equals("mul"));
        this.exact = rounds ? Tensor.allocate(DType.FLOAT64, data.dims()) : null;
        for (long i = 0; rounds && i < data.size(); i++) {
            exact.setDouble(i, data.getDouble(i));
        }
    }

    static void check(String op, String reduction) {
        if (!REDUCTIONS.contains(reduction)) {
            throw new InvalidOperandException(op, "reduction '" + reduction + "'", String.join(", ", REDUCTIONS), null);
        }
    }

    static void checkType(InferContext c, String reduction) {
        if (!reduction.equals("none") && !REDUCIBLE.contains(c.dtype(0))) {
            throw c.error("reduction '" + reduction + "' of " + c.dtype(0).text(), "numbers and bool", null);
        }
    }

    static Numerics numerics(String reduction) {
        return reduction.equals("add") || reduction.equals("mul") ? Numerics.sum(4) : Numerics.EXACT;
    }

    /** Writes or reduces element i of the updates into element j. */
    void put(Tensor updates, long i, long j) {
        if (exact != null) {
            double a = exact.getDouble(j);
            double b = updates.getDouble(i);
            exact.setDouble(j, reduction.equals("add") ? a + b : a * b);
            return;
        }
        switch (reduction) {
            case "add" -> out.setLong(j, out.getLong(j) + updates.getLong(i));
            case "mul" -> out.setLong(j, out.getLong(j) * updates.getLong(i));
            case "max" -> keep(updates, i, j, 1);
            case "min" -> keep(updates, i, j, -1);
            default -> updates.copyElementTo(i, out, j);
        }
    }

    private void keep(Tensor updates, long i, long j, int sign) {
        if (isNan(out, j)) {
            return;
        }
        if (isNan(updates, i) || Order.compare(updates, i, out, j) * sign > 0) {
            updates.copyElementTo(i, out, j);
        }
    }

    private static boolean isNan(Tensor t, long i) {
        return t.dtype().isFloating() && Double.isNaN(t.getDouble(i));
    }

    Tensor result() {
        for (long i = 0; exact != null && i < out.size(); i++) {
            double value = exact.getDouble(i);
            if (Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(data.getDouble(i))) {
                out.setDouble(i, value);
            }
        }
        return out;
    }
}
