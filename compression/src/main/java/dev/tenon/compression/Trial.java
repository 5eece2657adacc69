package dev.tenon.compression;

import java.util.OptionalDouble;

/**
 * A model that a search has tried.
 *
 * @param name the techniques, in short
 * @param sizeBytes the bytes of the model
 * @param loss how much worse it is than the model before compression, in units of the metric; negative if it is better
 * @param latencyMillis the median time of a call with one sample, in milliseconds, if it was measured
 * @param isChosen whether it is the result of the search
 */
public record Trial(String name, long sizeBytes, double loss, OptionalDouble latencyMillis, boolean isChosen) {}
