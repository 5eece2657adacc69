package dev.tenon.op.vision;

import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Tensor;

/** The loop of {@link Resize} over the elements of its result. */
final class ResizeLoop {
    private final Resize op;
    private final Tensor x;
    private final Tensor y;
    private final ResizeAxis[] axes;
    private final ResizeAxis.Taps[] taps;

    ResizeLoop(Resize op, Tensor x, Tensor y, ResizeAxis[] axes) {
        this.op = op;
        this.x = x;
        this.y = y;
        this.axes = axes;
        this.taps = new ResizeAxis.Taps[axes.length];
    }

    void run() {
        long[] index = new long[axes.length];
        long[] previous = new long[axes.length];
        long[] dims = y.dims();
        for (long j = 0; j < y.size(); j++) {
            boolean outside = false;
            for (int d = 0; d < axes.length; d++) {
                if (taps[d] == null || index[d] != previous[d]) {
                    taps[d] = axes[d].taps(index[d]);
                    previous[d] = index[d];
                }
                outside |= taps[d].index().length == 0;
            }
            if (outside) {
                extrapolate(j);
            } else if (op.mode() == Resize.Mode.NEAREST) {
                copy(j);
            } else {
                double value = sum(0, 0);
                y.setDouble(j, op.antialias() && y.dtype().isInteger() ? Math.floor(value + 0.5) : value);
            }
            RowMajor.advance(index, dims);
        }
    }

    private void extrapolate(long j) {
        switch (y.dtype()) {
            case STRING -> y.setString(j, "");
            case COMPLEX64, COMPLEX128 -> y.setComplex(j, op.extrapolationValue(), 0);
            default -> y.setDouble(j, op.extrapolationValue());
        }
    }

    private void copy(long j) {
        long at = 0;
        for (int d = 0; d < axes.length; d++) {
            at = at * axes[d].in() + taps[d].index()[0];
        }
        x.copyElementTo(at, y, j);
    }

    private double sum(int axis, long at) {
        if (axis == axes.length) {
            return x.getDouble(at);
        }
        ResizeAxis.Taps t = taps[axis];
        if (t.index().length == 1 && t.weight()[0] == 1) {
            return sum(axis + 1, at * axes[axis].in() + t.index()[0]);
        }
        double sum = 0;
        for (int i = 0; i < t.index().length; i++) {
            sum += t.weight()[i] * sum(axis + 1, at * axes[axis].in() + t.index()[i]);
        }
        return sum;
    }
}
