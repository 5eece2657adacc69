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
 * Packs windows of float32 images {@code [n, h, w, c]} as rows of a matrix (im2col): row by row of a window, its pixels
 * with all their channels. The pixels of a row of a window are neighbours in memory and are copied as one run, unless
 * the window is dilated.
 */
final class Im2col implements RowPacker {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int channels;

    /** The elements of a run: a row of a window, or one pixel if the window is dilated. */
    private final int runElements;

    private final int runsPerRow;

    /** Elements from the start of a run to the next one of the same row. */
    private final long runStride;

    /** The number of terms of a window. */
    private final int windowTerms;

    /** The input rows that a window spans. */
    private final int windowRows;

    /** The range of windows of a row whose columns are all inside the image. */
    private final int firstInterior;

    private final int endInterior;

    /** Bytes from a row of taps to the next. */
    private final long tapRowBytes;

    /** The elements that vectors read from the first element of a window on. */
    private final long readElements;

    /**
     * The windows of images.
     *
     * @param window the windows
     * @param channels the channels of a pixel
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
        readElements = ((windowRows - 1L) * columnAxis.input() + width) * channels + LANES;
    }

    @Override
    public void packRows(MemorySegment a, int row, int rows, int from, int terms, float[] to) {
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

    /** Copies some terms of neighbouring windows of a row of windows. */
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

    /**
     * Copies neighbouring windows that are inside the image, one run after the other. A vector may write beyond a run;
     * the next run overwrites that.
     */
    private void copyInteriorWindows(MemorySegment a, long at, int windows, float[] to, int first) {
        long step = (long) columnAxis.stride() * channels * Float.BYTES;
        int target = first;
        for (int i = 0; i < rowAxis.kernel(); i++) {
            for (int j = 0; j < runsPerRow; j++) {
                long from = at + i * tapRowBytes + j * runStride * Float.BYTES;
                for (int k = 0; k < runElements; k += LANES) {
                    copyVectors(a, from + (long) k * Float.BYTES, step, windows, to, target + k);
                }
                target += runElements;
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

    /** Copies some terms of a window. */
    private void copyWindow(
            MemorySegment a, int n, int top, int left, int firstRun, int firstSkipped, int terms, float[] to, int at) {
        int i = firstRun / runsPerRow;
        int j = firstRun - i * runsPerRow;
        int skip = firstSkipped;
        for (int done = 0; done < terms; ) {
            int count = Math.min(runElements - skip, terms - done);
            int line = top + i * rowAxis.dilation();
            // The start of the run, as if the image row had no ends.
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

    /**
     * Copies elements of an image row, with zeros for those outside of it. A vector may write beyond them; later writes
     * overwrite that.
     */
    private void copyRun(MemorySegment a, long line, long start, int count, float[] to, int at) {
        a = NATIVE.cast(a);
        int leftPadding = Math.clamp(-start, 0, count);
        int end = Math.clamp((long) columnAxis.input() * channels - start, leftPadding, count);
        long first = (line + start) * Float.BYTES;
        zero(to, at, leftPadding);
        int i = leftPadding;
        int vectorEnd = first + (end + LANES) * (long) Float.BYTES <= a.byteSize() ? end : leftPadding;
        for (; i < vectorEnd; i += LANES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, a, first + (long) i * Float.BYTES, ORDER))
                    .intoArray(to, at + i);
        }
        for (; i < end; i++) {
            to[at + i] = a.get(SCALAR, first + (long) i * Float.BYTES);
        }
        zero(to, at + end, count - end);
    }

    /** Writes zeros by vectors. */
    private static void zero(float[] to, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FLOATS.cast(FloatVector.zero(F32)).intoArray(to, at + i);
        }
    }
}
