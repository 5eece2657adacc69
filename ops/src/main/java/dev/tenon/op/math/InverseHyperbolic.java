package dev.tenon.op.math;

/**
 * Inverse hyperbolic functions in double precision: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions,
 * 4.6.20 to 4.6.22, in forms that neither cancel near 0 nor overflow.
 */
final class InverseHyperbolic {
    /** From here on adding 1 to the square changes nothing. */
    private static final double LARGE = 0x1p28;

    private static final double LN_2 = Math.log(2);

    private InverseHyperbolic() {}

    static double asinh(double x) {
        double a = Math.abs(x);
        double result = a > LARGE ? Math.log(a) + LN_2 : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(result, x);
    }

    static double acosh(double x) {
        if (x < 1) {
            return Double.NaN;
        }
        double t = x - 1;
        return x > LARGE ? Math.log(x) + LN_2 : Math.log1p(t + Math.sqrt(t * (t + 2)));
    }

    static double atanh(double x) {
        double a = Math.abs(x);
        return Math.copySign(Math.log1p(2 * a / (1 - a)) / 2, x);
    }
}
