package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Pooling and convolution, window by window. */
final class WindowDefinitions {
    private WindowDefinitions() {}

    static void add(
            Map<String, StandardDefinitions.Computation> all, Map<String, StandardDefinitions.Magnitude> magnitudes) {
        all.put("MaxPool", WindowDefinitions::maxima);
        all.put("AveragePool", s -> List.of(averages(s)));
        all.put("LpPool", s -> List.of(norms(s)));
        all.put("GlobalLpPool", s -> List.of(overAll(s, "lp")));
        all.put("GlobalMaxPool", s -> List.of(overAll(s, "max")));
        all.put("GlobalAveragePool", s -> List.of(overAll(s, "mean")));
        all.put("MaxUnpool", s -> List.of(unpool(s)));
        all.put("Col2Im", s -> List.of(fold(s, false)));
        magnitudes.put("Col2Im", s -> fold(s, true));
        all.put("Conv", s -> List.of(convolve(s, false)));
        magnitudes.put("Conv", s -> convolve(s, true));
        all.put("ConvTranspose", s -> List.of(spread(s, false)));
        magnitudes.put("ConvTranspose", s -> spread(s, true));
    }

    private static WindowGeometry pool(OperatorModel s) {
        return WindowGeometry.of(s, WindowGeometry.spatial(s.operand(0)), (long[]) s.attribute("kernel_shape"));
    }

    private static Tensor result(Tensor x, DType type, long channels, long[] spatial) {
        long[] dims = new long[spatial.length + 2];
        dims[0] = x.dim(0);
        dims[1] = channels;
        System.arraycopy(spatial, 0, dims, 2, spatial.length);
        return Tensor.allocate(type, dims);
    }

    /** The first of the largest elements, and its index. NaN is larger than all numbers. */
    private static List<Tensor> maxima(OperatorModel s) {
        Tensor x = s.operand(0);
        WindowGeometry w = pool(s);
        Tensor y = result(x, x.dtype(), x.dim(1), w.out());
        Tensor places = result(x, DType.INT64, x.dim(1), w.out());
        for (long i = 0; i < y.size(); i++) {
            long plane = i / w.count();
            long[] best = {-1};
            w.visit(i % w.count(), (pixel, e, padded) -> {
                double v = pixel < 0 ? 0 : x.getDouble(plane * w.pixels() + pixel);
                double b = best[0] < 0 ? 0 : x.getDouble(plane * w.pixels() + best[0]);
                if (pixel >= 0 && (best[0] < 0 || v > b || Double.isNaN(v) && !Double.isNaN(b))) {
                    best[0] = pixel;
                }
            });
            if (best[0] < 0) {
                y.setDouble(
                        i,
                        x.dtype().isFloating()
                                ? Double.NEGATIVE_INFINITY
                                : x.dtype().minInteger());
                places.setLong(i, -1);
                continue;
            }
            x.copyElementTo(plane * w.pixels() + best[0], y, i);
            places.setLong(i, plane * w.pixels() + stored(s, best[0], w.in()));
        }
        return s.outputCount() > 1 ? List.of(y, places) : List.of(y);
    }

    /** The index in row-major or column-major order. In the latter the first spatial axis runs fastest. */
    private static long stored(OperatorModel s, long pixel, long[] in) {
        if (!Long.valueOf(1).equals(s.attribute("storage_order"))) {
            return pixel;
        }
        long rest = pixel;
        long[] place = new long[in.length];
        for (int i = in.length - 1; i >= 0; i--) {
            place[i] = rest % in[i];
            rest /= in[i];
        }
        long at = 0;
        for (int i = in.length - 1; i >= 0; i--) {
            at = at * in[i] + place[i];
        }
        return at;
    }

    private static Tensor averages(OperatorModel s) {
        Tensor x = s.operand(0);
        WindowGeometry w = pool(s);
        boolean all = Long.valueOf(1).equals(s.attribute("count_include_pad"));
        Tensor y = result(x, x.dtype(), x.dim(1), w.out());
        for (long i = 0; i < y.size(); i++) {
            long plane = i / w.count();
            double[] sum = new double[2];
            w.visit(i % w.count(), (pixel, e, padded) -> {
                sum[0] += pixel < 0 ? 0 : x.getDouble(plane * w.pixels() + pixel);
                sum[1] += pixel >= 0 || all && padded ? 1 : 0;
            });
            y.setDouble(i, sum[0] / sum[1]);
        }
        return y;
    }

    private static double order(OperatorModel s) {
        return s.attribute("p") instanceof Long p ? p : s.attribute("p") instanceof Float p ? p : 2;
    }

    private static Tensor norms(OperatorModel s) {
        Tensor x = s.operand(0);
        WindowGeometry w = pool(s);
        double p = order(s);
        Tensor y = result(x, x.dtype(), x.dim(1), w.out());
        for (long i = 0; i < y.size(); i++) {
            long plane = i / w.count();
            double[] sum = new double[1];
            w.visit(
                    i % w.count(),
                    (pixel, e, padded) -> sum[0] +=
                            pixel < 0 ? 0 : StrictMath.pow(Math.abs(x.getDouble(plane * w.pixels() + pixel)), p));
            y.setDouble(i, StrictMath.pow(sum[0], 1 / p));
        }
        return y;
    }

    private static Tensor overAll(OperatorModel s, String kind) {
        Tensor x = s.operand(0);
        long[] ones = new long[x.rank() - 2];
        Arrays.fill(ones, 1);
        Tensor y = result(x, x.dtype(), x.dim(1), ones);
        double p = order(s);
        long n = WindowGeometry.product(WindowGeometry.spatial(x));
        for (long i = 0; i < y.size(); i++) {
            double sum = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (long k = i * n; k < (i + 1) * n; k++) {
                double v = x.getDouble(k);
                sum += kind.equals("lp") ? StrictMath.pow(Math.abs(v), p) : v;
                most = Math.max(most, v);
            }
            y.setDouble(
                    i,
                    switch (kind) {
                        case "max" -> most;
                        case "mean" -> sum / n;
                        default -> StrictMath.pow(sum, 1 / p);
                    });
        }
        return y;
    }

    /** Indices refer to the shape before pooling. The result may be larger. */
    private static Tensor unpool(OperatorModel s) {
        Tensor x = s.operand(0);
        long[] kernel = (long[]) s.attribute("kernel_shape");
        int axes = kernel.length;
        long[] strides = WindowGeometry.list(s, "strides", axes, 1);
        long[] pads = WindowGeometry.list(s, "pads", 2 * axes, 0);
        long[] from = x.dims();
        for (int i = 0; i < axes; i++) {
            from[i + 2] = (x.dim(i + 2) - 1) * strides[i] + kernel[i] - pads[i] - pads[i + axes];
        }
        Tensor y = Tensor.allocate(
                x.dtype(), s.operand(2) == null ? from : s.operand(2).toLongArray());
        for (long i = 0; i < x.size(); i++) {
            long rest = s.operand(1).getLong(i);
            long at = 0;
            long stride = 1;
            for (int d = from.length - 1; d >= 0; d--) {
                at += rest % from[d] * stride;
                rest /= from[d];
                stride *= y.dim(d);
            }
            x.copyElementTo(i, y, at);
        }
        return y;
    }

    private static Tensor fold(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        WindowGeometry w =
                WindowGeometry.of(s, s.operand(1).toLongArray(), s.operand(2).toLongArray());
        int elements = (int) WindowGeometry.product(w.kernel());
        long channels = x.dim(1) / elements;
        Tensor y = result(x, x.dtype(), channels, w.in());
        double[] real = new double[(int) y.size()];
        long[] whole = new long[real.length];
        for (long i = 0; i < x.dim(0) * channels * w.count(); i++) {
            long plane = i / w.count();
            long window = i % w.count();
            w.visit(window, (pixel, e, padded) -> {
                if (pixel >= 0) {
                    long from = (plane * elements + e) * w.count() + window;
                    int to = (int) (plane * w.pixels() + pixel);
                    real[to] += absolute ? Math.abs(x.getDouble(from)) : x.getDouble(from);
                    whole[to] += x.dtype().isInteger() ? x.getLong(from) : 0;
                }
            });
        }
        for (int i = 0; i < real.length; i++) {
            if (x.dtype().isInteger()) {
                y.setLong(i, whole[i]);
            } else {
                y.setDouble(i, real[i]);
            }
        }
        return y;
    }

    private static double absolute(double v, boolean absolute) {
        return absolute ? Math.abs(v) : v;
    }

    private static long group(OperatorModel s) {
        return s.attribute("group") instanceof Long g ? g : 1;
    }

    private static Tensor convolve(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor weights = s.operand(1);
        Tensor bias = s.operand(2);
        long m = weights.dim(0);
        long each = weights.dim(1);
        WindowGeometry w = WindowGeometry.of(s, WindowGeometry.spatial(x), WindowGeometry.spatial(weights));
        long elements = WindowGeometry.product(w.kernel());
        Tensor y = result(x, x.dtype(), m, w.out());
        for (long i = 0; i < y.size(); i++) {
            long out = i / w.count() % m;
            long image = i / w.count() / m;
            double[] sum = {bias == null ? 0 : absolute(bias.getDouble(out), absolute)};
            w.visit(i % w.count(), (pixel, e, padded) -> {
                for (long c = 0; c < each && pixel >= 0; c++) {
                    long channel = image * x.dim(1) + out / (m / group(s)) * each + c;
                    sum[0] += absolute(
                            x.getDouble(channel * w.pixels() + pixel)
                                    * weights.getDouble((out * each + c) * elements + e),
                            absolute);
                }
            });
            y.setDouble(i, sum[0]);
        }
        return y;
    }

    private static Tensor spread(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor weights = s.operand(1);
        Tensor bias = s.operand(2);
        long group = group(s);
        long each = weights.dim(1);
        long m = each * group;
        long channels = x.dim(1) / group;
        WindowGeometry w = WindowGeometry.transposed(s, WindowGeometry.spatial(x), WindowGeometry.spatial(weights));
        long elements = WindowGeometry.product(w.kernel());
        Tensor y = result(x, x.dtype(), m, w.in());
        double[] sums = new double[(int) y.size()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = bias == null ? 0 : absolute(bias.getDouble(i / w.pixels() % m), absolute);
        }
        for (long i = 0; i < x.size(); i++) {
            long plane = i / w.count();
            long c = plane % x.dim(1);
            double v = x.getDouble(i);
            w.visit(i % w.count(), (pixel, e, padded) -> {
                for (long k = 0; k < each && pixel >= 0; k++) {
                    long out = plane / x.dim(1) * m + c / channels * each + k;
                    sums[(int) (out * w.pixels() + pixel)] +=
                            absolute(v * weights.getDouble((c * each + k) * elements + e), absolute);
                }
            });
        }
        for (int i = 0; i < sums.length; i++) {
            y.setDouble(i, sums[i]);
        }
        return y;
    }
}
