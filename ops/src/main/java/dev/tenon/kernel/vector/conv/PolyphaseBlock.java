package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A copy of the elements of a plane that some rows of windows read, with their padding, in polyphase order: elements
 * are grouped by the remainder (the phase) of their row and column by the strides; phases that no tap falls into are
 * left out. So neighbouring windows of a row are neighbours in memory, whatever the stride: a tap of window i is
 * element i after that tap of the first window, whose offset is in {@link #tapOffsets}. Rows of windows are {@link
 * #pitch} elements apart.
 */
final class PolyphaseBlock {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final Window2d window;
    private final int height;
    private final boolean[] rowPhases;
    private final boolean[] columnPhases;

    /** Elements from a row of windows to the next. */
    final int pitch;

    /** The bytes of the copy of a plane. */
    final long byteSize;

    /** The byte offsets of the taps of the first window. Callers must not change them. */
    final int[] tapOffsets;

    PolyphaseBlock(Window2d window, int rows) {
        this.window = window;
        Window2d.Axis r = window.rows();
        Window2d.Axis c = window.columns();
        height = (int) height(window, rows);
        pitch = (int) pitch(window);
        rowPhases = phases(r);
        columnPhases = phases(c);
        int phaseBytes = height * pitch * Float.BYTES;
        tapOffsets = new int[(int) window.taps()];
        for (int t = 0; t < tapOffsets.length; t++) {
            int row = t / c.kernel() * r.dilation();
            int column = t % c.kernel() * c.dilation();
            int phase =
                    index(rowPhases, row % r.stride()) * count(columnPhases) + index(columnPhases, column % c.stride());
            tapOffsets[t] = phase * phaseBytes + (row / r.stride() * pitch + column / c.stride()) * Float.BYTES;
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
     * Copies the elements of a plane that some rows of windows read.
     *
     * @param x the memory of the plane
     * @param from the byte offset of the plane
     * @param firstRow the first row of windows
     * @param rows the number of rows of windows
     * @param to the memory of the copy
     * @param at the byte offset of the copy
     */
    void load(MemorySegment x, long from, int firstRow, int rows, MemorySegment to, long at) {
        Window2d.Axis r = window.rows();
        long inputBytes = (long) window.columns().input() * Float.BYTES;
        long phaseBytes = (long) height * pitch * Float.BYTES;
        long phaseOffset = at;
        int used = (int) height(window, rows);
        int step = count(columnPhases);
        for (int phase = 0; phase < rowPhases.length; phase++) {
            if (!rowPhases[phase]) {
                continue;
            }
            for (int i = 0; i < used; i++) {
                int row = r.start(firstRow) + i * r.stride() + phase;
                boolean inside = row >= 0 && row < r.input();
                copyRow(
                        x,
                        from + row * inputBytes,
                        inside,
                        to,
                        phaseOffset + (long) i * pitch * Float.BYTES,
                        phaseBytes);
            }
            phaseOffset += step * phaseBytes;
        }
    }

    private void copyRow(MemorySegment x, long from, boolean inside, MemorySegment to, long at, long phaseBytes) {
        Window2d.Axis c = window.columns();
        int stride = c.stride();
        long phaseOffset = at;
        for (int phase = 0; phase < stride; phase++) {
            if (!columnPhases[phase]) {
                continue;
            }
            // Element j of the phase is element j * stride + shift of the row.
            int shift = phase - c.padBegin();
            int first = inside ? Math.clamp(Math.ceilDiv(-shift, stride), 0, pitch) : pitch;
            int end = inside ? Math.clamp(Math.floorDiv(c.input() - 1 - shift, stride) + 1, first, pitch) : pitch;
            zero(to, phaseOffset, first);
            long source = from + ((long) first * stride + shift) * Float.BYTES;
            StridedCopy.copy(x, source, stride, to, phaseOffset + (long) first * Float.BYTES, end - first);
            zero(to, phaseOffset + (long) end * Float.BYTES, pitch - end);
            phaseOffset += phaseBytes;
        }
    }

    private static void zero(MemorySegment to, long at, int count) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, 0);
        }
    }
}
