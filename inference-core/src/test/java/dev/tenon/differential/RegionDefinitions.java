package dev.tenon.differential;

import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Regions of images and samples of images, element by element. */
final class RegionDefinitions {
    private RegionDefinitions() {}

    static void add(
            Map<String, StandardDefinitions.Computation> all, Map<String, StandardDefinitions.Magnitude> magnitudes) {
        all.put("RoiAlign", s -> List.of(align(s, false)));
        magnitudes.put("RoiAlign", s -> align(s, true));
        all.put("MaxRoiPool", s -> List.of(maxima(s)));
        all.put("com.microsoft.CropAndResize", s -> List.of(crop(s, false)));
        magnitudes.put("com.microsoft.CropAndResize", s -> crop(s, true));
        all.put("DeformConv", s -> List.of(deform(s, false)));
        magnitudes.put("DeformConv", s -> deform(s, true));
        all.put("GridSample", s -> List.of(new GridDefinition(s, false).run()));
        magnitudes.put("GridSample", s -> new GridDefinition(s, true).run());
        all.put("AffineGrid", s -> List.of(grid(s, false)));
        magnitudes.put("AffineGrid", s -> grid(s, true));
    }

    private static float real(OperatorModel s, String name, float standard) {
        return s.attribute(name) instanceof Float f ? f : standard;
    }

    private static long whole(OperatorModel s, String name, long standard) {
        return s.attribute(name) instanceof Long n ? n : standard;
    }

    private static double at(Tensor x, long plane, long row, long column, boolean absolute) {
        long h = x.dim(2);
        long w = x.dim(3);
        if (row < 0 || row >= h || column < 0 || column >= w) {
            return 0;
        }
        double v = x.getDouble((plane * h + row) * w + column);
        return absolute ? Math.abs(v) : v;
    }

    /**
     * The four weighted neighbours of a position. For a magnitude they are unweighted, because the position is rounded
     * too.
     */
    private static double[] neighbours(Tensor x, long plane, double row, double column, boolean absolute) {
        long r = (long) Math.floor(row);
        long c = (long) Math.floor(column);
        double[] v = new double[4];
        for (int i = 0; i < 4; i++) {
            double wr = i < 2 ? 1 - (row - r) : row - r;
            double wc = i % 2 == 0 ? 1 - (column - c) : column - c;
            double e = at(x, plane, r + i / 2, c + i % 2, absolute);
            v[i] = wr * wc == 0 ? 0 : absolute ? e : wr * wc * e;
        }
        return v;
    }

    private static Tensor align(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor rois = s.operand(1);
        boolean half = s.attribute("coordinate_transformation_mode") instanceof String m
                ? m.equals("half_pixel")
                : s.version() >= 16;
        boolean max = "max".equals(s.attribute("mode"));
        long height = whole(s, "output_height", 1);
        long width = whole(s, "output_width", 1);
        double scale = real(s, "spatial_scale", 1);
        Tensor y = Tensor.allocate(x.dtype(), rois.dim(0), x.dim(1), height, width);
        for (long i = 0; i < y.size(); i++) {
            long roi = i / (height * width) / x.dim(1);
            long plane = s.operand(2).getLong(roi) * x.dim(1) + i / (height * width) % x.dim(1);
            double[] start = new double[2];
            double[] bin = new double[2];
            long[] samples = new long[2];
            for (int a = 0; a < 2; a++) {
                start[a] = rois.getDouble(4 * roi + 1 - a) * scale - (half ? 0.5 : 0);
                double length = rois.getDouble(4 * roi + 3 - a) * scale - (half ? 0.5 : 0) - start[a];
                bin[a] = (half ? length : Math.max(1, length)) / (a == 0 ? height : width);
                long given = whole(s, "sampling_ratio", 0);
                samples[a] = given > 0 ? given : (long) Math.max(0, Math.ceil(bin[a]));
            }
            double sum = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (long k = 0; k < samples[0] * samples[1]; k++) {
                long across = k / samples[1];
                double row = start[0] + (i / width % height) * bin[0] + (across + 0.5) * bin[0] / samples[0];
                double column = start[1] + (i % width) * bin[1] + (k % samples[1] + 0.5) * bin[1] / samples[1];
                boolean outside = row < -1 || row > x.dim(2) || column < -1 || column > x.dim(3);
                double[] v = outside
                        ? new double[4]
                        : neighbours(
                                x,
                                plane,
                                Math.clamp(row, 0, x.dim(2) - 1),
                                Math.clamp(column, 0, x.dim(3) - 1),
                                absolute);
                sum += v[0] + v[1] + v[2] + v[3];
                most = Math.max(most, Math.max(Math.max(v[0], v[1]), Math.max(v[2], v[3])));
            }
            long n = samples[0] * samples[1];
            y.setDouble(i, n == 0 ? 0 : max ? most : sum / n);
        }
        return y;
    }

    private static double round(double v) {
        return Math.signum(v) * Math.floor(Math.abs(v) + 0.5);
    }

    private static Tensor maxima(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor rois = s.operand(1);
        long[] shape = (long[]) s.attribute("pooled_shape");
        double scale = real(s, "spatial_scale", 1);
        Tensor y = Tensor.allocate(x.dtype(), rois.dim(0), x.dim(1), shape[0], shape[1]);
        for (long i = 0; i < y.size(); i++) {
            long roi = i / (shape[0] * shape[1]) / x.dim(1);
            long plane = ((long) rois.getDouble(5 * roi)) * x.dim(1) + i / (shape[0] * shape[1]) % x.dim(1);
            long[] from = new long[2];
            long[] to = new long[2];
            for (int a = 0; a < 2; a++) {
                double first = round(rois.getDouble(5 * roi + 2 - a) * scale);
                double last = round(rois.getDouble(5 * roi + 4 - a) * scale);
                double size = Math.max(1, last - first + 1) / shape[a];
                long bin = a == 0 ? i / shape[1] % shape[0] : i % shape[1];
                from[a] = (long) Math.clamp(Math.floor(bin * size) + first, 0, x.dim(2 + a));
                to[a] = (long) Math.clamp(Math.ceil((bin + 1) * size) + first, 0, x.dim(2 + a));
            }
            double most = from[0] < to[0] && from[1] < to[1] ? Double.NEGATIVE_INFINITY : 0;
            for (long r = from[0]; r < to[0]; r++) {
                for (long c = from[1]; c < to[1]; c++) {
                    most = Math.max(most, at(x, plane, r, c, false));
                }
            }
            y.setDouble(i, most);
        }
        return y;
    }

    private static Tensor crop(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor rois = s.operand(1);
        long height = s.operand(3).getLong(0);
        long width = s.operand(3).getLong(1);
        boolean nearest = "nearest".equals(s.attribute("mode"));
        Tensor y = Tensor.allocate(x.dtype(), rois.dim(0), x.dim(1), height, width);
        for (long i = 0; i < y.size(); i++) {
            long roi = i / (height * width) / x.dim(1);
            long plane = s.operand(2).getLong(roi) * x.dim(1) + i / (height * width) % x.dim(1);
            double[] place = new double[2];
            boolean inside = true;
            for (int a = 0; a < 2; a++) {
                double from = rois.getDouble(4 * roi + a);
                double to = rois.getDouble(4 * roi + 2 + a);
                long n = a == 0 ? height : width;
                long k = a == 0 ? i / width % height : i % width;
                place[a] = (n == 1 ? (from + to) / 2 : from + k * (to - from) / (n - 1)) * (x.dim(2 + a) - 1);
                inside &= place[a] >= 0 && place[a] <= x.dim(2 + a) - 1;
            }
            double[] v = nearest
                    ? new double[] {at(x, plane, (long) round(place[0]), (long) round(place[1]), absolute), 0, 0, 0}
                    : neighbours(x, plane, place[0], place[1], absolute);
            y.setDouble(i, inside ? v[0] + v[1] + v[2] + v[3] : real(s, "extrapolation_value", 0));
        }
        return y;
    }

    private static Tensor deform(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor weights = s.operand(1);
        Tensor offsets = s.operand(2);
        Tensor bias = s.operand(3);
        Tensor mask = s.operand(4);
        long m = weights.dim(0);
        long each = weights.dim(1);
        WindowGeometry w = WindowGeometry.of(s, WindowGeometry.spatial(x), WindowGeometry.spatial(weights));
        long taps = WindowGeometry.product(w.kernel());
        long groups = whole(s, "offset_group", 1);
        Tensor y = Tensor.allocate(x.dtype(), x.dim(0), m, w.out()[0], w.out()[1]);
        for (long i = 0; i < y.size(); i++) {
            long window = i % w.count();
            long out = i / w.count() % m;
            long image = i / w.count() / m;
            double sum = bias == null ? 0 : absolute ? Math.abs(bias.getDouble(out)) : bias.getDouble(out);
            for (long k = 0; k < each * taps; k++) {
                long channel = out / (m / whole(s, "group", 1)) * each + k / taps;
                long tap = (image * groups + channel / (x.dim(1) / groups)) * taps + k % taps;
                double row = window / w.out()[1] * w.stride()[0]
                        - w.begin()[0]
                        + k % taps / w.kernel()[1] * w.dilation()[0]
                        + offsets.getDouble((tap * 2) * w.count() + window);
                double column = window % w.out()[1] * w.stride()[1]
                        - w.begin()[1]
                        + k % w.kernel()[1] * w.dilation()[1]
                        + offsets.getDouble((tap * 2 + 1) * w.count() + window);
                double[] v = neighbours(x, image * x.dim(1) + channel, row, column, absolute);
                double term = (v[0] + v[1] + v[2] + v[3])
                        * weights.getDouble(out * each * taps + k)
                        * (mask == null ? 1 : mask.getDouble(tap * w.count() + window));
                sum += absolute ? Math.abs(term) : term;
            }
            y.setDouble(i, sum);
        }
        return y;
    }

    /** Positions spaced evenly from -1 to 1, times the matrix of each element of the batch. */
    private static Tensor grid(OperatorModel s, boolean absolute) {
        Tensor theta = s.operand(0);
        long[] size = s.operand(1).toLongArray();
        int axes = size.length - 2;
        boolean corners = whole(s, "align_corners", 0) == 1;
        long[] dims = new long[axes + 2];
        dims[0] = size[0];
        System.arraycopy(size, 2, dims, 1, axes);
        dims[axes + 1] = axes;
        Tensor y = Tensor.allocate(theta.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            long rest = i / axes;
            double[] v = new double[axes + 1];
            v[axes] = 1;
            for (int a = 0; a < axes; a++) {
                long n = size[size.length - 1 - a];
                long k = rest % n;
                v[a] = corners ? (n == 1 ? -1 : 2.0 * k / (n - 1) - 1) : (2 * k + 1.0) / n - 1;
                rest /= n;
            }
            double sum = 0;
            for (int k = 0; k <= axes; k++) {
                double t = theta.getDouble((rest * axes + i % axes) * (axes + 1) + k);
                // A position is a difference of numbers up to 1.
                sum += absolute ? Math.abs(t) : t * v[k];
            }
            y.setDouble(i, sum);
        }
        return y;
    }
}
