package dev.tenon.compression.recipe;

import dev.tenon.error.InvalidOptionException;

/**
 * Limits of a recipe that is read from a file or a text. They are looked at before memory is taken.
 *
 * @param maxBytes the most bytes of a file, or code units of a text, above 0
 * @param maxSteps the most steps, above 0
 */
public record RecipeLimits(int maxBytes, int maxSteps) {
    private static final RecipeLimits STANDARD = new RecipeLimits(1 << 24, 1000);

    /**
     * Checks the limits.
     *
     * @throws InvalidOptionException if one is less than 1
     */
    public RecipeLimits {
        atLeastOne("maxBytes", maxBytes);
        atLeastOne("maxSteps", maxSteps);
    }

    private static void atLeastOne(String name, int limit) {
        if (limit < 1) {
            throw new InvalidOptionException("RecipeLimits." + name, Integer.toString(limit), "1 or more", null);
        }
    }

    /** {@return the standard limits: 16 MiB and 1,000 steps} */
    public static RecipeLimits standard() {
        return STANDARD;
    }

    /**
     * Sets the most bytes.
     *
     * @param bytes the most bytes of a file, or code units of a text, above 0
     * @return new limits
     * @throws InvalidOptionException if it is less than 1
     */
    public RecipeLimits maxBytes(int bytes) {
        return new RecipeLimits(bytes, maxSteps);
    }

    /**
     * Sets the most steps.
     *
     * @param steps the most steps, above 0
     * @return new limits
     * @throws InvalidOptionException if it is less than 1
     */
    public RecipeLimits maxSteps(int steps) {
        return new RecipeLimits(maxBytes, steps);
    }
}
