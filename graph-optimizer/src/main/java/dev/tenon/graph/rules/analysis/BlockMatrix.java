package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A constant matrix of integers of 4 or 8 bits with a scale, and perhaps a zero point, for each block of a row.
 *
 * @param codes the integers [n,k]
 * @param scales the scales [n,blocks], float32
 * @param zeros the zero points [n,blocks], or null
 * @param block the integers that share a scale, a power of two from 16 to 256
 * @param source the node that dequantises them
 */
public record BlockMatrix(Tensor codes, Tensor scales, Tensor zeros, long block, Node source) {
    private static final int LEAST_BLOCK = 16;
    private static final int MOST_BLOCK = 256;

    /** The operands of a Slice: data, starts, ends, axes. */
    private static final int SLICE_OPERANDS = 4;

    /**
     * The matrix that a value is computed from, by DequantizeLinear, and perhaps a Slice that keeps the first columns.
     *
     * @param v the value
     * @return the matrix, or null if it is computed in another way
     */
    public static BlockMatrix of(Value v) {
        Node node = v.producer();
        long columns = Long.MAX_VALUE;
        if (node != null && node.op() instanceof Slice) {
            columns = firstColumns(node);
            node = node.input(0).producer();
        }
        if (node == null || !(node.op() instanceof DequantizeLinear op) || op.outputDtype() != null) {
            return null;
        }
        Tensor codes = node.input(0).constant();
        Tensor scales = constant(node.input(1));
        boolean hasZeros = node.input(2) != null;
        Tensor zeros = hasZeros ? constant(node.input(2)) : null;
        boolean fits = codes != null
                && codes.rank() == 2
                && isCode(codes.dtype())
                && isBlock(op.blockSize())
                && scales != null
                && scales.dtype() == DType.FLOAT32
                && (!hasZeros || zeros != null);
        if (!fits) {
            return null;
        }
        long k = Math.min(columns, codes.dim(1));
        // Blocks along the other axis have scales of another shape. Zero points have that of the scales.
        if (k == 0 || !scales.shapeIs(new long[] {codes.dim(0), Math.ceilDiv(k, op.blockSize())})) {
            return null;
        }
        return new BlockMatrix(BlockQuantizedMatMul.withoutPadding(codes, k), scales, zeros, op.blockSize(), node);
    }

    /**
     * The operands as constants, those of the source where it has them.
     *
     * @param to adds others
     * @return the integers, the scales and the zero points, null if there are none
     */
    public List<Value> constants(Emitter to) {
        List<Value> values = new ArrayList<>();
        for (Tensor t : Arrays.asList(codes, scales, zeros)) {
            Value own = t == null ? null : source.input(values.size());
            values.add(t == null || own.constant() == t ? own : to.constant(t));
        }
        return values;
    }

    private static boolean isBlock(long block) {
        return block >= LEAST_BLOCK && block <= MOST_BLOCK && Long.bitCount(block) == 1;
    }

    private static boolean isCode(DType type) {
        return switch (type) {
            case UINT4, INT4, UINT8, INT8 -> true;
            default -> false;
        };
    }

    /** A constant, or one with another shape; null if it is something else. */
    private static Tensor constant(Value v) {
        if (v.isConstant()) {
            return v.constant();
        }
        Node node = v.producer();
        boolean reshapes = node != null
                && node.op() instanceof Reshape
                && node.input(0).isConstant()
                && Shapes.of(v).isKnown();
        return reshapes ? node.input(0).constant().reshape(Shapes.of(v).toArray()) : null;
    }

    /** The number of columns that a Slice keeps, the first ones; 0 if it keeps others. */
    private static long firstColumns(Node slice) {
        long[] numbers = new long[SLICE_OPERANDS];
        for (int i = 1; i < SLICE_OPERANDS; i++) {
            Tensor t = slice.input(i) == null ? null : slice.input(i).constant();
            if (t == null || t.size() != 1) {
                return 0;
            }
            numbers[i] = t.getLong(0);
        }
        boolean first = numbers[1] == 0 && numbers[3] == 1 && slice.input(SLICE_OPERANDS) == null;
        return first ? Math.max(0, numbers[2]) : 0;
    }
}
