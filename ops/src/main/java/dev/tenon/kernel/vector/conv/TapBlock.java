package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The elements of a plane that some rows of windows see, with their padding, sorted by those phases of both strides that
 * a tap falls into. What one tap sees of the windows lies {@link #taps} from where the first window's lies; neighbouring
 * windows of a row are neighbours in memory, and rows of windows {@link #pitch} elements apart.
 */
final class TapBlock {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final Window2d window;
    private final int height;
    private final boolean[] rowPhases;
    private final boolean[] columnPhases;

    /** Elements from a row of windows to the next. */
    final int pitch;

    /** Bytes of what is copied of a plane. */
    final long byteSize;

    /** Bytes from the first element to what each tap sees of the first window; not to be written. */
    final int[] taps;

    TapBlock(Window2d window, int rows) {
        this.window = window;
        Window2d.Axis r = window.rows();
        Window2d.Axis c = window.columns();
        height = (int) height(window, rows);
        pitch = (int) pitch(window);
        rowPhases = phases(r);
        columnPhases = phases(c);
        int phaseBytes = height * pitch * Float.BYTES;
        taps = new int[(int) window.taps()];
        for (int t = 0; t < taps.length; t++) {
            int row = t / c.kernel() * r.dilation();
            int column = t % c.kernel() * c.dilation();
            int phase =
                    index(rowPhases, row % r.stride()) * count(columnPhases) + index(columnPhases, column % c.stride());
            taps[t] = phase * phaseBytes + (row / r.stride() * pitch + column / c.stride()) * Float.BYTES;
        }
        byteSize = (long) count(rowPhases) * count(columnPhases) * phaseBytes;
    }

    private static long height(Window2d window, int rows) {
        Window2d.Axis r = window.rows();
        return rows + (r.kernel() - 1L) * r.dilation() / r.stride();
    }

    private static long pitch(Window2d window) {
        Window2d.Axis c = window.columns();
        return c.output() + (c.kernel() - 1L) * c.dilation() / c.stride();
    }

    private static boolean[] phases(Window2d.Axis axis) {
        boolean[] seen = new boolean[axis.stride()];
        for (int t = 0; t < axis.kernel(); t++) {
            seen[(int) ((long) t * axis.dilation() % axis.stride())] = true;
        }
        return seen;
    }

    private static int count(boolean[] phases) {
        return index(phases, phases.length);
    }

    private static int index(boolean[] phases, int phase) {
        int index = 0;
        for (int i = 0; i < phase; i++) {
            index += phases[i] ? 1 : 0;
        }
        return index;
    }

    /**
     * Copies what rows of windows see of a plane.
     *
     * @param x the memory of the plane
     * @param from the byte offset of the plane
     * @param firstRow the first row of windows
     * @param rows the rows of windows
     * @param to the memory for the copy
     * @param at its byte offset
     */
    void copy(MemorySegment x, long from, int firstRow, int rows, MemorySegment to, long at) {
        Window2d.Axis r = window.rows();
        long inputBytes = (long) window.columns().input() * Float.BYTES;
        long phaseBytes = (long) height * pitch * Float.BYTES;
        long run = at;
        int used = (int) height(window, rows);
        int step = count(columnPhases);
        for (int phase = 0; phase < rowPhases.length; phase++) {
            if (!rowPhases[phase]) {
                continue;
            }
            for (int i = 0; i < used; i++) {
                int row = r.start(firstRow) + i * r.stride() + phase;
                boolean inside = row >= 0 && row < r.input();
                copyRow(x, from + row * inputBytes, inside, to, run + (long) i * pitch * Float.BYTES, phaseBytes);
            }
            run += step * phaseBytes;
        }
    }

    private void copyRow(MemorySegment x, long from, boolean inside, MemorySegment to, long at, long apart) {
        Window2d.Axis c = window.columns();
        int stride = c.stride();
        long run = at;
        for (int phase = 0; phase < stride; phase++) {
            if (!columnPhases[phase]) {
                continue;
            }
            // Element j of the run is element j * stride + shift of the row.
            int shift = phase - c.padBegin();
            int first = inside ? Math.clamp(Math.ceilDiv(-shift, stride), 0, pitch) : pitch;
            int end = inside ? Math.clamp(Math.floorDiv(c.input() - 1 - shift, stride) + 1, first, pitch) : pitch;
            clear(to, run, first);
            long source = from + ((long) first * stride + shift) * Float.BYTES;
            StridedCopy.copy(x, source, stride, to, run + (long) first * Float.BYTES, end - first);
            clear(to, run + (long) end * Float.BYTES, pitch - end);
            run += apart;
        }
    }

    private static void clear(MemorySegment to, long at, int count) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, 0);
        }
    }
}
