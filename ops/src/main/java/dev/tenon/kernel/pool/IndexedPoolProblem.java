package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window3d;

/**
 * Maxima of windows of float32 volumes, and where they lie. Operands are the input, the maxima and, int64, their flat
 * indices in the input; -1 for a window that lies on padding alone.
 *
 * @param window the windows
 * @param volumes the number of volumes
 * @param columnMajor whether indices count along the first axis of a volume fastest, else along the last one
 */
public record IndexedPoolProblem(Window3d window, long volumes, boolean columnMajor) {
    /**
     * How far apart the indices of neighbouring planes are.
     *
     * @return at least 1
     */
    public long depthStep() {
        return columnMajor ? 1 : window.plane().pixels();
    }

    /**
     * How far apart the indices of neighbouring rows are.
     *
     * @return at least 1
     */
    public long rowStep() {
        return columnMajor ? window.depth().input() : window.plane().columns().input();
    }

    /**
     * How far apart the indices of neighbouring columns are.
     *
     * @return at least 1
     */
    public long columnStep() {
        return columnMajor
                ? (long) window.depth().input() * window.plane().rows().input()
                : 1;
    }
}
