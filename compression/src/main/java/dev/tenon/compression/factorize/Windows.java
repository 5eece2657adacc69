package dev.tenon.compression.factorize;

import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.op.nn.Conv;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The windows of the convolutions that a convolution is divided into. */
final class Windows {
    private Windows() {}

    /** A convolution of one element. */
    static Conv pointwise(int axes) {
        List<Long> ones = Collections.nCopies(axes, 1L);
        return new Conv(new WindowAttributes(AutoPad.NOTSET, ones, List.of(), List.of(), List.of(), false), 1);
    }

    /** The shape of its weights. */
    static long[] pointwise(int rank, int outputs, int inputs) {
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        dims[0] = outputs;
        dims[1] = inputs;
        return dims;
    }

    /** The first axis of a convolution over two. */
    static Conv column(Conv conv) {
        return along(conv, 0);
    }

    /** The second axis of a convolution over two. */
    static Conv row(Conv conv) {
        return along(conv, 1);
    }

    private static Conv along(Conv conv, int axis) {
        WindowAttributes w = conv.window();
        List<Long> pads = w.pads().isEmpty()
                ? List.of()
                : axis == 0
                        ? List.of(w.pads().get(0), 0L, w.pads().get(2), 0L)
                        : List.of(0L, w.pads().get(1), 0L, w.pads().get(3));
        return new Conv(
                new WindowAttributes(
                        w.autoPad(), List.of(), one(w.strides(), axis), pads, one(w.dilations(), axis), w.ceilMode()),
                1);
    }

    private static List<Long> one(List<Long> values, int axis) {
        return values.isEmpty() ? List.of() : axis == 0 ? List.of(values.get(0), 1L) : List.of(1L, values.get(1));
    }
}
