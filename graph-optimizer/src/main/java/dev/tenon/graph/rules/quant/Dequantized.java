package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * A value that is dequantised from bytes with constant parameters.
 *
 * @param bytes the bytes, int8 or uint8
 * @param scale the scale, float32: one for all, or one for each index along an axis
 * @param zero the zero point, as many as scales and of the type of the bytes
 */
record Dequantized(Value bytes, Tensor scale, Tensor zero) {
    /** A value with one scale; null if it is not dequantised so. */
    static Dequantized of(Value v) {
        Dequantized all = of(v, -1);
        return all != null && all.scale.size() == 1 ? all : null;
    }

    /** A value with one scale, or one for each index along an axis; null if it is not dequantised so. */
    static Dequantized of(Value v, int axis) {
        Node node = v == null ? null : v.producer();
        if (node == null || !(node.op() instanceof DequantizeLinear op) || op.blockSize() != 0) {
            return null;
        }
        DType type = node.input(0).tensorType() == null
                ? null
                : node.input(0).tensorType().dtype();
        Value scale = node.input(1);
        Value zero = node.inputs().size() > 2 ? node.input(2) : null;
        boolean constant = scale.isConstant() && (zero == null || zero.isConstant());
        if (type != DType.INT8 && type != DType.UINT8 || !constant) {
            return null;
        }
        Tensor scales = scale.constant();
        boolean single = scales.size() == 1;
        if (scales.dtype() != DType.FLOAT32 || !single && (axis < 0 || scales.rank() != 1 || op.axis() != axis)) {
            return null;
        }
        if (v.tensorType() == null || v.tensorType().dtype() != DType.FLOAT32) {
            return null;
        }
        Tensor zeros = zero == null ? Tensor.allocate(type, scales.dims()) : zero.constant();
        return zeros.size() == scales.size() ? new Dequantized(node.input(0), flat(scales), flat(zeros)) : null;
    }

    /** One number as a scalar. */
    static Tensor flat(Tensor t) {
        return t.size() == 1 ? t.reshape() : t;
    }

    double scale(long channel) {
        return scale.getDouble(scale.size() == 1 ? 0 : channel);
    }

    long zero(long channel) {
        return zero.getLong(zero.size() == 1 ? 0 : channel);
    }
}
