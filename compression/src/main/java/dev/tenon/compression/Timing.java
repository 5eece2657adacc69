package dev.tenon.compression;

/**
 * Times of a call with one sample, measured in turns.
 *
 * @param beforeNanos the median time of the model before compression, in nanoseconds
 * @param afterNanos the median time of the compressed model, in nanoseconds
 * @param noiseNanos the least difference that is no chance, in nanoseconds
 */
public record Timing(long beforeNanos, long afterNanos, long noiseNanos) {
    /** {@return the time as a share of the time before; 1 if the difference may be chance} */
    public double ratio() {
        boolean isChance = Math.abs(beforeNanos - afterNanos) <= noiseNanos || beforeNanos <= 0;
        return isChance ? 1 : (double) afterNanos / beforeNanos;
    }
}
