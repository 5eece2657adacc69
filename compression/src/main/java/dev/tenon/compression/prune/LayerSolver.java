package dev.tenon.compression.prune;

/** Finds new weights of a layer. */
interface LayerSolver {
    /**
     * Weights that were found.
     *
     * @param weights the weights, [outputs, terms]
     * @param bias the bias of each output; null for the one with the least squared error
     */
    record Solution(double[] weights, double[] bias) {}

    /**
     * Finds the weights of a group.
     *
     * @param weights the weights as they are, [outputs, terms]
     * @param sums the inputs as the pruned model computes them, and the outputs of the model before
     * @param group the group of a convolution, otherwise 0
     * @param isCentred whether the layer has a bias that may change
     * @return the new weights
     */
    Solution solve(double[] weights, RowSums sums, int group, boolean isCentred);
}
