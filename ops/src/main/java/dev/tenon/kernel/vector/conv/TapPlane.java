package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A plane with its padding, sorted by the phases of both strides, so that each tap of a window is a distance in memory
 * that is the same for all windows: those of a row of the output lie one element apart, and its rows
 * {@link #rowBytes} apart.
 */
final class TapPlane {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final Window2d window;
    private final float padding;
    private final int pitch;
    private final int height;
    private final long[] taps;
    /** For each phase of the columns, the elements of a run that are none of padding: from the first to the end. */
    private final int[] first;

    private final int[] end;

    TapPlane(Window2d window, float padding) {
        this.window = window;
        this.padding = padding;
        Window2d.Axis r = window.rows();
        Window2d.Axis c = window.columns();
        pitch = c.output() + (c.kernel() - 1) * c.dilation() / c.stride();
        height = r.output() + (r.kernel() - 1) * r.dilation() / r.stride();
        taps = new long[(int) window.taps()];
        for (int t = 0; t < taps.length; t++) {
            int row = t / c.kernel() * r.dilation();
            int column = t % c.kernel() * c.dilation();
            long phase = (long) row % r.stride() * c.stride() + column % c.stride();
            taps[t] = phase * phaseBytes() + row / r.stride() * rowBytes() + (long) column / c.stride() * Float.BYTES;
        }
        first = new int[c.stride()];
        end = new int[c.stride()];
        for (int phase = 0; phase < c.stride(); phase++) {
            int shift = phase - c.padBegin();
            first[phase] = Math.clamp(Math.ceilDiv(-shift, c.stride()), 0, pitch);
            end[phase] = Math.clamp(Math.floorDiv(c.input() - 1 - shift, c.stride()) + 1, first[phase], pitch);
        }
    }

    /** Bytes from the first tap of a window to each of its taps; not to be written. */
    long[] taps() {
        return taps;
    }

    /** Bytes of the elements of one phase of both strides. */
    private long phaseBytes() {
        return height * rowBytes();
    }

    /** Bytes from a row of windows to the next. */
    long rowBytes() {
        return (long) pitch * Float.BYTES;
    }

    /** Bytes of the plane. */
    long byteSize() {
        return (long) window.rows().stride() * window.columns().stride() * phaseBytes();
    }

    /** Writes the padding, which copies of planes leave as it is. */
    void pad(MemorySegment to, long at) {
        for (long i = 0; i < byteSize(); i += Float.BYTES) {
            to.set(F32, at + i, padding);
        }
    }

    /** Copies a plane of the input into memory that has the padding. */
    void copy(MemorySegment x, long from, MemorySegment to, long at) {
        Window2d.Axis r = window.rows();
        long inputBytes = (long) window.columns().input() * Float.BYTES;
        long rowOfPhases = window.columns().stride() * phaseBytes();
        for (int phase = 0; phase < r.stride(); phase++) {
            for (int i = 0; i < height; i++) {
                int row = i * r.stride() + phase - r.padBegin();
                if (row >= 0 && row < r.input()) {
                    copyRow(x, from + row * inputBytes, to, at + phase * rowOfPhases + i * rowBytes());
                }
            }
        }
    }

    /** Element j of a run is element j * stride + phase - padding of the row. */
    private void copyRow(MemorySegment x, long from, MemorySegment to, long run) {
        Window2d.Axis c = window.columns();
        for (int phase = 0; phase < c.stride(); phase++) {
            long source = from + ((long) first[phase] * c.stride() + phase - c.padBegin()) * Float.BYTES;
            long target = run + phase * phaseBytes() + (long) first[phase] * Float.BYTES;
            StridedCopy.copy(x, source, c.stride(), to, target, end[phase] - first[phase]);
        }
    }
}
