package dev.tenon.op.math;

/**
 * The error function in double precision: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 7.1.6 (a
 * series of terms of one sign) and 7.1.14 (a continued fraction).
 */
final class ErrorFunction {
    private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
    /** From here on erf is 1 in double precision. */
    private static final double SATURATION = 6;
    /** From here on the complement is 0 in double precision. */
    private static final double UNDERFLOW = 28;

    private static final double SERIES_LIMIT = 2.5;
    private static final int FRACTION_TERMS = 120;

    private ErrorFunction() {}

    static double erf(double x) {
        return Math.abs(x) > SATURATION ? Math.signum(x) : series(x);
    }

    /** 1 - erf(x), without cancellation. */
    static double complement(double x) {
        if (!(x > SERIES_LIMIT)) {
            return 1 - erf(x);
        }
        if (x > UNDERFLOW) {
            return 0;
        }
        double fraction = x;
        for (int k = FRACTION_TERMS; k > 0; k--) {
            fraction = x + k / 2.0 / fraction;
        }
        return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
    }

    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int k = 1; Math.abs(term) > Math.ulp(sum) / 4; k++) {
            term *= 2 * x * x / (2 * k + 1);
            sum += term;
        }
        return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
    }
}
