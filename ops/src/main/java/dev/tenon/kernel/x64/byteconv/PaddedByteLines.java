package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies of lines of an input with channels last, padded with its zero point, so that windows lie in memory without a border.
 * A copy has the channels of one group. Immutable and thread-safe.
 */
final class PaddedByteLines {
    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;

    private final ConvShape p;
    private final long offset;

    /** Copies for a convolution, at an offset of the memory that they are in. */
    PaddedByteLines(ConvShape p, long offset) {
        this.p = p;
        this.offset = offset;
    }

    /** Whether windows have no padding, so that no copy is needed for its sake. */
    static boolean isInside(Window2d.Axis axis) {
        return axis.start(0) >= 0
                && axis.start(axis.output() - 1) + (axis.kernel() - 1) * axis.dilation() < axis.input();
    }

    /** The bytes of a line of a copy for windows beside each other. */
    long lineBytes(int windows) {
        return (long) width(windows) * p.inputChannels();
    }

    /** The pixels of a line that windows beside each other read. */
    int width(int windows) {
        Window2d.Axis across = p.window().columns();
        return (windows - 1) * across.stride() + (across.kernel() - 1) * across.dilation() + 1;
    }

    /** The lines that windows of some lines of the output read. */
    int lines(int outputLines) {
        return lines(p.window().rows(), outputLines);
    }

    static int lines(Window2d.Axis down, int outputLines) {
        return (outputLines - 1) * down.stride() + (down.kernel() - 1) * down.dilation() + 1;
    }

    /**
     * Copies what some windows read.
     *
     * @param x the input
     * @param to memory that has the copy at the offset of this object
     * @param plane the number of the instance, times the number of groups, plus the group
     * @param firstLine the first line of windows
     * @param endLine the line after the last
     * @param column the first column of windows
     * @param endColumn the column after the last
     * @param zero the zero point of the input, of which the lowest byte counts
     */
    void copy(
            MemorySegment x,
            MemorySegment to,
            long plane,
            int firstLine,
            int endLine,
            int column,
            int endColumn,
            int zero) {
        Window2d.Axis across = p.window().columns();
        Window2d.Axis down = p.window().rows();
        int width = width(endColumn - column);
        int start = across.start(column);
        int left = Math.clamp(-start, 0, width);
        int own = Math.clamp(across.input() - Math.max(0, start), 0, width - left);
        long pixel = p.inputChannels();
        int first = down.start(firstLine);
        for (int i = 0; i < lines(endLine - firstLine); i++) {
            long at = offset + i * pixel * width;
            int line = first + i;
            if (line < 0 || line >= down.input() || own <= 0) {
                fill(to, at, width * pixel, zero);
                continue;
            }
            fill(to, at, left * pixel, zero);
            long row = plane / p.groups() * down.input() + line;
            long source = ((row * across.input() + Math.max(0, start)) * p.groups() + plane % p.groups()) * pixel;
            if (p.groups() == 1) {
                MemorySegment.copy(x, source, to, at + left * pixel, own * pixel);
            } else {
                copyGroup(x, source, to, at + left * pixel, own);
            }
            fill(to, at + (left + own) * pixel, (width - left - own) * pixel, zero);
        }
    }

    private void copyGroup(MemorySegment x, long from, MemorySegment to, long at, int pixels) {
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < p.inputChannels(); c++) {
                byte value = x.get(ValueLayout.JAVA_BYTE, from + (long) i * p.groups() * p.inputChannels() + c);
                to.set(ValueLayout.JAVA_BYTE, at + (long) i * p.inputChannels() + c, value);
            }
        }
    }

    /** A slice that is filled would be allocated. */
    private static void fill(MemorySegment to, long from, long bytes, int zero) {
        long at = from;
        long eight = (zero & 0xFF) * EACH_BYTE;
        long end = at + bytes;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at, eight);
        }
        for (; at < end; at++) {
            to.set(ValueLayout.JAVA_BYTE, at, (byte) zero);
        }
    }
}
