package dev.tenon.compression.calibrate;

/**
 * The values that a quantised tensor can hold, before zero is included and the ends are rounded to steps.
 *
 * @param low the least value
 * @param high the greatest value, at least low
 */
public record Range(float low, float high) {
    /** {@return the largest absolute value} */
    public float magnitude() {
        return Math.max(Math.abs(low), Math.abs(high));
    }
}
