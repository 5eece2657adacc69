package dev.tenon.compression.quantize.weights;

/** Steps that quantise weights alone. */
public final class QuantizeWeights {
    private QuantizeWeights() {}

    /**
     * Codes of 4 bits with a scale for each block of 32 weights, for MatMul, Gemm and the tables of Gather.
     *
     * @return the step, which can be changed
     */
    public static Int4Weights int4() {
        return Int4Weights.STANDARD;
    }
}
