package dev.tenon.compression.floats;

import dev.tenon.tensor.DType;

/** Steps that turn float32 into bfloat16, which has 8 significant bits and the range of float32. */
public final class BFloat16 {
    private BFloat16() {}

    /**
     * Weights stored in bfloat16, with a Cast to float32 before their use. ONNX Runtime has no products of bfloat16 on
     * a CPU.
     *
     * @return the step, which can be changed
     */
    public static StoredWeights weights() {
        return new StoredWeights(DType.BFLOAT16);
    }
}
