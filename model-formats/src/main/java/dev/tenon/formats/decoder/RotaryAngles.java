package dev.tenon.formats.decoder;

import dev.tenon.budget.WorkBudget;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mod;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The cosines and sines of the angles of positions, [batch, length, pairs].
 *
 * <p>Tables for each position would be large: 64 MB for 131,072 positions of 64 pairs. So a position is {@code s h + l}, and
 * the addition theorems join the angles of both parts, which small tables hold: s is a power of two of about the root of the number
 * of positions, and 256 at least. The tables come from double, so an angle has no error that grows with the position.
 *
 * @param cos the cosines
 * @param sin the sines
 */
record RotaryAngles(Value cos, Value sin) {
    private static final long OPERATIONS_OF_FUNCTION = 32;
    private static final int LEAST_STEP = 256;

    /**
     * Adds the nodes that compute them.
     *
     * @param g the graph
     * @param positions the positions, [batch, length]
     * @param rope the frequencies
     * @param context the number of positions
     * @return cosines and sines
     */
    static RotaryAngles of(GraphBuilder g, Value positions, Rope rope, long context) {
        int size = LEAST_STEP;
        while ((long) size * size < context) {
            size *= 2;
        }
        Value step = g.constant(g.unique("rotary_step"), Tensor.scalar((long) size));
        Value high = g.add(new Div(), positions, step);
        Value low = g.add(new Mod(false), positions, step);
        int rows = (int) Math.ceilDiv(context, size);
        Value cosHigh = looked(g, rope, rows, size, Math::cos, high);
        Value sinHigh = looked(g, rope, rows, size, Math::sin, high);
        Value cosLow = looked(g, rope, size, 1, Math::cos, low);
        Value sinLow = looked(g, rope, size, 1, Math::sin, low);
        Value cos = g.add(new Sub(), g.add(new Mul(), cosHigh, cosLow), g.add(new Mul(), sinHigh, sinLow));
        Value sin = g.add(new Add(), g.add(new Mul(), sinHigh, cosLow), g.add(new Mul(), cosHigh, sinLow));
        return new RotaryAngles(cos, sin);
    }

    private static Value looked(
            GraphBuilder g, Rope rope, int rows, int step, DoubleUnaryOperator function, Value index) {
        List<Double> frequencies = rope.frequencies();
        int pairs = frequencies.size();
        float[] table = new float[rows * pairs];
        for (int row = 0; row < rows; row++) {
            WorkBudget.spend(OPERATIONS_OF_FUNCTION * pairs);
            for (int i = 0; i < pairs; i++) {
                table[row * pairs + i] = (float) function.applyAsDouble((double) row * step * frequencies.get(i));
            }
        }
        Value values = g.constant(g.unique("rotary_table"), Tensor.wrap(table, rows, pairs));
        return g.add(new Gather(0), values, index);
    }
}
