package dev.tenon.compression.quantize.weights;

/**
 * How far weights are from those before.
 *
 * @param zeros the share of weights that are 0 now, in [0, 1]
 * @param decibels the signal to noise ratio in dB, infinite if no weight has changed
 */
record WeightError(double zeros, double decibels) {
    static WeightError of(float[] before, float[] after) {
        long zeros = 0;
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < before.length; i++) {
            double e = before[i] - (double) after[i];
            zeros += after[i] == 0 ? 1 : 0;
            signal += before[i] * (double) before[i];
            noise += e * e;
        }
        return new WeightError(
                (double) zeros / Math.max(1, before.length),
                noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise));
    }
}
