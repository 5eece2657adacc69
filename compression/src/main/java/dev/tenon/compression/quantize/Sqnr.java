package dev.tenon.compression.quantize;

/** The ratio of a signal to the noise that quantisation adds. */
final class Sqnr {
    private static final double MOST = 200;

    private Sqnr() {}

    /** The ratio of the sum of squares of the values to that of their errors, in dB; at most 200, where nothing is lost. */
    static double of(float[] values, float[] quantized) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < values.length; i++) {
            double error = (double) values[i] - quantized[i];
            signal += (double) values[i] * values[i];
            noise += error * error;
        }
        return noise == 0 ? MOST : Math.min(MOST, 10 * Math.log10(signal / noise));
    }
}
