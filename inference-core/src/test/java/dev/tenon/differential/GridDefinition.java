package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/** GridSample with a row of weights along each axis for each position. */
final class GridDefinition {
    private final Tensor x;
    private final Tensor grid;
    private final String mode;
    private final String padding;
    private final boolean corners;
    private final boolean absolute;

    GridDefinition(OperatorModel s, boolean absolute) {
        x = s.operand(0);
        grid = s.operand(1);
        mode = s.attribute("mode") instanceof String m ? m : "linear";
        padding = s.attribute("padding_mode") instanceof String p ? p : "zeros";
        corners = Long.valueOf(1).equals(s.attribute("align_corners"));
        this.absolute = absolute;
    }

    Tensor run() {
        if (absolute && !x.dtype().isFloating()) {
            return null;
        }
        int axes = x.rank() - 2;
        long[] dims = Arrays.copyOf(grid.dims(), x.rank());
        System.arraycopy(grid.dims(), 1, dims, 2, axes);
        dims[1] = x.dim(1);
        Tensor y = Tensor.allocate(x.dtype(), dims);
        long places = WindowGeometry.product(WindowGeometry.spatial(y));
        long pixels = WindowGeometry.product(WindowGeometry.spatial(x));
        for (long i = 0; i < y.size(); i++) {
            long plane = i / places;
            long at = (plane / x.dim(1) * places + i % places) * axes;
            double[][] rows = new double[axes][];
            for (int a = 0; a < axes; a++) {
                rows[a] = row(at + axes - 1 - a, x.dim(2 + a));
            }
            if (mode.equals("nearest")) {
                long from = only(rows);
                if (from >= 0) {
                    x.copyElementTo(plane * pixels + from, y, i);
                }
            } else {
                y.setDouble(i, sum(rows, 0, plane));
            }
        }
        return y;
    }

    private long only(double[][] rows) {
        long at = 0;
        for (int a = 0; a < rows.length; a++) {
            int k = 0;
            while (k < rows[a].length && rows[a][k] == 0) {
                k++;
            }
            if (k == rows[a].length) {
                return -1;
            }
            at = at * rows[a].length + k;
        }
        return at;
    }

    private double sum(double[][] rows, int axis, long at) {
        if (axis == rows.length) {
            return absolute ? Math.abs(x.getDouble(at)) : x.getDouble(at);
        }
        double sum = 0;
        for (int k = 0; k < rows[axis].length; k++) {
            double w = rows[axis][k];
            if (w != 0) {
                sum += (absolute ? 1 : w) * sum(rows, axis + 1, at * rows[axis].length + k);
            }
        }
        return sum;
    }

    private double[] row(long at, long n) {
        double g = grid.getDouble(at);
        double place = corners ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2;
        if (mode.equals("nearest")) {
            boolean single = grid.dtype() != DType.FLOAT64;
            float f = (float) g;
            place = Math.rint(!single ? place : corners ? (f + 1) / 2 * (n - 1) : ((f + 1) * n - 1) / 2);
        }
        boolean outside = corners ? place < 0 || place > n - 1 : place < -0.5 || place > n - 0.5;
        place = outside && padding.equals("border") ? Math.clamp(place, 0, n - 1) : place;
        place = padding.equals("reflection") ? reflect(place, n) : place;
        double[] weights = new double[(int) n];
        long first = (long) Math.floor(place);
        for (long k = first - 1; k <= first + 2; k++) {
            double d = Math.abs(place - k);
            double w = mode.equals("cubic") ? cubic(d) : mode.equals("nearest") ? (d == 0 ? 1 : 0) : Math.max(0, 1 - d);
            long e =
                    switch (padding) {
                        case "border" -> Math.clamp(k, 0, n - 1);
                        case "reflection" -> Math.clamp((long) reflect(k, n), 0, n - 1);
                        default -> k;
                    };
            if (e >= 0 && e < n) {
                weights[(int) e] += w;
            }
        }
        return weights;
    }

    private static double cubic(double d) {
        double a = -0.75;
        return d < 1
                ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                : d < 2 ? a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a : 0;
    }

    /** Mirrored at the borders until it is between them. The borders are elements or edges of elements. */
    private double reflect(double place, long n) {
        double low = corners ? 0 : -0.5;
        double high = corners ? n - 1 : n - 0.5;
        if (low == high) {
            return 0;
        }
        double v = place;
        while (v < low || v > high) {
            v = v < low ? 2 * low - v : 2 * high - v;
        }
        return v;
    }
}
