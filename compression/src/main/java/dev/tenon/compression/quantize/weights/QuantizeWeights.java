package dev.tenon.compression.quantize.weights;

/** Steps that quantise weights alone. */
public final class QuantizeWeights {
    private QuantizeWeights() {}

    /**
     * Weights of int8 with a scale for each output, for MatMul, Gemm, Conv and the tables of Gather.
     *
     * @return the step, which can be changed
     */
    public static Int8Weights int8() {
        return Int8Weights.STANDARD;
    }

    /**
     * Codes of 4 bits with a scale for each block of 32 weights, for MatMul, Gemm and the tables of Gather.
     *
     * @return the step, which can be changed
     */
    public static Int4Weights int4() {
        return Int4Weights.STANDARD;
    }
}
