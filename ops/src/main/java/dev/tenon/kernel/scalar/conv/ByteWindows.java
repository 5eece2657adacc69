package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sums of products of bytes with channels last and weights that are not packed, both less their zero points. Sums are int32 and
 * wrap around.
 *
 * @param shape the shape of the convolution
 * @param signedX whether the input is int8, else uint8
 * @param signedW whether the weights are int8, else uint8
 */
record ByteWindows(ConvShape shape, boolean signedX, boolean signedW) {
    private static final int BYTE = 0xFF;

    static int integer(MemorySegment m, long at, boolean signed) {
        byte value = m.get(ValueLayout.JAVA_BYTE, at);
        return signed ? value : value & BYTE;
    }

    /** The sum of products of a window, by its index among those of all instances, and an output channel. */
    int sum(MemorySegment x, MemorySegment w, long result, int channel, int xZero, int wZero) {
        Window2d.Axis down = shape.window().rows();
        Window2d.Axis across = shape.window().columns();
        long windows = shape.window().windows();
        long taps = shape.window().taps();
        int inputs = shape.inputChannels();
        long instance = result / windows;
        int line = (int) (result % windows / across.output());
        int column = (int) (result % across.output());
        long first = (long) (channel / shape.outputChannels()) * inputs;
        int sum = 0;
        for (int r = down.firstTap(line); r < down.endTap(line); r++) {
            long row = instance * down.input() + down.start(line) + (long) r * down.dilation();
            for (int t = across.firstTap(column); t < across.endTap(column); t++) {
                long pixel = row * across.input() + across.start(column) + (long) t * across.dilation();
                long from = pixel * shape.groups() * inputs + first;
                long weights = (long) channel * inputs * taps + (long) r * across.kernel() + t;
                for (int c = 0; c < inputs; c++) {
                    int weight = integer(w, weights + c * taps, signedW) - wZero;
                    sum += (integer(x, from + c, signedX) - xZero) * weight;
                }
            }
        }
        return sum;
    }
}
