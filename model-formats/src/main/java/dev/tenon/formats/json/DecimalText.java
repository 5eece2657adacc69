package dev.tenon.formats.json;

import tools.jackson.core.io.NumberInput;

/** Numbers in decimal notation. */
public final class DecimalText {
    private DecimalText() {}

    /**
     * The number that a text means, by the rules of {@link Double#parseDouble} and with the same result, but several times faster
     * for numbers of many digits.
     *
     * @param text the text
     * @return the nearest double
     * @throws NumberFormatException if it is no number
     */
    public static double float64(String text) {
        return NumberInput.parseDouble(text, true);
    }
}
