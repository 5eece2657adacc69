package dev.tenon.op.vision;

import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.tensor.Tensor;

/** The windows of {@link DeformConv}: the positions of their moved taps, and the interpolated input at these. */
final class Deformed {
    private final Tensor x;
    private final Tensor w;
    private final Tensor offset;
    private final Tensor mask;
    private final WindowGrid grid;
    private final long offsetGroup;
    private final long taps;
    private final long[] kernel;
    private final long[] image;
    private final double[] place;

    Deformed(Tensor x, Tensor w, Tensor offset, Tensor mask, WindowGrid grid, long offsetGroup) {
        this.x = x;
        this.w = w;
        this.offset = offset;
        this.mask = mask;
        this.grid = grid;
        this.offsetGroup = offsetGroup;
        this.kernel = ImageOperands.spatial(w);
        this.image = ImageOperands.spatial(x);
        this.taps = RowMajor.size(kernel);
        this.place = new double[image.length];
    }

    /** The dot product of one window of a channel with one plane of weights. */
    double sum(long instance, long channel, long plane, long window) {
        long shared = channel / (x.dim(1) / offsetGroup);
        long base = (instance * x.dim(1) + channel) * grid.pixels();
        long[] tap = new long[kernel.length];
        double sum = 0;
        for (long t = 0; t < taps; t++) {
            long moved = (instance * offsetGroup + shared) * taps + t;
            long rest = window;
            for (int d = image.length - 1; d >= 0; d--) {
                WindowGrid.Axis a = grid.axes().get(d);
                long at = rest % a.output() * a.stride() - a.padBegin() + tap[d] * a.dilation();
                rest /= a.output();
                place[d] = at + offset.getDouble((moved * image.length + d) * grid.windows() + window);
            }
            double value = sample(base, 0, 0);
            double factor = mask == null ? 1 : mask.getDouble(moved * grid.windows() + window);
            sum += value * w.getDouble(plane * taps + t) * factor;
            RowMajor.advance(tap, kernel);
        }
        return sum;
    }

    private double sample(long base, int axis, long at) {
        if (axis == image.length) {
            return x.getDouble(base + at);
        }
        double before = Math.floor(place[axis]);
        double ratio = place[axis] - before;
        double sum = 0;
        if (ratio < 1 && before >= 0 && before < image[axis]) {
            sum += (1 - ratio) * sample(base, axis + 1, at * image[axis] + (long) before);
        }
        if (ratio > 0 && before >= -1 && before < image[axis] - 1) {
            sum += ratio * sample(base, axis + 1, at * image[axis] + (long) before + 1);
        }
        return sum;
    }
}
