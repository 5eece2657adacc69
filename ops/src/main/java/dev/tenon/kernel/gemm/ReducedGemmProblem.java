package dev.tenon.kernel.gemm;

/**
 * A product of float32 rows with weights of fewer bits: the rows are made numbers of the weights' kind first.
 *
 * @param product the product, with its epilogue
 * @param kind the kind of the weights
 */
public record ReducedGemmProblem(GemmProblem product, Kind kind) {
    /** The kind of the weights. */
    public enum Kind {
        /** Signed bytes with a scale for each column, which is operand 2. Each row is quantised to unsigned bytes. */
        BYTES,
        /** BF16 numbers. */
        BFLOAT16
    }
}
