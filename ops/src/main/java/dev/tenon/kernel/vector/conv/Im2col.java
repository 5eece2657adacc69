package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.RowSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Windows over planes {@code [n, h, w, c]} of float32 as the rows of a matrix: row by row of a window, its elements with
 * all their channels. What neighbouring elements of a window's row see lies together in memory, and is copied at once.
 */
final class Im2col implements RowSource {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final int channels;

    /** Elements that are copied at once, those of a row of a window, or of one element where these lie apart. */
    private final int run;

    private final int runsInRow;

    /** Elements from the start of a run to the next one in the row. */
    private final long runStep;

    /** The terms of a window. */
    private final int all;

    /** The lines that a window reaches over. */
    private final int height;

    /** The windows of a line whose columns lie on the plane. */
    private final int firstInside;

    private final int endInside;
    /** Bytes from a line of taps to the next. */
    private final long lineStep;

    /** Elements from the first one of a window that vectors reach over. */
    private final long reach;

    /** Whether windows are the elements of the plane, so that all rows lie together as they are. */
    private final boolean elements;

    /**
     * The windows of planes.
     *
     * @param window the windows
     * @param channels the channels of an element
     */
    Im2col(Window2d window, int channels) {
        this.down = window.rows();
        this.across = window.columns();
        this.channels = channels;
        boolean together = across.dilation() == 1;
        run = together ? across.kernel() * channels : channels;
        runsInRow = together ? 1 : across.kernel();
        runStep = (long) across.dilation() * channels;
        all = down.kernel() * across.kernel() * channels;
        height = (down.kernel() - 1) * down.dilation() + 1;
        int width = (across.kernel() - 1) * across.dilation() + 1;
        firstInside = Math.min(across.output(), across.firstWindow(0));
        endInside = Math.max(firstInside, across.endWindow(across.kernel() - 1));
        lineStep = (long) down.dilation() * across.input() * channels * Float.BYTES;
        elements = window.isIdentity();
        reach = ((height - 1L) * across.input() + width) * channels + LANES;
    }

    @Override
    public void copy(MemorySegment a, int row, int rows, int from, int terms, float[] to) {
        if (elements && from == 0 && terms == channels) {
            copyElements(a, row, rows, to);
            return;
        }
        int x = row % across.output();
        int y = row / across.output() % down.output();
        int n = row / across.output() / down.output();
        for (int r = 0; r < rows; ) {
            int count = Math.min(rows - r, across.output() - x);
            copyLine(a, n, y, x, count, from, terms, to, r * GemmTile.ROW);
            r += count;
            x = 0;
            if (++y == down.output()) {
                y = 0;
                n++;
            }
        }
    }

    /** Copies the channels of neighbouring elements, the last ones not in whole vectors where memory ends behind them. */
    private void copyElements(MemorySegment a, int row, int rows, float[] to) {
        long step = (long) channels * Float.BYTES;
        long at = row * step;
        int whole = rows;
        while (whole > 0 && at + whole * step + (LANES - 1L) * Float.BYTES > a.byteSize()) {
            whole--;
        }
        for (int k = 0; k < channels; k += LANES) {
            copyVectors(a, at + (long) k * Float.BYTES, step, whole, to, k);
        }
        for (int r = whole; r < rows; r++) {
            MemorySegment.copy(a, SCALAR, at + r * step, to, r * GemmTile.ROW, channels);
        }
    }

    /** Copies terms of neighbouring windows of a line. */
    private void copyLine(MemorySegment a, int n, int y, int x, int count, int from, int terms, float[] to, int at) {
        int top = down.start(y);
        int first = x;
        int end = x + count;
        if (from == 0 && terms == all && top >= 0 && top + height <= down.input()) {
            first = Math.clamp(firstInside, x, end);
            end = Math.clamp(endInside, first, end);
            long pixel = ((long) n * down.input() + top) * across.input();
            while (end > first && ((pixel + across.start(end - 1)) * channels + reach) * Float.BYTES > a.byteSize()) {
                end--;
            }
            long start = (pixel + across.start(first)) * channels * Float.BYTES;
            copyInside(a, start, end - first, to, at + (first - x) * GemmTile.ROW);
        } else {
            end = first;
        }
        int firstRun = from / run;
        int skipped = from - firstRun * run;
        for (int i = x; i < x + count; i++) {
            if (i < first || i >= end) {
                copyRow(a, n, top, across.start(i), firstRun, skipped, terms, to, at + (i - x) * GemmTile.ROW);
            }
        }
    }

    /** Copies neighbouring windows that lie on their plane, run by run: what a vector writes beyond one comes later. */
    private void copyInside(MemorySegment a, long at, int windows, float[] to, int first) {
        long step = (long) across.stride() * channels * Float.BYTES;
        int place = first;
        for (int i = 0; i < down.kernel(); i++) {
            for (int j = 0; j < runsInRow; j++) {
                long from = at + i * lineStep + j * runStep * Float.BYTES;
                for (int k = 0; k < run; k += LANES) {
                    copyVectors(a, from + (long) k * Float.BYTES, step, windows, to, place + k);
                }
                place += run;
            }
        }
    }

    private static void copyVectors(MemorySegment a, long at, long step, int count, float[] to, int first) {
        a = NATIVE.cast(a);
        for (int i = 0; i < count; i++) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, a, at + i * step, ORDER))
                    .intoArray(to, first + i * GemmTile.ROW);
        }
    }

    /** Copies terms of a window. */
    private void copyRow(
            MemorySegment a, int n, int top, int left, int firstRun, int skipped, int terms, float[] to, int at) {
        int i = firstRun / runsInRow;
        int j = firstRun - i * runsInRow;
        int skip = skipped;
        for (int done = 0; done < terms; ) {
            int count = Math.min(run - skip, terms - done);
            int line = top + i * down.dilation();
            // Where the run would start if the row were endless, and which of its elements lie on it.
            long start = (long) left * channels + j * runStep + skip;
            if (line < 0 || line >= down.input()) {
                clear(to, at + done, count);
            } else {
                copyRun(a, ((long) n * down.input() + line) * across.input() * channels, start, count, to, at + done);
            }
            done += count;
            skip = 0;
            if (++j == runsInRow) {
                j = 0;
                i++;
            }
        }
    }

    /** Copies elements of a row of a plane, zeros where they lie beside it: what vectors write beyond them comes later. */
    private void copyRun(MemorySegment a, long line, long start, int count, float[] to, int at) {
        a = NATIVE.cast(a);
        int before = Math.clamp(-start, 0, count);
        int end = Math.clamp((long) across.input() * channels - start, before, count);
        long first = (line + start) * Float.BYTES;
        clear(to, at, before);
        int i = before;
        int whole = first + (end + LANES) * (long) Float.BYTES <= a.byteSize() ? end : before;
        for (; i < whole; i += LANES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, a, first + (long) i * Float.BYTES, ORDER))
                    .intoArray(to, at + i);
        }
        for (; i < end; i++) {
            to[at + i] = a.get(SCALAR, first + (long) i * Float.BYTES);
        }
        clear(to, at + end, count - end);
    }

    /** Zeros by vectors. */
    private static void clear(float[] to, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FLOATS.cast(FloatVector.zero(F32)).intoArray(to, at + i);
        }
    }
}
