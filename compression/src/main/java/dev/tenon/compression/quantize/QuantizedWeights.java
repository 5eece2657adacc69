package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * The weights of a layer as integers with scales; the zero point is 0.
 *
 * @param layer the layer
 * @param integers the integers, [outputs, terms]
 * @param scales the scale of each output, or a single one
 * @param bits the bits of an integer that are used
 */
record QuantizedWeights(LinearLayer layer, int[] integers, float[] scales, int bits) {
    /** {@return the type in which the integers are stored} */
    DType type() {
        return bits > 4 ? DType.INT8 : DType.INT4;
    }

    boolean isPerChannel() {
        return scales.length > 1;
    }

    float scale(int output) {
        return scales[scales.length == 1 ? 0 : output];
    }

    /** {@return the integers as the model stores the weights} */
    Tensor stored() {
        long[] dims = layer.weight().constant().dims();
        long[] values = new long[integers.length];
        int outputs = layer.outputs();
        int terms = layer.terms();
        boolean isTransposed = layer.outputAxis() == 1;
        for (int o = 0; o < outputs; o++) {
            for (int t = 0; t < terms; t++) {
                values[isTransposed ? t * outputs + o : o * terms + t] = integers[o * terms + t];
            }
        }
        return Tensor.convert(type(), values, dims);
    }

    /** {@return the weights that the integers stand for, [outputs, terms]} */
    float[] dequantized() {
        float[] weights = new float[integers.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = integers[i] * scale(i / layer.terms());
        }
        return weights;
    }

    /** {@return the share of weights that are zero} */
    double sparsity() {
        long zeros = 0;
        for (int q : integers) {
            zeros += q == 0 ? 1 : 0;
        }
        return (double) zeros / integers.length;
    }

    /** {@return the ratio of the power of the weights to that of their errors in dB, at most 200} */
    double sqnr() {
        return Sqnr.of(layer.matrix(), dequantized());
    }
}
