package dev.tenon.differential;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * The positions of windows along the spatial axes, by the formulas of the standard for pooling and convolution.
 *
 * @param in the size of each axis
 * @param kernel the size of a window along each axis
 * @param out the number of windows along each axis
 * @param stride the distance between windows along each axis
 * @param dilation the distance between elements of a window along each axis
 * @param begin the padding before each axis
 * @param end the padding after each axis
 */
record WindowGeometry(long[] in, long[] kernel, long[] out, long[] stride, long[] dilation, long[] begin, long[] end) {
    /** Receives an element of a window: its index in the image or -1, and whether it is in the image or its padding. */
    @FunctionalInterface
    interface Tap {
        void at(long pixel, int element, boolean padded);
    }

    /** The numbers of an attribute, or the same number for each axis. */
    static long[] list(OperatorModel s, String name, int axes, long standard) {
        if (s.attribute(name) instanceof long[] given) {
            return given;
        }
        long[] values = new long[axes];
        Arrays.fill(values, standard);
        return values;
    }

    static long[] spatial(Tensor t) {
        return Arrays.copyOfRange(t.dims(), 2, t.rank());
    }

    static long product(long[] dims) {
        return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    }

    /** The windows of the attributes of a model over an image. */
    static WindowGeometry of(OperatorModel s, long[] in, long[] kernel) {
        int n = in.length;
        long[] stride = list(s, "strides", n, 1);
        long[] dilation = list(s, "dilations", n, 1);
        long[] pads = list(s, "pads", 2 * n, 0);
        String auto = s.attribute("auto_pad") instanceof String a ? a : "NOTSET";
        boolean ceil = Long.valueOf(1).equals(s.attribute("ceil_mode"));
        long[] out = new long[n];
        long[] begin = new long[n];
        long[] end = new long[n];
        for (int i = 0; i < n; i++) {
            long extent = (kernel[i] - 1) * dilation[i] + 1;
            if (auto.startsWith("SAME")) {
                out[i] = -Math.floorDiv(-in[i], stride[i]);
                long total = Math.max(0, (out[i] - 1) * stride[i] + extent - in[i]);
                begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                end[i] = total - begin[i];
                continue;
            }
            begin[i] = auto.equals("NOTSET") ? pads[i] : 0;
            end[i] = auto.equals("NOTSET") ? pads[i + n] : 0;
            long room = in[i] + begin[i] + end[i] - extent;
            out[i] = room / stride[i] + 1;
            boolean overhangs = room % stride[i] != 0 && auto.equals("NOTSET") && ceil;
            out[i] += overhangs && out[i] * stride[i] < in[i] + begin[i] ? 1 : 0;
        }
        return new WindowGeometry(in, kernel, out, stride, dilation, begin, end);
    }

    /** The windows of the convolution that a transposed convolution inverts. */
    static WindowGeometry transposed(OperatorModel s, long[] x, long[] kernel) {
        int n = x.length;
        long[] stride = list(s, "strides", n, 1);
        long[] dilation = list(s, "dilations", n, 1);
        long[] pads = list(s, "pads", 2 * n, 0);
        long[] more = list(s, "output_padding", n, 0);
        long[] given = s.attribute("output_shape") instanceof long[] v ? v : null;
        String auto = s.attribute("auto_pad") instanceof String a ? a : "NOTSET";
        long[] y = new long[n];
        long[] begin = new long[n];
        for (int i = 0; i < n; i++) {
            long reach = (x[i] - 1) * stride[i] + more[i] + (kernel[i] - 1) * dilation[i] + 1;
            if (given != null || auto.startsWith("SAME")) {
                y[i] = given != null ? given[i] : x[i] * stride[i];
                long total = Math.max(0, reach - y[i]);
                begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
            } else {
                boolean padded = auto.equals("NOTSET");
                begin[i] = padded ? pads[i] : 0;
                y[i] = reach - begin[i] - (padded ? pads[i + n] : 0);
            }
        }
        return new WindowGeometry(y, kernel, x, stride, dilation, begin, new long[n]);
    }

    long count() {
        return product(out);
    }

    long pixels() {
        return product(in);
    }

    /** Visits the elements of a window in row-major order. */
    void visit(long window, Tap tap) {
        int n = in.length;
        long elements = product(kernel);
        for (int e = 0; e < elements; e++) {
            long pixel = 0;
            long stride1 = 1;
            long rest = e;
            long at = window;
            boolean padded = true;
            for (int i = n - 1; i >= 0; i--) {
                long place = at % out[i] * stride[i] - begin[i] + rest % kernel[i] * dilation[i];
                at /= out[i];
                rest /= kernel[i];
                boolean inside = place >= 0 && place < in[i];
                padded &= place < in[i] + end[i];
                pixel = pixel < 0 || !inside ? -1 : pixel + place * stride1;
                stride1 *= in[i];
            }
            tap.at(pixel, e, padded);
        }
    }
}
