package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Transforms and windows, summed term by term. */
final class SignalDefinitions {
    private SignalDefinitions() {}

    static void add(
            Map<String, StandardDefinitions.Computation> all, Map<String, StandardDefinitions.Magnitude> magnitudes) {
        all.put("HannWindow", s -> window(s, a -> (1 - StrictMath.cos(a)) / 2));
        all.put("HammingWindow", s -> window(s, a -> 25 / 46.0 - 21 / 46.0 * StrictMath.cos(a)));
        all.put("BlackmanWindow", s -> window(s, a -> 0.42 + 0.08 * StrictMath.cos(2 * a) - 0.5 * StrictMath.cos(a)));
        all.put("DFT", s -> List.of(transform(s, false)));
        magnitudes.put("DFT", s -> transform(s, true));
        all.put("STFT", s -> List.of(frames(s, false)));
        magnitudes.put("STFT", s -> frames(s, true));
        all.put("MelWeightMatrix", s -> List.of(bands(s)));
        for (String name : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            magnitudes.put(name, s -> ones(s));
        }
    }

    private static DType type(OperatorModel s) {
        return s.attribute("output_datatype") instanceof Long n
                ? ElementTypes.of(s.operator(), n.intValue())
                : DType.FLOAT32;
    }

    private static Tensor ones(OperatorModel s) {
        Tensor y = Tensor.allocate(type(s), s.operand(0).getLong(0));
        for (long i = 0; i < y.size(); i++) {
            y.setLong(i, 1);
        }
        return y;
    }

    private static List<Tensor> window(OperatorModel s, DoubleUnaryOperator f) {
        Tensor y = ones(s);
        long n = Long.valueOf(0).equals(s.attribute("periodic")) ? y.size() - 1 : y.size();
        for (long i = 0; i < y.size() && n > 0; i++) {
            double v = f.applyAsDouble(2 * Math.PI * i / n);
            if (y.dtype().isFloating()) {
                y.setDouble(i, v);
            } else {
                y.setLong(i, (long) v);
            }
        }
        return List.of(y);
    }

    /** The sum of the elements of a line, each rotated by its angle, or of their absolute values. */
    private static double[] sum(double[] re, double[] im, long bin, boolean inverse, boolean absolute) {
        int n = re.length;
        double real = 0;
        double imaginary = 0;
        for (int i = 0; i < n; i++) {
            if (absolute) {
                real += Math.abs(re[i]) + Math.abs(im[i]);
                continue;
            }
            double angle = (inverse ? 2 : -2) * Math.PI * (bin * i % n) / n;
            double c = StrictMath.cos(angle);
            double d = StrictMath.sin(angle);
            real += re[i] * c - im[i] * d;
            imaginary += re[i] * d + im[i] * c;
        }
        double scale = inverse ? n : 1;
        return new double[] {real / scale, absolute ? real / scale : imaginary / scale};
    }

    private static int axis(OperatorModel s) {
        long given = s.operand(2) != null
                ? s.operand(2).getLong(0)
                : s.attribute("axis") instanceof Long a ? a : s.version() < 20 ? 1 : -2;
        return (int) Math.floorMod(given, (long) s.operand(0).rank());
    }

    /** Whether the operand is one half of a spectrum. The other half is its conjugate. */
    static boolean isHalf(OperatorModel s) {
        return Long.valueOf(1).equals(s.attribute("inverse")) && Long.valueOf(1).equals(s.attribute("onesided"));
    }

    /** The length of the signal. */
    static long signal(OperatorModel s) {
        return s.operand(0).dim(axis(s));
    }

    /** The length of the transforms of a model of DFT or STFT. */
    static int length(OperatorModel s) {
        Tensor x = s.operand(0);
        if (s.operator().equals("STFT")) {
            Tensor window = s.operand(2);
            return (int) (s.operand(3) != null ? s.operand(3).getLong(0) : window != null ? window.size() : x.dim(1));
        }
        return (int) (s.operand(1) != null ? s.operand(1).getLong(0) : isHalf(s) ? 2 * (signal(s) - 1) : signal(s));
    }

    private static Tensor transform(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        boolean inverse = Long.valueOf(1).equals(s.attribute("inverse"));
        boolean half = Long.valueOf(1).equals(s.attribute("onesided"));
        int rank = x.rank();
        int axis = axis(s);
        long signal = x.dim(axis);
        int n = length(s);
        long[] dims = x.dims();
        dims[axis] = half && !inverse ? n / 2 + 1 : n;
        dims[rank - 1] = half && inverse ? 1 : 2;
        Tensor y = Tensor.allocate(x.dtype(), dims);
        long inner = 1;
        for (int i = axis + 1; i < rank - 1; i++) {
            inner *= dims[i];
        }
        long width = x.dim(rank - 1);
        double[] re = new double[n];
        double[] im = new double[n];
        for (long i = 0; i < y.size() / dims[rank - 1]; i++) {
            long bin = i / inner % dims[axis];
            long line = i / inner / dims[axis];
            Arrays.fill(re, 0);
            Arrays.fill(im, 0);
            for (int k = 0; k < n; k++) {
                boolean mirrored = half && inverse && k > n / 2;
                long from = mirrored ? n - k : k;
                if (from < signal) {
                    long at = ((line * signal + from) * inner + i % inner) * width;
                    re[k] = x.getDouble(at);
                    im[k] = width == 2 ? (mirrored ? -1 : 1) * x.getDouble(at + 1) : 0;
                }
            }
            if (half && inverse) {
                im[0] = 0;
                im[n / 2] = n % 2 == 0 ? 0 : im[n / 2];
            }
            double[] v = sum(re, im, bin, inverse, absolute);
            for (int k = 0; k < dims[rank - 1]; k++) {
                y.setDouble(i * dims[rank - 1] + k, v[k]);
            }
        }
        return y;
    }

    private static Tensor frames(OperatorModel s, boolean absolute) {
        Tensor x = s.operand(0);
        Tensor window = s.operand(2);
        long step = s.operand(1).getLong(0);
        int n = length(s);
        boolean half = !Long.valueOf(0).equals(s.attribute("onesided"));
        long count = (x.dim(1) - n) / step + 1;
        int bins = half ? n / 2 + 1 : n;
        int width = x.rank() == 3 ? (int) x.dim(2) : 1;
        Tensor y = Tensor.allocate(x.dtype(), x.dim(0), count, bins, 2);
        double[] re = new double[n];
        double[] im = new double[n];
        for (long i = 0; i < y.size() / 2; i++) {
            long frame = i / bins % count;
            for (int k = 0; k < n; k++) {
                long at = (i / bins / count * x.dim(1) + frame * step + k) * width;
                double w = window == null ? 1 : window.getDouble(k);
                re[k] = w * x.getDouble(at);
                im[k] = width == 2 ? w * x.getDouble(at + 1) : 0;
            }
            double[] v = sum(re, im, i % bins, false, absolute);
            y.setDouble(2 * i, v[0]);
            y.setDouble(2 * i + 1, v[1]);
        }
        return y;
    }

    /** The triangles of the mel scale, as the standard's description of the operator builds them. */
    private static Tensor bands(OperatorModel s) {
        int bands = (int) s.operand(0).getLong(0);
        long length = s.operand(1).getLong(0);
        long rate = s.operand(2).getLong(0);
        double low = 2595 * StrictMath.log10(1 + s.operand(3).getDouble(0) / 700);
        double high = 2595 * StrictMath.log10(1 + s.operand(4).getDouble(0) / 700);
        long[] bins = new long[bands + 2];
        for (int i = 0; i < bins.length; i++) {
            double hertz = 700 * (StrictMath.pow(10, (i * ((high - low) / bins.length) + low) / 2595) - 1);
            bins[i] = (long) Math.floor((length + 1) * hertz / rate);
        }
        Tensor y = Tensor.allocate(type(s), length / 2 + 1, bands);
        for (int b = 0; b < bands; b++) {
            for (long k = bins[b]; k <= bins[b + 2]; k++) {
                double v = k == bins[b + 1]
                        ? 1
                        : k < bins[b + 1]
                                ? (k - bins[b]) / (double) (bins[b + 1] - bins[b])
                                : (bins[b + 2] - k) / (double) (bins[b + 2] - bins[b + 1]);
                if (y.dtype().isFloating()) {
                    y.setDouble(k * bands + b, v);
                } else {
                    y.setLong(k * bands + b, (long) v);
                }
            }
        }
        return y;
    }
}
