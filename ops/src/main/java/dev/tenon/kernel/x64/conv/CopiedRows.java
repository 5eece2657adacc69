package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;

/** Windows of any kind: the rows are copies, with zeros for padding. */
final class CopiedRows extends SingleRuns {
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;

    CopiedRows(ConvProblem p, int maxRows, Caches caches) {
        super(p, maxRows, caches);
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
    }

    @Override
    long rowStep() {
        return p.terms() * Float.BYTES;
    }

    @Override
    long copyBytes() {
        return partWindows * rowStep();
    }

    @Override
    long prepare(int part, MemorySegment x, MemorySegment scratch, long at) {
        int first = part * partWindows;
        for (int i = 0; i < runWindows(part); i++) {
            copy(first + i, x, scratch, at + i * rowStep());
        }
        return scratch.address() + at;
    }

    private void copy(int window, MemorySegment x, MemorySegment scratch, long at) {
        int column = window % columnAxis.output();
        int row = window / columnAxis.output() % rowAxis.output();
        long image = window / p.window().windows() * rowAxis.input();
        long lineBytes = columnAxis.kernel() * pixelBytes();
        for (int r = 0; r < rowAxis.kernel(); r++) {
            int line = rowAxis.start(row) + r * rowAxis.dilation();
            if (line < 0 || line >= rowAxis.input()) {
                MemoryMoves.clear(scratch, at + r * lineBytes, lineBytes);
            } else {
                copyLine((image + line) * columnAxis.input(), column, x, scratch, at + r * lineBytes);
            }
        }
    }

    private void copyLine(long firstPixel, int column, MemorySegment x, MemorySegment scratch, long at) {
        int first = Math.min(columnAxis.firstTap(column), columnAxis.kernel());
        int end = Math.max(first, columnAxis.endTap(column));
        MemoryMoves.clear(scratch, at, first * pixelBytes());
        long from = (firstPixel + columnAxis.start(column) + (long) first * columnAxis.dilation()) * pixelBytes();
        long to = at + first * pixelBytes();
        if (columnAxis.dilation() == 1) {
            MemoryMoves.copy(x, from, scratch, to, (end - first) * pixelBytes());
        } else {
            for (int t = 0; t < end - first; t++) {
                MemoryMoves.copy(
                        x,
                        from + pixelBytes() * t * columnAxis.dilation(),
                        scratch,
                        to + pixelBytes() * t,
                        pixelBytes());
            }
        }
        MemoryMoves.clear(scratch, at + end * pixelBytes(), (columnAxis.kernel() - end) * pixelBytes());
    }
}
