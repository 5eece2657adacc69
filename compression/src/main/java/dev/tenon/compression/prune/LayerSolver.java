package dev.tenon.compression.prune;

/** Finds new weights of a layer. */
interface LayerSolver {
    /**
     * Finds the weights of a group.
     *
     * @param weights the weights as they are, [outputs, terms]
     * @param sums the inputs as the pruned model computes them, and the outputs of the model before
     * @param group the group of a convolution, otherwise 0
     * @param isCentred whether the layer has a bias that may change; the best one then is set
     * @return the new weights, [outputs, terms]
     */
    double[] solve(double[] weights, RowSums sums, int group, boolean isCentred);
}
