package dev.tenon.kernel;

/**
 * The range to which the elements of a result are clipped, as by Relu or Clip.
 *
 * @param min the lower bound, negative infinity for none
 * @param max the upper bound, positive infinity for none
 */
public record Bounds(float min, float max) {
    /**
     * Clips a number.
     *
     * @param value any number
     * @return the nearest number within the bounds; NaN for NaN
     */
    public float clamp(float value) {
        float low = value < min ? min : value;
        return low > max ? max : low;
    }
}
