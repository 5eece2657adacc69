package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Normalisations by their definitions, with practically exact sums. */
final class Normalizations {
    private static final MathContext DIGITS = new MathContext(60);

    private static final Map<String, BiFunction<OperatorModel, Term, List<Datum>>> ALL = Map.of(
            "LayerNormalization", (s, term) -> layer(s, true, term),
            "RMSNormalization", (s, term) -> layer(s, false, term),
            "GroupNormalization", (s, term) -> channels(s, groups(s), term),
            "InstanceNormalization", (s, term) -> channels(s, s.operand(0).dim(1), term),
            "MeanVarianceNormalization", Normalizations::meanVariance,
            "LRN", (s, term) -> acrossChannels(s));

    /** The statistics of each group of elements. */
    private record Moments(double[] mean, double[] inverse, double[] normal) {}

    /** Computes a term, or its absolute value, from an element and the mean and inverse deviation of its group. */
    @FunctionalInterface
    private interface Term {
        double of(double x, double mean, double inverse);
    }

    private static final Term VALUE = (x, mean, inverse) -> (x - mean) * inverse;
    private static final Term MAGNITUDE = (x, mean, inverse) -> (Math.abs(x) + Math.abs(mean)) * inverse;

    private Normalizations() {}

    static boolean has(OperatorModel model) {
        return ALL.containsKey(model.entry());
    }

    static List<Datum> apply(OperatorModel model) {
        return ALL.get(model.entry()).apply(model, VALUE);
    }

    /** The sums of the absolute values of the terms of results. The error of the mean is relative to the mean. */
    static List<Datum> magnitudes(OperatorModel model) {
        return ALL.get(model.entry()).apply(model, MAGNITUDE);
    }

    private static double real(OperatorModel s, String attribute, double standard) {
        return s.attribute(attribute) instanceof Float f ? f : standard;
    }

    private static long groups(OperatorModel s) {
        return (Long) s.attribute("num_groups");
    }

    private static List<Datum> layer(OperatorModel s, boolean centred, Term term) {
        Tensor x = s.operand(0);
        long axis = s.attribute("axis") instanceof Long a ? a : -1;
        int first = (int) Math.floorMod(axis, (long) x.rank());
        long[] kept = x.dims();
        Arrays.fill(kept, first, kept.length, 1);
        Moments m = moments(x, x.dims(), kept, centred, real(s, "epsilon", 1e-5f), 0, term);
        Tensor scale = s.operand(1);
        Tensor bias = s.operand(2);
        Tensor y = Tensor.allocate(centred ? x.dtype() : scale.dtype(), x.dims());
        for (long i = 0; i < y.size(); i++) {
            double factor = scale.getDouble(BroadcastIndices.from(i, x.dims(), scale.dims()));
            double added = bias == null ? 0 : bias.getDouble(BroadcastIndices.from(i, x.dims(), bias.dims()));
            y.setDouble(i, line(m.normal[(int) i], factor, added, term));
        }
        DType type = s.attribute("stash_type") instanceof Long n ? ElementTypes.of("", n.intValue()) : DType.FLOAT32;
        List<Datum> results = new ArrayList<>(List.of(y, tensor(type, kept, m.mean), tensor(type, kept, m.inverse)));
        return results.subList(0, s.outputCount());
    }

    private static Tensor tensor(DType type, long[] dims, double[] values) {
        Tensor t = Tensor.allocate(type, dims);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    private static List<Datum> channels(OperatorModel s, long groups, Term term) {
        Tensor x = s.operand(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        if (y.size() == 0) {
            return List.of(y);
        }
        long[] dims = {x.dim(0), groups, x.size() / (x.dim(0) * groups)};
        Moments m = moments(x, dims, new long[] {dims[0], dims[1], 1}, true, real(s, "epsilon", 1e-5f), 0, term);
        long channels = x.dim(1);
        long pixels = x.size() / (x.dim(0) * channels);
        for (long i = 0; i < y.size(); i++) {
            long channel = i / pixels % channels;
            long of = s.operand(1).size() == channels ? channel : channel / (channels / groups);
            y.setDouble(
                    i,
                    line(
                            m.normal[(int) i],
                            s.operand(1).getDouble(of),
                            s.operand(2).getDouble(of),
                            term));
        }
        return List.of(y);
    }

    private static List<Datum> meanVariance(OperatorModel s, Term term) {
        Tensor x = s.operand(0);
        long[] kept = x.dims();
        for (long a : s.attribute("axes") instanceof long[] axes ? axes : new long[] {0, 2, 3}) {
            kept[(int) Math.floorMod(a, (long) kept.length)] = 1;
        }
        return List.of(tensor(x.dtype(), x.dims(), moments(x, x.dims(), kept, true, 0, 1e-9, term).normal));
    }

    private static List<Datum> acrossChannels(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        long size = (Long) s.attribute("size");
        double beta = real(s, "beta", 0.75f);
        long inner = x.dim(2) * x.dim(3);
        for (long i = 0; i < y.size(); i++) {
            long channel = i / inner % x.dim(1);
            BigDecimal sum = BigDecimal.ZERO;
            double odd = 0;
            for (long c = channel - (size - 1) / 2; c <= channel + size / 2; c++) {
                double v = c >= 0 && c < x.dim(1) ? x.getDouble(i + (c - channel) * inner) : 0;
                if (Double.isFinite(v)) {
                    sum = sum.add(new BigDecimal(v).pow(2), DIGITS);
                } else {
                    odd += v * v;
                }
            }
            double base = real(s, "bias", 1) + real(s, "alpha", 1e-4f) / size * (sum.doubleValue() + odd);
            y.setDouble(i, x.getDouble(i) * StrictMath.exp(-beta * StrictMath.log(base)));
        }
        return List.of(y);
    }

    /**
     * Normalises the elements that share an index in {@code kept}.
     *
     * @param within added to the variance
     * @param after added to its root
     */
    private static Moments moments(
            Tensor x, long[] dims, long[] kept, boolean centred, double within, double after, Term term) {
        int groups = (int) Arrays.stream(kept).reduce(1, (a, b) -> a * b);
        double[] sums = new double[groups];
        BigDecimal[] exact = new BigDecimal[groups];
        BigDecimal[] squares = new BigDecimal[groups];
        int[] count = new int[groups];
        Arrays.fill(exact, BigDecimal.ZERO);
        Arrays.fill(squares, BigDecimal.ZERO);
        for (long i = 0; i < x.size(); i++) {
            int g = (int) BroadcastIndices.from(i, dims, kept);
            double v = x.getDouble(i);
            sums[g] += centred ? v : v * v;
            count[g]++;
            if (Double.isFinite(v)) {
                exact[g] = exact[g].add(new BigDecimal(v));
                squares[g] = squares[g].add(new BigDecimal(v).pow(2), DIGITS);
            }
        }
        double[] mean = new double[groups];
        double[] inverse = new double[groups];
        for (int g = 0; g < groups; g++) {
            if (count[g] == 0 || !Double.isFinite(sums[g])) {
                mean[g] = centred && count[g] > 0 ? sums[g] : Double.NaN;
                inverse[g] = centred || Double.isNaN(sums[g]) ? Double.NaN : 0;
                continue;
            }
            BigDecimal n = new BigDecimal(count[g]);
            BigDecimal m = centred ? exact[g].divide(n, DIGITS) : BigDecimal.ZERO;
            BigDecimal variance =
                    squares[g].divide(n, DIGITS).subtract(m.pow(2)).max(BigDecimal.ZERO);
            mean[g] = m.doubleValue();
            inverse[g] = 1 / (Math.sqrt(variance.add(new BigDecimal(within)).doubleValue()) + after);
        }
        double[] normal = new double[(int) x.size()];
        for (int i = 0; i < normal.length; i++) {
            int g = (int) BroadcastIndices.from(i, dims, kept);
            normal[i] = term.of(x.getDouble(i), centred ? mean[g] : 0, inverse[g]);
        }
        return new Moments(mean, inverse, normal);
    }

    private static double line(double normal, double factor, double added, Term term) {
        return term.equals(VALUE) ? normal * factor + added : normal * Math.abs(factor) + Math.abs(added);
    }
}
