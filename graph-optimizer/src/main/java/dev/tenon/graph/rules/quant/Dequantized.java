package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * A value that is dequantised from bytes with constant parameters. Weights of fewer bits are bytes, too: they are widened.
 *
 * @param bytes the bytes, int8 or uint8, or the constant integers of fewer bits that are widened
 * @param weights the bytes if they are constant, else null
 * @param scale the scale, float32: one for all, or one for each index along an axis
 * @param zero the zero point, as many as scales and of the type of the bytes
 */
record Dequantized(Value bytes, Tensor weights, Tensor scale, Tensor zero) {
    /** A value with one scale; null if it is not dequantised so. */
    static Dequantized of(Value v) {
        return of(v, -1, false);
    }

    /** Constant weights with one scale, or one for each index along an axis; null if they are not dequantised so. */
    static Dequantized weights(Value v, int axis) {
        Dequantized all = of(v, axis, true);
        return all != null && all.weights != null ? all : null;
    }

    private static Dequantized of(Value v, int axis, boolean widens) {
        Node node = v.producer();
        if (node == null || !(node.op() instanceof DequantizeLinear op) || op.blockSize() != 0) {
            return null;
        }
        Value integers = node.input(0);
        DType given = integers.tensorType().dtype();
        DType type = byteType(given);
        Value scale = node.input(1);
        Value zero = node.input(2);
        boolean constant = scale.isConstant() && (zero == null || zero.isConstant());
        if (type == null || !constant || type != given && !widens) {
            return null;
        }
        Tensor scales = scale.constant();
        boolean single = scales.size() == 1;
        if (scales.dtype() != DType.FLOAT32 || !single && (axis < 0 || scales.rank() != 1 || op.axis() != axis)) {
            return null;
        }
        if (v.tensorType().dtype() != DType.FLOAT32) {
            return null;
        }
        Tensor zeros = zero == null ? Tensor.allocate(type, scales.dims()) : widened(zero.constant(), type);
        Tensor weights = integers.isConstant() ? widened(integers.constant(), type) : null;
        return new Dequantized(integers, weights, flat(scales), flat(zeros));
    }

    /** The type of bytes that holds integers of 8 bits or fewer; null for other types. */
    private static DType byteType(DType type) {
        if (!type.isInteger() || type.bits() > Byte.SIZE) {
            return null;
        }
        return type.isSigned() ? DType.INT8 : DType.UINT8;
    }

    private static Tensor widened(Tensor t, DType type) {
        if (t.dtype() == type) {
            return t;
        }
        Tensor bytes = Tensor.allocate(type, t.dims());
        for (long i = 0; i < t.size(); i++) {
            bytes.setLong(i, t.getLong(i));
        }
        return bytes;
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
