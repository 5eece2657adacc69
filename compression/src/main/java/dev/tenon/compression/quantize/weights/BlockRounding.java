package dev.tenon.compression.quantize.weights;

/** How the scales, zero points and codes of weights with few bits are chosen. */
public enum BlockRounding {
    /** Scales reach from the least to the largest weight of a block, and each weight gets the nearest code. */
    NEAREST,

    /**
     * Scales and zero points make the squared error of a block least, and each weight gets the nearest code. Needs no
     * samples.
     */
    LEAST_ERROR,

    /**
     * Zero points are found by half-quadratic splitting (Badri and Shaji, HQQ, 2023). Needs no samples. Codes are
     * asymmetric.
     */
    HQQ,

    /**
     * Each error is made up for by the weights that are not rounded yet (Frantar et al., GPTQ, 2022). Needs samples.
     * The tables of Gather are rounded as by {@link #LEAST_ERROR}.
     */
    GPTQ,

    /**
     * Columns are scaled by how large their inputs are, and the inputs inversely, by a Mul before the product (Lin et
     * al., AWQ, 2023). Needs samples. The tables of Gather are rounded as by {@link #LEAST_ERROR}.
     */
    AWQ;

    /** {@return whether samples are needed} */
    boolean needsSamples() {
        return this == GPTQ || this == AWQ;
    }
}
