package dev.tenon.differential;

import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Mathematical functions of numbers in double precision or of unbounded integers, independent of the library. Results
 * are compared with them if the peer does not have a type, or is less accurate than the operator must be.
 */
public final class Formulas {
    /** A function of one real element. Its constants are attributes of the model. */
    @FunctionalInterface
    interface Formula {
        double at(double x, OperatorModel model);
    }

    /** A function of the real elements at one index. */
    @FunctionalInterface
    interface Reals {
        double at(double[] x, OperatorModel model);
    }

    /** A function of the integer elements at one index, before it wraps. */
    @FunctionalInterface
    interface Wholes {
        BigInteger at(BigInteger[] x, OperatorModel model);
    }

    private static final Map<String, Reals> REALS = reals();
    private static final Map<String, Wholes> WHOLES = wholes();

    private Formulas() {}

    /** Whether there is a formula for the operator and the type of its first operand. */
    static boolean has(OperatorModel model) {
        Tensor x = model.operand(0);
        if (StandardDefinitions.has(model) || Definitions.has(model) || Normalizations.has(model)) {
            return true;
        }
        return x != null
                && !model.entry().equals("Where")
                && (x.dtype().isFloating() ? REALS : WHOLES).containsKey(model.entry());
    }

    /** All results. */
    public static List<Datum> results(OperatorModel model) {
        if (Normalizations.has(model)) {
            return Normalizations.apply(model);
        }
        return StandardDefinitions.has(model)
                ? List.copyOf(StandardDefinitions.apply(model))
                : List.of(elements(model));
    }

    /** The function of the elements at each index, rounded to or wrapped in the type of the first operand. */
    private static Tensor elements(OperatorModel model) {
        if (Definitions.has(model)) {
            return Definitions.apply(model);
        }
        List<Tensor> operands = model.operands();
        Tensor first = operands.getFirst();
        long[] dims = {};
        for (Tensor t : operands) {
            dims = BroadcastIndices.broadcast(dims, t.dims());
        }
        Tensor y = Tensor.allocate(first.dtype(), dims);
        double[] x = new double[operands.size()];
        BigInteger[] n = new BigInteger[operands.size()];
        for (long i = 0; i < y.size(); i++) {
            for (int k = 0; k < x.length; k++) {
                Tensor t = operands.get(k);
                long at = BroadcastIndices.from(i, dims, t.dims());
                x[k] = t.getDouble(at);
                n[k] = t.dtype().isFloating() ? null : Tensors.exact(t, at);
            }
            if (first.dtype().isFloating()) {
                y.setDouble(i, REALS.get(model.entry()).at(x, model));
            } else {
                y.setLong(i, WHOLES.get(model.entry()).at(n, model).longValue());
            }
        }
        return y;
    }

    private static double real(OperatorModel model, String attribute, double standard) {
        return model.attribute(attribute) instanceof Float f ? f : standard;
    }

    private static Map<String, Reals> reals() {
        Map<String, Formula> unary = new HashMap<>();
        trigonometric(unary);
        activations(unary);
        Map<String, Reals> all = new HashMap<>();
        unary.forEach((name, f) -> all.put(name, (x, s) -> f.at(x[0], s)));
        all.put("Mean", (x, s) -> Arrays.stream(x).map(v -> v / x.length).sum());
        all.put("PRelu", (x, s) -> x[0] < 0 ? x[0] * x[1] : x[0]);
        all.put("Pow", (x, s) -> x[0] == 1 || x[0] == -1 && Double.isInfinite(x[1]) ? 1 : StrictMath.pow(x[0], x[1]));
        return Map.copyOf(all);
    }

    private static Map<String, Wholes> wholes() {
        Map<String, Wholes> all = new HashMap<>();
        all.put("Where", (x, s) -> x[0].signum() != 0 ? x[1] : x[2]);
        all.put("Relu", (x, s) -> x[0].max(BigInteger.ZERO));
        all.put("PRelu", (x, s) -> x[0].signum() < 0 ? x[0].multiply(x[1]) : x[0]);
        all.put("Div", (x, s) -> x[0].divide(x[1]));
        all.put("Mod", (x, s) -> remainder(x[0], x[1], Long.valueOf(1).equals(s.attribute("fmod"))));
        all.put("Erf", (x, s) -> BigInteger.valueOf((long) erf(x[0].doubleValue())));
        all.put("Shrink", Formulas::shrink);
        all.put(
                "BitShift",
                (x, s) -> s.attribute("direction").equals("LEFT")
                        ? x[0].shiftLeft(x[1].intValue())
                        : x[0].shiftRight(x[1].intValue()));
        return Map.copyOf(all);
    }

    private static BigInteger shrink(BigInteger[] x, OperatorModel s) {
        BigDecimal n = new BigDecimal(x[0]);
        BigDecimal lambda = new BigDecimal(real(s, "lambd", 0.5));
        BigDecimal bias = new BigDecimal(real(s, "bias", 0));
        boolean below = n.compareTo(lambda.negate()) < 0;
        boolean beyond = below || n.compareTo(lambda) > 0;
        return beyond ? (below ? n.add(bias) : n.subtract(bias)).toBigInteger() : BigInteger.ZERO;
    }

    /** The remainder with the sign of the dividend or of the divisor. */
    private static BigInteger remainder(BigInteger a, BigInteger b, boolean ofDividend) {
        BigInteger r = a.remainder(b);
        return ofDividend || r.signum() * b.signum() >= 0 ? r : r.add(b);
    }

    private static void trigonometric(Map<String, Formula> all) {
        all.put("Exp", (x, s) -> StrictMath.exp(x));
        all.put("Log", (x, s) -> StrictMath.log(x));
        all.put("Sin", (x, s) -> StrictMath.sin(x));
        all.put("Cos", (x, s) -> StrictMath.cos(x));
        all.put("Tan", (x, s) -> StrictMath.tan(x));
        all.put("Asin", (x, s) -> StrictMath.asin(x));
        all.put("Acos", (x, s) -> StrictMath.acos(x));
        all.put("Atan", (x, s) -> StrictMath.atan(x));
        all.put("Sinh", (x, s) -> StrictMath.sinh(x));
        all.put("Cosh", (x, s) -> StrictMath.cosh(x));
        all.put("Tanh", (x, s) -> StrictMath.tanh(x));
        all.put("Asinh", (x, s) -> asinh(x));
        all.put(
                "Acosh",
                (x, s) -> x > 1e8 ? StrictMath.log(x) + StrictMath.log(2) : 2 * asinh(StrictMath.sqrt((x - 1) / 2)));
        all.put(
                "Atanh",
                (x, s) -> Math.abs(x) < 1e-4 ? x * (1 + x * x / 3) : (StrictMath.log1p(x) - StrictMath.log1p(-x)) / 2);
        all.put("Erf", (x, s) -> erf(x));
    }

    private static void activations(Map<String, Formula> all) {
        all.put("Sigmoid", (x, s) -> sigmoid(x));
        all.put("Softplus", (x, s) -> softplus(x));
        all.put("ParametricSoftplus", (x, s) -> real(s, "alpha", 1) * softplus(real(s, "beta", 1) * x));
        all.put("Softsign", (x, s) -> Double.isInfinite(x) ? Double.NaN : x / (1 + Math.abs(x)));
        all.put("HardSwish", (x, s) -> x * (Math.clamp(x + 3, 0.0, 6.0) / 6));
        all.put("HardSigmoid", (x, s) -> Math.clamp(real(s, "alpha", 0.2f) * x + real(s, "beta", 0.5f), 0.0, 1.0));
        all.put("Mish", (x, s) -> x * StrictMath.tanh(softplus(x)));
        all.put("Swish", (x, s) -> x * sigmoid(real(s, "alpha", 1) * x));
        all.put("LeakyRelu", (x, s) -> x < 0 ? real(s, "alpha", 0.01f) * x : x);
        all.put("ThresholdedRelu", (x, s) -> x > real(s, "alpha", 1) ? x : 0);
        all.put("Elu", (x, s) -> x < 0 ? real(s, "alpha", 1) * StrictMath.expm1(x) : x);
        all.put("Celu", (x, s) -> x < 0 ? real(s, "alpha", 1) * StrictMath.expm1(x / real(s, "alpha", 1)) : x);
        all.put(
                "Selu",
                (x, s) -> real(s, "gamma", 1.05070102214813232421875f)
                        * (x > 0 ? x : real(s, "alpha", 1.67326319217681884765625f) * StrictMath.expm1(x)));
        all.put("Gelu", (x, s) -> gelu(x, "tanh".equals(s.attribute("approximate"))));
        all.put("Shrink", (x, s) -> {
            double lambda = real(s, "lambd", 0.5);
            double bias = real(s, "bias", 0);
            return x < -lambda ? x + bias : x > lambda ? x - bias : 0;
        });
    }

    private static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    private static double softplus(double x) {
        return x > 40 ? x : StrictMath.log1p(StrictMath.exp(x));
    }

    /** The operand times the cumulative normal distribution, or an approximation. */
    public static double gelu(double x, boolean byTanh) {
        if (byTanh) {
            return x * sigmoid(2 * StrictMath.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
        }
        return x * (erfc(-x / StrictMath.sqrt(2)) / 2);
    }

    /** The inverse hyperbolic sine as a logarithm, or as a series near 0. */
    private static double asinh(double x) {
        double a = Math.abs(x);
        double y = a < 1e-4
                ? a * (1 - a * a / 6)
                : a > 1e8
                        ? StrictMath.log(a) + StrictMath.log(2)
                        : StrictMath.log1p(a + a * a / (1 + StrictMath.sqrt(1 + a * a)));
        return Math.copySign(y, x);
    }

    /** The series of positive terms, Abramowitz and Stegun 7.1.6. */
    private static double erf(double x) {
        if (Double.isNaN(x) || Math.abs(x) > 6) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-20 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
    }

    /** For large operands the continued fraction, Abramowitz and Stegun 7.1.14. */
    private static double erfc(double x) {
        if (x < 2 || Double.isNaN(x)) {
            return 1 - erf(x);
        }
        double tail = 0;
        for (int k = 200; k > 0; k--) {
            tail = k / 2.0 / (x + tail);
        }
        return StrictMath.exp(-x * x) / StrictMath.sqrt(Math.PI) / (x + tail);
    }

    /** The sums of the absolute values of the terms of each result, or null if the operator computes them itself. */
    static List<Datum> magnitudes(OperatorModel model) {
        if (Normalizations.has(model)) {
            return Normalizations.magnitudes(model);
        }
        Tensor magnitude = model.entry().equals("Det")
                ? Definitions.determinants(model.operand(0), true)
                : StandardDefinitions.magnitude(model);
        return magnitude == null ? null : List.of(magnitude);
    }
}
