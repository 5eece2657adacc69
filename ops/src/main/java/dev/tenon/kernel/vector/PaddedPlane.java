package dev.tenon.kernel.vector;

import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of a plane with their padding, their elements sorted by the phase of the stride: what one tap sees of
 * neighbouring windows are neighbours in memory. A row is {@code stride} runs of {@code pitch} elements.
 */
final class PaddedPlane {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final Window2d.Axis columns;
    private final float padding;

    /** Elements of a run. */
    final int pitch;

    PaddedPlane(Window2d.Axis columns, float padding) {
        this.columns = columns;
        this.padding = padding;
        this.pitch = columns.output() + (columns.kernel() - 1) * columns.dilation() / columns.stride();
    }

    long runBytes() {
        return (long) pitch * Float.BYTES;
    }

    /**
     * Copies a row.
     *
     * @param x the plane
     * @param from the byte offset of the row
     * @param to the memory for the runs
     * @param at the byte offset of the first run
     * @param apart bytes from a run to the next
     */
    void copy(MemorySegment x, long from, MemorySegment to, long at, long apart) {
        int stride = columns.stride();
        for (int phase = 0; phase < stride; phase++) {
            // Element j of the run is element j * stride + shift of the row.
            int shift = phase - columns.padBegin();
            int first = Math.clamp(Math.ceilDiv(-shift, stride), 0, pitch);
            int end = Math.clamp(Math.floorDiv(columns.input() - 1 - shift, stride) + 1, first, pitch);
            long run = at + phase * apart;
            pad(to, run, 0, first);
            long source = from + ((long) first * stride + shift) * Float.BYTES;
            if (stride == 1) {
                MemorySegment.copy(x, source, to, run + (long) first * Float.BYTES, (long) (end - first) * Float.BYTES);
            } else if (stride == 2) {
                everySecond(x, source, to, run + (long) first * Float.BYTES, end - first);
            } else {
                strided(x, source, stride, to, run + (long) first * Float.BYTES, end - first);
            }
            pad(to, run, end, pitch);
        }
    }

    /** A row of padding. */
    void clear(MemorySegment to, long at, long apart) {
        for (int phase = 0; phase < columns.stride(); phase++) {
            pad(to, at + phase * apart, 0, pitch);
        }
    }

    private static void everySecond(MemorySegment x, long from, MemorySegment to, long at, int count) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, x.get(F32, from + (long) j * 2 * Float.BYTES));
        }
    }

    private static void strided(MemorySegment x, long from, int stride, MemorySegment to, long at, int count) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, x.get(F32, from + (long) j * stride * Float.BYTES));
        }
    }

    private void pad(MemorySegment to, long run, int from, int end) {
        for (int j = from; j < end; j++) {
            to.set(F32, run + (long) j * Float.BYTES, padding);
        }
    }
}
