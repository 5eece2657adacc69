package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Lowerings of operators whose weights have few bits and a scale for each block. */
final class BlockQuantizedLowerings {
    /** The largest block of which there are kernels. */
    private static final long MOST_BLOCK = 256;

    private BlockQuantizedLowerings() {}

    /**
     * MatMulNBits: A times the transpose of B. B is an [N, K] matrix with a scale and a zero point for each block of a
     * row.
     */
    static List<Value> matMulNBits(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        long n = ops.positive("N");
        long k = ops.positive("K");
        long block = ops.positive("block_size");
        DType type = packed(node);
        if (block > 1L << 30 || block < 16 || Long.bitCount(block) != 1) {
            throw node.error("block_size " + block, "a power of two from 16 on", null);
        }
        long blocks = Math.ceilDiv(k, block);
        if (keepsLevel(node, block)) {
            return blockProduct(node, type, n, k, block);
        }
        Value weights = node.constant(repacked(node, 1, type, n, product(node, blocks, block)));
        DType real = ops.type(node.input(2));
        Value scales = ops.reshape(node.input(2), n, blocks);
        Value matrix;
        if (node.input(4) != null) {
            matrix = ofGroups(node, ops.slice(weights, ops.integers(0), ops.integers(k), 1), scales, type);
        } else if (node.input(3) != null && node.dtype(3).isFloating()) {
            Value q = ops.reshape(ops.cast(weights, real), n, blocks, block);
            Value centred = ops.add("Sub", q, ops.reshape(node.input(3), n, blocks, 1));
            Value scaled = ops.add("Mul", centred, ops.reshape(scales, n, blocks, 1));
            matrix = ops.reshape(scaled, n, blocks * block);
        } else {
            Attributes a = Attributes.none().with("axis", 1L).with("block_size", block);
            Tensor zero = node.input(3) == null ? filled(type, n, blocks) : unpadded(node, 3, type, n, blocks);
            matrix = node.add("DequantizeLinear", a, weights, scales, node.constant(zero));
        }
        if (blocks * block != k && node.input(4) == null) {
            matrix = ops.slice(matrix, ops.integers(0), ops.integers(k), 1);
        }
        Value right = ops.transpose(ops.cast(matrix, node.dtype(0)), 1, 0);
        if (node.input(5) == null) {
            return node.finish("MatMul", Attributes.none(), node.input(0), right);
        }
        return node.finish("Add", Attributes.none(), ops.add("MatMul", node.input(0), right), node.input(5));
    }

    /**
     * Whether the node allows A to be rounded to bytes, which only an operator of its own can tell. Without that, the
     * optimiser finds products with weights in blocks by itself.
     */
    private static boolean keepsLevel(NodeLowering node, long block) {
        long level = node.attributes().integer("accuracy_level", 0);
        boolean constant = node.required(2).isConstant()
                && (node.input(3) == null || node.input(3).isConstant());
        return level == BlockQuantizedMatMul.BYTES
                && constant
                && block <= MOST_BLOCK
                && packed(node) != DType.UINT2
                && node.dtype(0) == DType.FLOAT32
                && node.dtype(2) == DType.FLOAT32
                && (node.input(3) == null || !node.dtype(3).isFloating())
                && node.input(4) == null;
    }

    private static List<Value> blockProduct(NodeLowering node, DType type, long n, long k, long block) {
        long blocks = Math.ceilDiv(k, block);
        Tensor codes = repacked(node, 1, type, n, product(node, blocks, block));
        Tensor scales = node.input(2).constant();
        if (scales.size() != n * blocks) {
            throw node.error("input 2 of " + scales.size() + " elements", n * blocks + " elements", null);
        }
        Tensor zero = node.input(3) == null ? filled(type, n, blocks) : unpadded(node, 3, type, n, blocks);
        return node.finish(
                new BlockQuantizedMatMul(block, BlockQuantizedMatMul.BYTES),
                Arrays.asList(
                        node.input(0),
                        node.constant(BlockQuantizedMatMul.withoutPadding(codes, k)),
                        scales.rank() == 2 ? node.input(2) : node.constant(scales.reshape(n, blocks)),
                        node.constant(zero),
                        node.input(5)));
    }

    /** Weights [N, K]. Input 4 names a group for each column, which gives its scale and its zero point. */
    private static Value ofGroups(NodeLowering node, Value weights, Value scales, DType type) {
        OpBuilder ops = new OpBuilder(node);
        DType real = ops.type(scales);
        long n = ops.positive("N");
        long blocks = Math.ceilDiv(ops.positive("K"), ops.positive("block_size"));
        Value zero;
        if (node.input(3) == null) {
            zero = ops.scalar(real, type.maxInteger() / 2 + 1);
        } else {
            Value all = node.dtype(3).isFloating()
                    ? ops.reshape(node.input(3), n, blocks)
                    : node.constant(unpadded(node, 3, type, n, blocks));
            zero = ops.gather(ops.cast(all, real), node.input(4), 1);
        }
        Value centred = ops.add("Sub", ops.cast(weights, real), zero);
        return ops.add("Mul", centred, ops.gather(scales, node.input(4), 1));
    }

    private static DType packed(NodeLowering node) {
        long bits = node.attributes().integer("bits", 4);
        if (bits != 2 && bits != 4 && bits != 8) {
            throw node.error("bits " + bits, "2, 4, 8", null);
        }
        return bits == 2 ? DType.UINT2 : bits == 4 ? DType.UINT4 : DType.UINT8;
    }

    private static Tensor bytes(NodeLowering node, int input) {
        Tensor t = node.input(input) == null ? null : node.input(input).constant();
        if (t == null) {
            throw node.error("input " + input + ", which is not constant", "a constant", null);
        }
        return t;
    }

    /** The product of sizes, whose bits can be counted too. */
    private static long product(NodeLowering node, long... sizes) {
        long product = 1;
        for (long size : sizes) {
            if (size > 0 && product > Long.MAX_VALUE / Long.SIZE / size) {
                throw node.error("sizes " + Arrays.toString(sizes), "sizes whose product fits 57 bits", null);
            }
            product *= size;
        }
        return product;
    }

    /**
     * The bytes of an operand, seen as elements of fewer bits. The first element is in the lowest bits, as in the standard.
     */
    private static Tensor repacked(NodeLowering node, int input, DType type, long... dims) {
        Tensor packed = bytes(node, input);
        long wanted = type.byteSize(product(node, dims));
        if (packed.dtype() == DType.STRING || packed.byteSize() != wanted) {
            throw node.error("input " + input + " " + packed.type(), wanted + " bytes", null);
        }
        return Tensor.of(type, packed.segment(), dims);
    }

    /** Elements of few bits without padding. In the operand, each row starts at a whole byte. */
    private static Tensor unpadded(NodeLowering node, int input, DType type, long rows, long columns) {
        Tensor packed = bytes(node, input);
        int bits = type == DType.UINT2 ? 2 : type == DType.UINT4 ? 4 : 8;
        long perByte = 8 / bits;
        long stride = Math.ceilDiv(columns, perByte);
        long wanted = product(node, rows, stride);
        if (packed.size() != wanted || packed.dtype() != DType.UINT8) {
            throw node.error("input " + input + " " + packed.type(), "uint8 of " + wanted + " elements", null);
        }
        if (columns % perByte == 0) {
            return Tensor.of(type, packed.segment(), rows, columns);
        }
        Tensor result = Tensor.allocate(type, rows, columns);
        for (long i = 0; i < rows; i++) {
            for (long j = 0; j < columns; j++) {
                long value = packed.getLong(i * stride + j / perByte) >> j % perByte * bits;
                result.setLong(i * columns + j, value & (1L << bits) - 1);
            }
        }
        return result;
    }

    /** Zero points in the middle of the unsigned range, which count if the operand is left out. */
    private static Tensor filled(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        long middle = (type.maxInteger() + 1) / 2;
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, middle);
        }
        return t;
    }

    /** GatherBlockQuantized: gathers rows, scales and zero points, then dequantises. Blocks run along another axis. */
    static List<Value> gather(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Attributes a = node.attributes();
        int rank = ops.rank(0);
        long gather = axis(node, "gather_axis", 0, rank);
        long quantise = axis(node, "quantize_axis", 1, rank);
        if (gather == quantise) {
            throw node.error("quantize_axis " + quantise + ", the axis of the indices", "another axis", null);
        }
        Value data = node.input(0);
        Value zero = node.input(3);
        if (node.dtype(0) == DType.UINT8) {
            DType type = packed(node);
            Tensor scales = bytes(node, 2);
            data = node.constant(widened(node, type));
            zero = node.constant(zero == null ? filled(type, scales.dims()) : zeroPoints(node, type, scales));
        }
        Value rows = ops.gather(data, node.input(1), gather);
        Value scales = ops.gather(node.input(2), node.input(1), gather);
        Value zeros = zero == null ? null : ops.gather(zero, node.input(1), gather);
        long axis = quantise < gather ? quantise : quantise + ops.rank(1) - 1L;
        Attributes blocks = Attributes.none().with("axis", axis).with("block_size", a.integer("block_size", 128));
        return node.finish("DequantizeLinear", blocks, rows, scales, zeros);
    }

    private static Tensor widened(NodeLowering node, DType type) {
        long[] dims = bytes(node, 0).dims();
        dims[dims.length - 1] *= 8 / node.attributes().integer("bits", 4);
        return repacked(node, 0, type, dims);
    }

    private static Tensor zeroPoints(NodeLowering node, DType type, Tensor scales) {
        long columns = scales.dim(scales.rank() - 1);
        Tensor zero = unpadded(node, 3, type, columns == 0 ? 0 : scales.size() / columns, columns);
        return zero.reshape(scales.dims());
    }

    private static long axis(NodeLowering node, String name, long standard, int rank) {
        long axis = node.attributes().integer(name, standard);
        if (axis < -rank || axis >= rank) {
            throw node.error(name + " " + axis, "[" + -rank + ", " + (rank - 1) + "]", null);
        }
        return axis < 0 ? axis + rank : axis;
    }
}
