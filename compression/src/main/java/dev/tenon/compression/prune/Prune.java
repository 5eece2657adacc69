package dev.tenon.compression.prune;

import dev.tenon.error.InvalidOptionException;

/** The steps that prune. */
public final class Prune {
    private Prune() {}

    private static void checkShare(String option, double share) {
        if (!(share > 0 && share < 1)) {
            throw new InvalidOptionException(option, share + "", "numbers above 0 and below 1", null);
        }
    }

    /**
     * Sets a share of the weights of each layer to 0, wherever they are.
     *
     * @param share the share, above 0 and below 1
     * @return the step
     * @throws InvalidOptionException if the share is out of range
     */
    public static MaskPruning unstructured(double share) {
        checkShare("Prune.unstructured", share);
        return MaskPruning.of(new MaskRule(share, 0, 0));
    }

    /**
     * Keeps at most n of each m neighbouring weights of an output, and sets the others to 0.
     *
     * @param n the weights that stay, at least 1
     * @param m the neighbours, more than n
     * @return the step
     * @throws InvalidOptionException if n or m is out of range
     */
    public static MaskPruning pattern(int n, int m) {
        if (n < 1 || m <= n) {
            throw new InvalidOptionException("Prune.pattern", n + ":" + m, "n of at least 1, m of more than n", null);
        }
        return MaskPruning.of(new MaskRule(0, n, m));
    }

    /**
     * Removes a share of the output channels, neurons or heads of each layer, so that weights and values get smaller. The
     * outputs of the model keep their shapes.
     *
     * @param share the share, above 0 and below 1
     * @return the step
     * @throws InvalidOptionException if the share is out of range
     */
    public static StructuredPruning structured(double share) {
        checkShare("Prune.structured", share);
        return StructuredPruning.of(share);
    }
}
