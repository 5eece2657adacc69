package dev.tenon.formats.onnx.writing;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Constant weights of few bits with a scale for each block of a row, as the reader makes them of MatMulNBits.
 *
 * @param codes the codes, [rows, columns] or wider
 * @param scales a scale for each block, [rows, blocks]
 * @param zeros the zero points, [rows, blocks], integers or real numbers; null if they are 0
 * @param columns the number of columns that count
 * @param block the columns that share a scale
 * @param nodes the nodes that compute the transposed weights; none if the product holds them itself
 */
record BlockWeights(Tensor codes, Tensor scales, Tensor zeros, long columns, long block, List<Node> nodes) {
    private static final int LEAST_BLOCK = 16;
    private static final int MOST_BLOCK = 1 << 30;
    private static final int ZEROS = 3;

    /** The weights that are the right operand of a product, or null if it is something else. */
    static BlockWeights of(Value right) {
        List<Node> nodes = new ArrayList<>();
        Value matrix = operand(right, Transpose.class, nodes);
        if (matrix == null || !((Transpose) right.producer().op()).perm().equals(List.of(1, 0))) {
            return null;
        }
        long columns = -1;
        if (is(matrix, Slice.class)) {
            columns = firstColumns(matrix.producer());
            matrix = operand(matrix, Slice.class, nodes);
            if (columns < 0) {
                return null;
            }
        }
        BlockWeights weights = is(matrix, DequantizeLinear.class) ? dequantized(matrix, nodes) : shifted(matrix, nodes);
        if (weights == null || !isBlock(weights.block)) {
            return null;
        }
        long width = weights.codes.dim(1);
        long most = columns < 0 ? width : Math.min(columns, width);
        return Math.ceilDiv(most, weights.block) == weights.scales.dim(1) && most > 0
                ? new BlockWeights(weights.codes, weights.scales, weights.zeros, most, weights.block, nodes)
                : null;
    }

    /** The weights of a product that holds them itself, or null if they have another form. */
    static BlockWeights of(Node product) {
        Tensor codes = product.input(1).constant();
        Tensor scales = product.input(2).constant();
        boolean hasZeros = product.inputs().size() > ZEROS && product.input(ZEROS) != null;
        Tensor zeros = hasZeros ? product.input(ZEROS).constant() : null;
        long block = ((BlockQuantizedMatMul) product.op()).blockSize();
        boolean fits = codes != null
                && scales != null
                && (!hasZeros || zeros != null)
                && codes.rank() == 2
                && scales.rank() == 2
                && codes.dim(1) > 0
                && isBlock(block);
        return fits ? new BlockWeights(codes, scales, zeros, codes.dim(1), block, List.of()) : null;
    }

    static boolean isBlock(long block) {
        return block >= LEAST_BLOCK && block <= MOST_BLOCK && Long.bitCount(block) == 1;
    }

    private static boolean is(Value v, Class<?> op) {
        return v.producer() != null && op.isInstance(v.producer().op());
    }

    /** The first operand of the operator that computes a value, or null if it is another operator. */
    private static Value operand(Value v, Class<?> op, List<Node> nodes) {
        if (v == null || !is(v, op)) {
            return null;
        }
        nodes.add(v.producer());
        return v.producer().input(0);
    }

    private static BlockWeights dequantized(Value matrix, List<Node> nodes) {
        Node node = matrix.producer();
        DequantizeLinear op = (DequantizeLinear) node.op();
        Tensor codes = node.input(0).constant();
        Tensor scales = constant(node.input(1), nodes);
        Tensor zeros = node.input(2) == null ? null : constant(node.input(2), nodes);
        boolean isConstant = codes != null && scales != null && (node.input(2) == null || zeros != null);
        if (!isConstant
                || codes.rank() != 2
                || scales.rank() != 2
                || op.outputDtype() != null
                || (op.axis() != 1 && op.axis() != -1)
                || !isCode(codes.dtype())) {
            return null;
        }
        nodes.add(node);
        return new BlockWeights(codes, scales, zeros, 0, op.blockSize(), nodes);
    }

    private static boolean isCode(DType type) {
        return switch (type) {
            case UINT2, INT2, UINT4, INT4, UINT8, INT8 -> true;
            default -> false;
        };
    }

    /** Codes from which real zero points are subtracted. */
    private static BlockWeights shifted(Value matrix, List<Node> nodes) {
        Value scaled = operand(matrix, Reshape.class, nodes);
        Value centred = operand(scaled, Mul.class, nodes);
        Value inBlocks = operand(centred, Sub.class, nodes);
        Value real = operand(inBlocks, Reshape.class, nodes);
        Value stored = operand(real, Cast.class, nodes);
        if (stored == null) {
            return null;
        }
        Tensor codes = stored.constant();
        Tensor scales = constant(scaled.producer().input(1), nodes);
        Tensor zeros = constant(centred.producer().input(1), nodes);
        if (codes == null || scales == null || zeros == null || codes.rank() != 2 || !isCode(codes.dtype())) {
            return null;
        }
        long rows = codes.dim(0);
        if (!inBlocks.tensorType().shape().isKnown()
                || inBlocks.tensorType().shape().rank() != 3
                || !matrix.tensorType().shape().isKnown()
                || matrix.tensorType().shape().dim(1).value() != codes.dim(1)) {
            return null;
        }
        long[] blocks = {rows, inBlocks.tensorType().shape().dim(1).value(), 1};
        if (!scales.shapeIs(blocks) || !zeros.shapeIs(blocks) || zeros.dtype() != scales.dtype()) {
            return null;
        }
        long block = inBlocks.tensorType().shape().dim(2).value();
        return new BlockWeights(
                codes, scales.reshape(rows, blocks[1]), zeros.reshape(rows, blocks[1]), 0, block, nodes);
    }

    /** A constant, or one that is reshaped; null if it is something else. */
    private static Tensor constant(Value v, List<Node> nodes) {
        if (v.isConstant()) {
            return v.constant();
        }
        if (!is(v, Reshape.class) || !v.tensorType().shape().isKnown()) {
            return null;
        }
        Tensor source = constant(v.producer().input(0), nodes);
        if (source == null) {
            return null;
        }
        nodes.add(v.producer());
        long[] dims = new long[v.tensorType().shape().rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = v.tensorType().shape().dim(i).value();
        }
        return source.reshape(dims);
    }

    /** The number of columns that a Slice keeps, the first ones; -1 if it keeps others. */
    private static long firstColumns(Node slice) {
        Tensor from = constant(slice, 1);
        Tensor to = constant(slice, 2);
        Tensor axes = constant(slice, 3);
        boolean isPlain = from != null
                && to != null
                && axes != null
                && from.size() == 1
                && from.getLong(0) == 0
                && axes.getLong(0) == 1
                && slice.input(4) == null;
        return isPlain ? to.getLong(0) : -1;
    }

    private static Tensor constant(Node node, int input) {
        return node.input(input) == null ? null : node.input(input).constant();
    }

    int bits() {
        return codes.dtype().bits();
    }

    long rows() {
        return codes.dim(0);
    }

    /** The term that makes a code unsigned. */
    private static long offset(DType type) {
        return type.isSigned() ? -type.minInteger() : 0;
    }

    /** The codes as bytes, [rows, blocks, bytes of a block], the first one in the lowest bits. */
    Tensor packedCodes() {
        long blocks = scales.dim(1);
        int bits = bits();
        long perByte = 8 / bits;
        long bytes = block / perByte;
        byte[] packed = new byte[Math.toIntExact(rows() * blocks * bytes)];
        long offset = offset(codes.dtype());
        long width = codes.dim(1);
        long kept = Math.min(columns, width);
        for (long row = 0; row < rows(); row++) {
            for (long column = 0; column < kept; column++) {
                long code = codes.getLong(row * width + column) + offset;
                int at = (int) (row * blocks * bytes + column / perByte);
                packed[at] |= (byte) (code << column % perByte * bits);
            }
        }
        return bytes(packed, rows(), blocks, bytes);
    }

    /** The zero points as MatMulNBits takes them; null if they are in the middle, which it assumes. */
    Tensor packedZeros() {
        if (zeros != null && zeros.dtype().isFloating()) {
            return real();
        }
        long offset = offset(codes.dtype());
        long middle = 1L << (bits() - 1);
        boolean isMiddle = true;
        long blocks = scales.dim(1);
        int bits = bits();
        long perByte = 8 / bits;
        long stride = Math.ceilDiv(blocks, perByte);
        byte[] packed = new byte[Math.toIntExact(rows() * stride)];
        for (long row = 0; row < rows(); row++) {
            for (long i = 0; i < blocks; i++) {
                long zero = (zeros == null ? 0 : zeros.getLong(row * blocks + i)) + offset;
                isMiddle &= zero == middle;
                packed[(int) (row * stride + i / perByte)] |= (byte) (zero << i % perByte * bits);
            }
        }
        return isMiddle ? null : bytes(packed, rows() * stride);
    }

    private static Tensor bytes(byte[] bytes, long... dims) {
        return Tensor.of(DType.UINT8, MemorySegment.ofArray(bytes), dims);
    }

    private Tensor real() {
        long offset = offset(codes.dtype());
        Tensor real = zeros.copy();
        for (long i = 0; i < real.size(); i++) {
            real.setDouble(i, real.getDouble(i) + offset);
        }
        return real;
    }
}
