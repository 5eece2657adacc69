package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A copy of a plane with its padding in polyphase order: elements are grouped by the remainder (the phase) of their row
 * and column by the strides. So a tap has the same distance in memory from its window for all windows. Neighbouring
 * windows of a row are one element apart, rows of windows {@link #rowBytes} apart.
 */
final class PolyphasePlane {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final Window2d window;
    private final float padding;
    private final int pitch;
    private final int height;
    private final long[] tapOffsets;
    /** For each phase of the columns, the range of elements that are not padding. */
    private final int[] firstInput;

    private final int[] endInput;

    PolyphasePlane(Window2d window, float padding) {
        this.window = window;
        this.padding = padding;
        Window2d.Axis r = window.rows();
        Window2d.Axis c = window.columns();
        pitch = c.output() + (c.kernel() - 1) * c.dilation() / c.stride();
        height = r.output() + (r.kernel() - 1) * r.dilation() / r.stride();
        tapOffsets = new long[(int) window.taps()];
        for (int t = 0; t < tapOffsets.length; t++) {
            int row = t / c.kernel() * r.dilation();
            int column = t % c.kernel() * c.dilation();
            long phase = (long) row % r.stride() * c.stride() + column % c.stride();
            tapOffsets[t] =
                    phase * phaseBytes() + row / r.stride() * rowBytes() + (long) column / c.stride() * Float.BYTES;
        }
        firstInput = new int[c.stride()];
        endInput = new int[c.stride()];
        for (int phase = 0; phase < c.stride(); phase++) {
            int shift = phase - c.padBegin();
            firstInput[phase] = Math.clamp(Math.ceilDiv(-shift, c.stride()), 0, pitch);
            endInput[phase] =
                    Math.clamp(Math.floorDiv(c.input() - 1 - shift, c.stride()) + 1, firstInput[phase], pitch);
        }
    }

    /** Bytes from the first tap of a window to each of its taps. Callers must not change them. */
    long[] tapOffsets() {
        return tapOffsets;
    }

    /** The bytes of one phase of both strides. */
    private long phaseBytes() {
        return height * rowBytes();
    }

    /** Bytes from a row of windows to the next. */
    long rowBytes() {
        return (long) pitch * Float.BYTES;
    }

    /** The bytes of the copy. */
    long byteSize() {
        return (long) window.rows().stride() * window.columns().stride() * phaseBytes();
    }

    /** Writes the padding. Copies of planes leave it alone. */
    void fillPadding(MemorySegment to, long at) {
        for (long i = 0; i < byteSize(); i += Float.BYTES) {
            to.set(F32, at + i, padding);
        }
    }

    /** Copies a plane of the input into memory that already holds the padding. */
    void load(MemorySegment x, long from, MemorySegment to, long at) {
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

    /** Element j of a phase is element j * stride + phase - padding of the row. */
    private void copyRow(MemorySegment x, long from, MemorySegment to, long run) {
        Window2d.Axis c = window.columns();
        for (int phase = 0; phase < c.stride(); phase++) {
            long source = from + ((long) firstInput[phase] * c.stride() + phase - c.padBegin()) * Float.BYTES;
            long target = run + phase * phaseBytes() + (long) firstInput[phase] * Float.BYTES;
            StridedCopy.copy(x, source, c.stride(), to, target, endInput[phase] - firstInput[phase]);
        }
    }
}
