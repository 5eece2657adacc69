package dev.tenon.compression.prune;

/** How the weights or channels are chosen that a model can best do without. */
public enum Saliency {
    /** The size of the weights. Needs no samples. */
    MAGNITUDE,
    /**
     * The size of the weights times the root mean square of their inputs: {@code |w| sqrt(H_jj)}, compared within each output
     * (Wanda, Sun et al., 2023).
     */
    ACTIVATIONS,
    /**
     * The least squared error of the layer's outputs once the other weights are corrected: {@code w^2 / [H^-1]_jj} (Optimal
     * Brain Surgeon; ExactOBS, Frantar and Alistarh, 2022; SparseGPT, the same, 2023). The other weights are corrected.
     */
    SECOND_ORDER
}
