package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/**
 * Windows whose rows are in the input itself, or in a copy of some of its lines with zeros for padding. A run is a line of the
 * output. Lines of a window are segments: their pixels are neighbours, with all their channels.
 */
final class LineRows extends WindowRows {
    /** Parts of an image, if it has enough lines, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /** The fewest multiply-adds of a part, some ten microseconds. */
    private static final long MIN_PART_WORK = 1 << 20;

    /** A line's windows may span so many bytes, all lines of a window together. */
    private static final long MAX_WINDOW_BYTES = 1 << 20;

    /** Tiles of fewer rows take as long as those of so many. */
    private static final int MIN_ROWS = 4;

    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final boolean copies;
    private final PaddedLines padded;

    /** Pixels of a line, of the input or of its copy. */
    private final long linePixels;

    private final int partLines;
    private final int partsOfImage;

    LineRows(ConvProblem p, Caches caches) {
        super(p, caches);
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        padded = new PaddedLines(p);
        copies = isPadded(rowAxis) || isPadded(columnAxis);
        linePixels = copies ? span(columnAxis, columnAxis.output()) : columnAxis.input();
        long work = Math.max(1, columnAxis.output() * p.terms() * p.outputChannels());
        long wanted = near
                ? Math.max(Math.ceilDiv(rowAxis.output(), TARGET_PARTS), Math.ceilDiv(MIN_PART_WORK, work))
                : rowAxis.output();
        long fits = (maxCopyBytes / lineBytes() - span(rowAxis, 1)) / rowAxis.stride() + 1;
        int lines = Math.clamp(Math.min(wanted, fits), 1, rowAxis.output());
        partsOfImage = Math.ceilDiv(rowAxis.output(), lines);
        partLines = Math.ceilDiv(rowAxis.output(), partsOfImage);
    }

    /** The elements of an axis that some neighbouring windows span. */
    private static long span(Window2d.Axis axis, int windows) {
        return (windows - 1L) * axis.stride() + (axis.kernel() - 1L) * axis.dilation() + 1;
    }

    private static boolean isPadded(Window2d.Axis axis) {
        return axis.padBegin() > 0 || axis.start(0) + span(axis, axis.output()) > axis.input();
    }

    /** Whether the segments of a window are at equal distances, and the lines that it spans are not too large. */
    static boolean takes(ConvProblem p) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        boolean padded = isPadded(rows) || isPadded(columns);
        long pixels = span(rows, 1) * span(columns, columns.output());
        return (columns.dilation() == 1 || columns.kernel() == 1 || rows.kernel() == 1)
                && (!padded || pixels * p.inputChannels() * Float.BYTES <= MAX_WINDOW_BYTES);
    }

    /** The time to multiply a line of windows in tiles, relative to multiply-adds at peak speed. */
    static double cost(int windows, int maxRows) {
        int tiles = Math.ceilDiv(windows, maxRows);
        int height = Math.ceilDiv(windows, tiles);
        int low = tiles * height - windows;
        int rows = (tiles - low) * Math.max(MIN_ROWS, height) + low * Math.max(MIN_ROWS, height - 1);
        return (double) rows / windows;
    }

    private boolean isDilated() {
        return columnAxis.dilation() > 1 && columnAxis.kernel() > 1;
    }

    private long lineBytes() {
        return linePixels * pixelBytes();
    }

    @Override
    int parts() {
        return p.instances() * partsOfImage;
    }

    private int firstLine(int part) {
        return part % partsOfImage * partLines;
    }

    @Override
    long firstWindow(int part) {
        long line = (long) part / partsOfImage * rowAxis.output() + firstLine(part);
        return line * columnAxis.output();
    }

    @Override
    int runs(int part) {
        return Math.min(partLines, rowAxis.output() - firstLine(part));
    }

    @Override
    int runWindows(int part) {
        return columnAxis.output();
    }

    @Override
    long runStep() {
        return rowAxis.stride() * lineBytes();
    }

    @Override
    long rowStep() {
        return columnAxis.stride() * pixelBytes();
    }

    @Override
    int segments() {
        return isDilated() ? columnAxis.kernel() : rowAxis.kernel();
    }

    @Override
    long segmentSkip() {
        return isDilated()
                ? (columnAxis.dilation() - 1) * pixelBytes()
                : rowAxis.dilation() * lineBytes() - columnAxis.kernel() * pixelBytes();
    }

    @Override
    long copyBytes() {
        return copies ? span(rowAxis, partLines) * lineBytes() : 0;
    }

    @Override
    long prepare(int part, MemorySegment x, MemorySegment scratch, long at) {
        long image = (long) part / partsOfImage * rowAxis.input();
        int first = rowAxis.start(firstLine(part));
        if (!copies) {
            return x.address() + (image + first) * lineBytes();
        }
        int lines = (int) span(rowAxis, runs(part));
        padded.copy(x, part / partsOfImage, first, lines, columnAxis.start(0), linePixels, scratch, at);
        return scratch.address() + at;
    }
}
