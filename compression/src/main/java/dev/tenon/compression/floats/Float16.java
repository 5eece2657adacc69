package dev.tenon.compression.floats;

import dev.tenon.tensor.DType;

/** Steps that turn float32 into float16, which has 11 significant bits and reaches to 65504. */
public final class Float16 {
    private Float16() {}

    /**
     * Weights and activations in float16. Inputs and outputs of the model stay float32.
     *
     * @return the step, which can be changed
     */
    public static Float16Step step() {
        return Float16Step.STANDARD;
    }

    /**
     * Weights stored in float16, with a Cast to float32 before their use.
     *
     * @return the step, which can be changed
     */
    public static StoredWeights weights() {
        return new StoredWeights(DType.FLOAT16);
    }
}
