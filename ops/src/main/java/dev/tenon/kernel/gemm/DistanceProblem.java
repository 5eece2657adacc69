package dev.tenon.kernel.gemm;

/**
 * The distances of the rows of a float32 matrix [m,k] from those of another, [n,k].
 *
 * @param m the rows of the first matrix
 * @param n the rows of the second one
 * @param k the length of the rows, at least 1
 * @param squared whether the results are the squares of the distances
 * @param packed whether the second matrix is in panels
 */
public record DistanceProblem(long m, int n, int k, boolean squared, boolean packed) {
    /**
     * The bytes of a panel.
     *
     * @param columns the rows of the second matrix in a panel
     * @return bytes
     */
    public long panelBytes(int columns) {
        return (long) k * columns * Float.BYTES;
    }

    /**
     * The bytes of all panels.
     *
     * @param columns the rows of the second matrix in a panel
     * @return bytes
     */
    public long bytes(int columns) {
        return Math.ceilDiv(n, columns) * panelBytes(columns);
    }
}
