package dev.tenon;

/**
 * The numbers with which a session computes products of a float32 model with constant weights, and convolutions with constant
 * weights whose windows are single pixels, where they have channels last. All other operators keep the model's float32. A step
 * for which this machine has no faster kernel stays in float32; {@link Inspection#explain} says so. The choice changes results,
 * so it is never made by itself.
 */
public enum Precision {
    /** The model's own float32. */
    FP32,
    /**
     * Weights and operands are rounded to BF16, which has 8 significant bits. Sums are float32. Weights take half the memory.
     * Needs AVX512-BF16.
     */
    BF16,
    /**
     * Weights are quantised to signed bytes with a scale for each column, when the session is made. Each row of the other
     * operand is quantised to unsigned bytes during a call, by its own range, so that a result does not depend on the other
     * rows of a batch. Sums are exact. Weights take a quarter of the memory. Needs AVX512-VNNI. Weights in blocks keep their bits,
     * and rows are rounded to signed bytes with a scale for each block.
     */
    INT8_DYNAMIC
}
