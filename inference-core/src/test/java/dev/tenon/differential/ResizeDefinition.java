package dev.tenon.differential;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/** Resize with a row of weights for each element along each axis, as the standard describes them. */
final class ResizeDefinition {
    private final OperatorModel s;
    private final Tensor x;
    private final int rank;
    private final double[] scale;
    private final double[] start;
    private final double[] end;
    private final long[] out;

    private ResizeDefinition(OperatorModel s) {
        this.s = s;
        x = s.operand(0);
        rank = x.rank();
        scale = new double[rank];
        start = new double[rank];
        end = new double[rank];
        out = x.dims();
        Arrays.fill(scale, 1);
        Arrays.fill(end, 1);
        int[] axes = axes();
        Tensor roi = text("coordinate_transformation_mode", "").equals("tf_crop_and_resize") ? s.operand(1) : null;
        Tensor scales = s.operand(2);
        double common = common(axes);
        for (int i = 0; i < axes.length; i++) {
            int a = axes[i];
            if (scales != null) {
                scale[a] = scales.getDouble(i);
                out[a] = (long) (x.dim(a) * (float) scale[a]);
            } else {
                out[a] = Double.isNaN(common) ? s.operand(3).getLong(i) : (long) Math.floor(common * x.dim(a) + 0.5);
                scale[a] = Double.isNaN(common) ? out[a] / (double) x.dim(a) : common;
            }
            start[a] = roi == null ? 0 : roi.getDouble(i);
            end[a] = roi == null ? 1 : roi.getDouble((long) i + axes.length);
        }
    }

    static Tensor apply(OperatorModel s) {
        return new ResizeDefinition(s).run(false);
    }

    /** The sum of the elements at each position without weights, because the position is rounded too. */
    static Tensor magnitude(OperatorModel s) {
        return s.operand(0).dtype().isFloating() ? new ResizeDefinition(s).run(true) : null;
    }

    private String text(String name, String standard) {
        return s.attribute(name) instanceof String v ? v : standard;
    }

    private boolean flag(String name) {
        return Long.valueOf(1).equals(s.attribute(name));
    }

    private int[] axes() {
        if (s.attribute("axes") instanceof long[] given) {
            return Arrays.stream(given)
                    .mapToInt(a -> (int) Math.floorMod(a, (long) rank))
                    .toArray();
        }
        int[] all = new int[rank];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** The scale of all axes if the aspect ratio is kept, else NaN. */
    private double common(int[] axes) {
        String policy = text("keep_aspect_ratio_policy", "stretch");
        if (policy.equals("stretch") || s.operand(2) != null) {
            return Double.NaN;
        }
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < axes.length; i++) {
            double own = s.operand(3).getLong(i) / (double) x.dim(axes[i]);
            least = Math.min(least, own);
            most = Math.max(most, own);
        }
        return policy.equals("not_larger") ? least : most;
    }

    private Tensor run(boolean magnitude) {
        Tensor y = Tensor.allocate(x.dtype(), out);
        double[][][] weights = new double[rank][][];
        for (int a = 0; a < rank; a++) {
            weights[a] = new double[(int) out[a]][];
            for (int o = 0; o < out[a]; o++) {
                weights[a][o] = row(a, o);
                weights[a][o] = magnitude && weights[a][o] != null ? touched(weights[a][o]) : weights[a][o];
            }
        }
        boolean nearest = text("mode", "nearest").equals("nearest");
        double outside = s.attribute("extrapolation_value") instanceof Float v ? v : 0;
        for (long i = 0; i < y.size(); i++) {
            double[][] rows = new double[rank][];
            long rest = i;
            boolean inside = true;
            for (int a = rank - 1; a >= 0; a--) {
                rows[a] = weights[a][(int) (rest % out[a])];
                rest /= out[a];
                inside &= rows[a] != null;
            }
            if (inside && nearest) {
                x.copyElementTo(only(rows), y, i);
                continue;
            }
            double v = inside ? sum(rows, 0, 0, magnitude) : outside;
            boolean rounds = flag("antialias") && y.dtype().isInteger();
            y.setDouble(i, rounds ? Math.floor(v + 0.5) : v);
        }
        return y;
    }

    /**
     * Weights of 1 or more for the elements that have a weight, and for their neighbours, which may get one if the
     * position is rounded.
     */
    private static double[] touched(double[] weights) {
        double[] all = new double[weights.length];
        for (int k = 0; k < all.length; k++) {
            boolean beside = k > 0 && weights[k - 1] != 0 || k + 1 < all.length && weights[k + 1] != 0;
            all[k] = weights[k] != 0 ? Math.max(1, Math.abs(weights[k])) : beside ? 1 : 0;
        }
        return all;
    }

    private long only(double[][] rows) {
        long at = 0;
        for (int a = 0; a < rank; a++) {
            int k = 0;
            while (rows[a][k] == 0) {
                k++;
            }
            at = at * x.dim(a) + k;
        }
        return at;
    }

    private double sum(double[][] rows, int axis, long at, boolean magnitude) {
        if (axis == rank) {
            return magnitude ? Math.abs(x.getDouble(at)) : x.getDouble(at);
        }
        double sum = 0;
        for (int k = 0; k < rows[axis].length; k++) {
            if (rows[axis][k] != 0) {
                sum += rows[axis][k] * sum(rows, axis + 1, at * x.dim(axis) + k, magnitude);
            }
        }
        return sum;
    }

    /** The weights of the elements of an axis for an element of the result, or null if its position is outside. */
    private double[] row(int a, int o) {
        long n = x.dim(a);
        double[] weights = new double[(int) n];
        double place = place(a, o);
        if (text("coordinate_transformation_mode", "").equals("tf_crop_and_resize") && (place < 0 || place > n - 1)) {
            return null;
        }
        String mode = text("mode", "nearest");
        if (mode.equals("nearest")) {
            weights[(int) Math.clamp(nearest(place), 0, n - 1)] = 1;
            return weights;
        }
        double shrunk = flag("antialias") ? Math.min(1, scale[a]) : 1;
        long reach = (long) Math.ceil(2 / shrunk) + 2;
        double all = 0;
        double[] inside = new double[weights.length];
        double insides = 0;
        for (long k = (long) Math.floor(place) - reach; k <= place + reach; k++) {
            double w = kernel(mode, Math.abs(k - place) * shrunk);
            all += w;
            weights[(int) Math.clamp(k, 0, n - 1)] += w;
            if (k >= 0 && k < n) {
                inside[(int) k] += w;
                insides += w;
            }
        }
        double[] used = flag("exclude_outside") ? inside : weights;
        double total = flag("exclude_outside") ? insides : flag("antialias") ? all : 1;
        for (int k = 0; k < used.length; k++) {
            used[k] /= total;
        }
        return used;
    }

    private double kernel(String mode, double d) {
        if (mode.equals("linear")) {
            return Math.max(0, 1 - d);
        }
        double a = s.attribute("cubic_coeff_a") instanceof Float v ? v : -0.75;
        return d < 1
                ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                : d < 2 ? a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a : 0;
    }

    private long nearest(double place) {
        double v =
                switch (text("nearest_mode", "round_prefer_floor")) {
                    case "floor" -> Math.floor(place);
                    case "ceil" -> Math.ceil(place);
                    case "round_prefer_ceil" -> Math.floor(place + 0.5);
                    default -> Math.ceil(place - 0.5);
                };
        return (long) v;
    }

    private double place(int a, int o) {
        long n = x.dim(a);
        double f = scale[a];
        if (n == out[a] && f == 1 && start[a] == 0 && end[a] == 1) {
            return o;
        }
        double width = f * n;
        return switch (text("coordinate_transformation_mode", "half_pixel")) {
            case "half_pixel" -> (o + 0.5) / f - 0.5;
            case "half_pixel_symmetric" -> n / 2.0 * (1 - out[a] / width) + (o + 0.5) / f - 0.5;
            case "pytorch_half_pixel" -> out[a] > 1 ? (o + 0.5) / f - 0.5 : 0;
            case "align_corners" -> o == 0 ? 0 : o * (n - 1) / (width - 1);
            case "asymmetric" -> o / f;
            case "tf_half_pixel_for_nn" -> (o + 0.5) / f;
            default ->
                out[a] > 1
                        ? start[a] * (n - 1) + o * (end[a] - start[a]) * (n - 1) / (out[a] - 1)
                        : (start[a] + end[a]) * (n - 1) / 2;
        };
    }
}
