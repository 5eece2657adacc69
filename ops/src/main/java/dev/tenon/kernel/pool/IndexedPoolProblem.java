package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window3d;

/**
 * Maxima of windows of float32 volumes and their positions. Operands are the input, the maxima, and the int64 flat
 * indices of the maxima in the input. The index is -1 for a window that covers padding only.
 *
 * @param window the windows
 * @param volumes the number of volumes
 * @param columnMajor whether indices count the first axis of a volume fastest, else the last one
 */
public record IndexedPoolProblem(Window3d window, long volumes, boolean columnMajor) {
    /**
     * The distance between the indices of neighbouring planes.
     *
     * @return at least 1
     */
    public long depthStride() {
        return columnMajor ? 1 : window.plane().pixels();
    }

    /**
     * The distance between the indices of neighbouring rows.
     *
     * @return at least 1
     */
    public long rowStride() {
        return columnMajor ? window.depth().input() : window.plane().columns().input();
    }

    /**
     * The distance between the indices of neighbouring columns.
     *
     * @return at least 1
     */
    public long columnStride() {
        return columnMajor
                ? (long) window.depth().input() * window.plane().rows().input()
                : 1;
    }
}
