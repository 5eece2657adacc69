package dev.tenon.kernel.vector;

import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;

/**
 * A plane with its padding, sorted by the phases of both strides, so that each tap of a window is a distance in memory
 * that is the same for all windows: those of a row of the output lie one element apart, and its rows
 * {@link #rowBytes} apart.
 */
final class TapPlane {
    private final Window2d window;
    private final PaddedPlane rows;
    private final int height;
    private final long[] taps;

    TapPlane(Window2d window, float padding) {
        this.window = window;
        Window2d.Axis r = window.rows();
        Window2d.Axis c = window.columns();
        rows = new PaddedPlane(c, padding);
        height = r.output() + (r.kernel() - 1) * r.dilation() / r.stride();
        taps = new long[(int) window.taps()];
        for (int t = 0; t < taps.length; t++) {
            int row = t / c.kernel() * r.dilation();
            int column = t % c.kernel() * c.dilation();
            long phase = (long) row % r.stride() * c.stride() + column % c.stride();
            taps[t] = phase * phaseBytes()
                    + row / r.stride() * rows.runBytes()
                    + (long) column / c.stride() * Float.BYTES;
        }
    }

    /** Bytes from the first tap of a window to each of its taps; not to be written. */
    long[] taps() {
        return taps;
    }

    /** Bytes of the elements of one phase of both strides. */
    private long phaseBytes() {
        return height * rows.runBytes();
    }

    /** Bytes from a row of windows to the next. */
    long rowBytes() {
        return rows.runBytes();
    }

    /** Bytes of the plane. */
    long byteSize() {
        return (long) window.rows().stride() * window.columns().stride() * phaseBytes();
    }

    /** Copies a plane of the input. */
    void copy(MemorySegment x, long from, MemorySegment to, long at) {
        Window2d.Axis r = window.rows();
        long inputBytes = (long) window.columns().input() * Float.BYTES;
        long rowOfPhases = window.columns().stride() * phaseBytes();
        for (int i = 0; i < height; i++) {
            for (int phase = 0; phase < r.stride(); phase++) {
                long run = at + phase * rowOfPhases + i * rows.runBytes();
                int row = i * r.stride() + phase - r.padBegin();
                if (row >= 0 && row < r.input()) {
                    rows.copy(x, from + row * inputBytes, to, run, phaseBytes());
                } else {
                    rows.clear(to, run, phaseBytes());
                }
            }
        }
    }
}
