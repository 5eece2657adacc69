package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies of lines of an input with channels last, padded with its zero point, so that windows lie in memory without a border.
 * A copy has the channels of one group. Immutable and thread-safe.
 */
final class PaddedLines {
    private final QuantizedConvProblem p;
    private final int width;

    PaddedLines(QuantizedConvProblem p) {
        this.p = p;
        Window2d.Axis across = p.window().columns();
        width = (across.output() - 1) * across.stride() + (across.kernel() - 1) * across.dilation() + 1;
    }

    /** Whether windows have no padding, so that no copy is needed for its sake. */
    static boolean isInside(Window2d.Axis axis) {
        return axis.start(0) >= 0
                && axis.start(axis.output() - 1) + (axis.kernel() - 1) * axis.dilation() < axis.input();
    }

    /** The bytes of a line of a copy. */
    long lineBytes() {
        return (long) width * p.inputChannels();
    }

    /** The lines that windows of some lines of the output read. */
    int lines(int outputLines) {
        Window2d.Axis down = p.window().rows();
        return (outputLines - 1) * down.stride() + (down.kernel() - 1) * down.dilation() + 1;
    }

    /**
     * Copies what some lines of the output read.
     *
     * @param x the input
     * @param instance the instance
     * @param group the group
     * @param from the first line of the output
     * @param outputLines the number of lines of the output
     * @param to where the copy begins
     */
    void copy(MemorySegment x, long instance, int group, int from, int outputLines, MemorySegment to) {
        Window2d.Axis across = p.window().columns();
        int left = across.padBegin();
        int own = Math.min(across.input(), width - left);
        long pixel = p.inputChannels();
        int first = p.window().rows().start(from);
        for (int i = 0; i < lines(outputLines); i++) {
            long at = i * lineBytes();
            int line = first + i;
            if (line < 0 || line >= p.window().rows().input()) {
                fill(to, at, lineBytes());
                continue;
            }
            fill(to, at, left * pixel);
            long source = ((instance * p.window().rows().input() + line) * across.input() * p.groups() + group) * pixel;
            if (p.groups() == 1) {
                MemorySegment.copy(x, source, to, at + left * pixel, own * pixel);
            } else {
                copyGroup(x, source, to, at + left * pixel, own);
            }
            fill(to, at + (left + own) * pixel, (width - left - own) * pixel);
        }
    }

    private void copyGroup(MemorySegment x, long from, MemorySegment to, long at, int pixels) {
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < p.inputChannels(); c++) {
                byte value = x.get(ValueLayout.JAVA_BYTE, from + (long) i * p.allInputs() + c);
                to.set(ValueLayout.JAVA_BYTE, at + (long) i * p.inputChannels() + c, value);
            }
        }
    }

    private void fill(MemorySegment to, long at, long bytes) {
        if (bytes > 0) {
            to.asSlice(at, bytes).fill((byte) p.xZero());
        }
    }
}
