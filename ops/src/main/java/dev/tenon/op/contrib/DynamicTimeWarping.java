package dev.tenon.op.contrib;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * The cheapest path through a matrix from its first element to its last. A step goes down, right, or both at once.
 * Costs are summed in float32. The path enters an element by the step down, or by the step in both directions, if that
 * step is cheaper than either other one; otherwise it comes from the left. If the first two cost the same, the path is
 * not the cheapest: the domain defines it so. See H. Sakoe and S. Chiba, Dynamic Programming Algorithm Optimization for
 * Spoken Word Recognition (1978).
 */
public record DynamicTimeWarping() implements Op {
    /** Input [rows, columns] or [1, rows, columns], not empty; output [2, steps]: the rows and the columns of the path. */
    private static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "DynamicTimeWarping")
            .input("input", "F")
            .output("output", "I")
            .where("F", Types.FLOAT32)
            .where("I", Types.set(DType.INT32));

    private static final String ALLOWED = "[rows, columns] or [1, rows, columns], not empty";
    private static final long MOST = 1L << 28;
    private static final byte BOTH = 0;
    private static final byte DOWN = 1;
    private static final byte RIGHT = 2;

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.hasRank() && !fits(x)) {
            throw c.error("'input' has shape " + x, ALLOWED, null);
        }
        return List.of(new TensorType(DType.INT32, Shape.of(Dim.of(2), c.freshDim())));
    }

    private static boolean fits(Shape x) {
        return (x.rank() == 2 || x.rank() == 3 && x.dim(0).orElse(1) == 1)
                && x.dims().stream().allMatch(d -> d.orElse(1) > 0);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        if (!fits(x.shape())) {
            throw in.error("'input' has shape " + x.shape(), ALLOWED, null);
        }
        long rows = x.dim(x.rank() - 2);
        long columns = x.dim(x.rank() - 1);
        if (x.size() > MOST) {
            throw new ResourceLimitException(
                    SCHEMA.qualifiedName(), "a matrix of " + x.size() + " elements", MOST + " elements", null);
        }
        byte[] steps = steps(x, (int) rows, (int) columns);
        int length = walk(steps, (int) rows, (int) columns, null);
        Tensor path = Tensor.allocate(DType.INT32, 2, length);
        walk(steps, (int) rows, (int) columns, path);
        return List.of(path);
    }

    /** The step by which the cheapest path enters each element. */
    private static byte[] steps(Tensor x, int rows, int columns) {
        byte[] steps = new byte[rows * columns];
        float[] before = new float[columns + 1];
        float[] cost = new float[columns + 1];
        Arrays.fill(before, Float.POSITIVE_INFINITY);
        before[0] = 0;
        for (int r = 0; r < rows; r++) {
            cost[0] = Float.POSITIVE_INFINITY;
            for (int c = 0; c < columns; c++) {
                float both = before[c];
                float down = before[c + 1];
                float right = cost[c];
                byte step = both < down && both < right ? BOTH : down < both && down < right ? DOWN : RIGHT;
                steps[r * columns + c] = step;
                cost[c + 1] = x.getFloat((long) r * columns + c) + (step == BOTH ? both : step == DOWN ? down : right);
            }
            float[] swap = before;
            before = cost;
            cost = swap;
        }
        return steps;
    }

    /** Follows the path backwards and writes it, unless there is no output. */
    private static int walk(byte[] steps, int rows, int columns, Tensor path) {
        int r = rows - 1;
        int c = columns - 1;
        int length = 0;
        while (r >= 0 || c >= 0) {
            length++;
            if (path != null) {
                long at = path.dim(1) - length;
                path.setLong(at, r);
                path.setLong(path.dim(1) + at, c);
            }
            byte step = r < 0 ? RIGHT : c < 0 ? DOWN : steps[r * columns + c];
            r -= step == RIGHT ? 0 : 1;
            c -= step == DOWN ? 0 : 1;
        }
        return length;
    }
}
