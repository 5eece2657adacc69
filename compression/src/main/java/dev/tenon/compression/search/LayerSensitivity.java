package dev.tenon.compression.search;

import dev.tenon.compression.Score;

/**
 * The effect of an option on a single layer, while all other layers stay as they are.
 *
 * @param layer the name of the layer
 * @param option the name of the option
 * @param trial the model with only this change
 * @param savedBytes the bytes by which the file gets smaller; negative if it gets larger
 */
public record LayerSensitivity(String layer, String option, SearchTrial trial, long savedBytes) {
    /**
     * How far the option moves the outputs, as {@link Score#harm}.
     *
     * @return at least 0, more is worse; infinite if the option can't be applied
     */
    public double harm() {
        return trial.score().map(Score::harm).orElse(Double.POSITIVE_INFINITY);
    }
}
