package dev.tenon.kernel;

/**
 * What the elements of a result are kept within.
 *
 * @param least what smaller elements become, -infinity to leave them
 * @param greatest what greater ones become, +infinity to leave them; NaN stays
 */
public record Bounds(float least, float greatest) {
    /**
     * A number within the bounds.
     *
     * @param value any number
     * @return the nearest one within the bounds, NaN for NaN
     */
    public float of(float value) {
        float low = value < least ? least : value;
        return low > greatest ? greatest : low;
    }
}
