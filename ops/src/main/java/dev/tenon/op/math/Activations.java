package dev.tenon.op.math;

/** Functions that several activations share, in double precision and without overflow. */
final class Activations {
    private Activations() {}

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** The nearest number within two bounds; NaN for NaN. */
    static double clamp(double x, double least, double greatest) {
        return x < least ? least : x > greatest ? greatest : x;
    }
}
