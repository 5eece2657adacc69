package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.RowPacker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Windows over planes {@code [n, h, w, c]} of float32 as the rows of a matrix: row by row of a window, its elements with
 * all their channels. What neighbouring elements of a window's row see lies together in memory, and is copied at once.
 */
final class Im2col implements RowPacker {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int channels;

    /** Elements that are copied at once, those of a row of a window, or of one element where these lie apart. */
    private final int runElements;

    private final int runsPerRow;

    /** Elements from the start of a run to the next one in the row. */
    private final long runStride;

    /** The terms of a window. */
    private final int windowTerms;

    /** The lines that a window reaches over. */
    private final int windowRows;

    /** The windows of a line whose columns lie on the plane. */
    private final int firstInterior;

    private final int endInterior;
    /** Bytes from a line of taps to the next. */
    private final long tapRowBytes;

    /** Elements from the first one of a window that vectors reach over. */
    private final long readElements;

    /** Whether windows are the elements of the plane, so that all rows lie together as they are. */
    private final boolean identity;

    /**
     * The windows of planes.
     *
     * @param window the windows
     * @param channels the channels of an element
     */
    Im2col(Window2d window, int channels) {
        this.rowAxis = window.rows();
        this.columnAxis = window.columns();
        this.channels = channels;
        boolean contiguous = columnAxis.dilation() == 1;
        runElements = contiguous ? columnAxis.kernel() * channels : channels;
        runsPerRow = contiguous ? 1 : columnAxis.kernel();
        runStride = (long) columnAxis.dilation() * channels;
        windowTerms = rowAxis.kernel() * columnAxis.kernel() * channels;
        windowRows = (rowAxis.kernel() - 1) * rowAxis.dilation() + 1;
        int width = (columnAxis.kernel() - 1) * columnAxis.dilation() + 1;
        firstInterior = Math.min(columnAxis.output(), columnAxis.firstWindow(0));
        endInterior = Math.max(firstInterior, columnAxis.endWindow(columnAxis.kernel() - 1));
        tapRowBytes = (long) rowAxis.dilation() * columnAxis.input() * channels * Float.BYTES;
        identity = window.isIdentity();
        readElements = ((windowRows - 1L) * columnAxis.input() + width) * channels + LANES;
    }

    @Override
    public void packRows(MemorySegment a, int row, int rows, int from, int terms, float[] to) {
        if (identity && from == 0 && terms == channels) {
            copyPixels(a, row, rows, to);
            return;
        }
        int x = row % columnAxis.output();
        int line = row / columnAxis.output();
        for (int r = 0; r < rows; ) {
            int count = Math.min(rows - r, columnAxis.output() - x);
            copyWindows(a, line, x, count, from, terms, to, r * GemmTile.ROW);
            r += count;
            x = 0;
            line++;
        }
    }

    /** Copies the channels of neighbouring elements, the last ones not in whole vectors where memory ends behind them. */
    private void copyPixels(MemorySegment a, int row, int rows, float[] to) {
        long step = (long) channels * Float.BYTES;
        long at = row * step;
        int vectorRows = rows;
        while (vectorRows > 0 && at + vectorRows * step + (LANES - 1L) * Float.BYTES > a.byteSize()) {
            vectorRows--;
        }
        for (int k = 0; k < channels; k += LANES) {
            copyVectors(a, at + (long) k * Float.BYTES, step, vectorRows, to, k);
        }
        for (int r = vectorRows; r < rows; r++) {
            MemorySegment.copy(a, SCALAR, at + r * step, to, r * GemmTile.ROW, channels);
        }
    }

    /** Copies terms of neighbouring windows of a line. */
    private void copyWindows(
            MemorySegment a, int outputLine, int x, int count, int from, int terms, float[] to, int at) {
        int n = outputLine / rowAxis.output();
        int top = rowAxis.start(outputLine - n * rowAxis.output());
        int first = x;
        int end = x + count;
        if (from == 0 && terms == windowTerms && top >= 0 && top + windowRows <= rowAxis.input()) {
            first = Math.clamp(firstInterior, x, end);
            end = Math.clamp(endInterior, first, end);
            long pixel = ((long) n * rowAxis.input() + top) * columnAxis.input();
            while (end > first
                    && ((pixel + columnAxis.start(end - 1)) * channels + readElements) * Float.BYTES > a.byteSize()) {
                end--;
            }
            long start = (pixel + columnAxis.start(first)) * channels * Float.BYTES;
            copyInteriorWindows(a, start, end - first, to, at + (first - x) * GemmTile.ROW);
        } else {
            end = first;
        }
        int firstRun = from / runElements;
        int firstSkipped = from - firstRun * runElements;
        for (int i = x; i < x + count; i++) {
            if (i < first || i >= end) {
                copyWindow(
                        a, n, top, columnAxis.start(i), firstRun, firstSkipped, terms, to, at + (i - x) * GemmTile.ROW);
            }
        }
    }

    /** Copies neighbouring windows that lie on their plane, run by run: what a vector writes beyond one comes later. */
    private void copyInteriorWindows(MemorySegment a, long at, int windows, float[] to, int first) {
        long step = (long) columnAxis.stride() * channels * Float.BYTES;
        int place = first;
        for (int i = 0; i < rowAxis.kernel(); i++) {
            for (int j = 0; j < runsPerRow; j++) {
                long from = at + i * tapRowBytes + j * runStride * Float.BYTES;
                for (int k = 0; k < runElements; k += LANES) {
                    copyVectors(a, from + (long) k * Float.BYTES, step, windows, to, place + k);
                }
                place += runElements;
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
    private void copyWindow(
            MemorySegment a, int n, int top, int left, int firstRun, int firstSkipped, int terms, float[] to, int at) {
        int i = firstRun / runsPerRow;
        int j = firstRun - i * runsPerRow;
        int skip = firstSkipped;
        for (int done = 0; done < terms; ) {
            int count = Math.min(runElements - skip, terms - done);
            int line = top + i * rowAxis.dilation();
            // Where the run would start if the row were endless, and which of its elements lie on it.
            long start = (long) left * channels + j * runStride + skip;
            if (line < 0 || line >= rowAxis.input()) {
                zero(to, at + done, count);
            } else {
                copyRun(
                        a,
                        ((long) n * rowAxis.input() + line) * columnAxis.input() * channels,
                        start,
                        count,
                        to,
                        at + done);
            }
            done += count;
            skip = 0;
            if (++j == runsPerRow) {
                j = 0;
                i++;
            }
        }
    }

    /** Copies elements of a row of a plane, zeros where they lie beside it: what vectors write beyond them comes later. */
    private void copyRun(MemorySegment a, long line, long start, int count, float[] to, int at) {
        a = NATIVE.cast(a);
        int before = Math.clamp(-start, 0, count);
        int end = Math.clamp((long) columnAxis.input() * channels - start, before, count);
        long first = (line + start) * Float.BYTES;
        zero(to, at, before);
        int i = before;
        int whole = first + (end + LANES) * (long) Float.BYTES <= a.byteSize() ? end : before;
        for (; i < whole; i += LANES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, a, first + (long) i * Float.BYTES, ORDER))
                    .intoArray(to, at + i);
        }
        for (; i < end; i++) {
            to[at + i] = a.get(SCALAR, first + (long) i * Float.BYTES);
        }
        zero(to, at + end, count - end);
    }

    /** Zeros by vectors. */
    private static void zero(float[] to, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FLOATS.cast(FloatVector.zero(F32)).intoArray(to, at + i);
        }
    }
}
