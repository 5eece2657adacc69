package dev.tenon.compression.search;

import dev.tenon.compression.Trial;

/**
 * The quantity that a search makes small, and the loss that it allows.
 *
 * @param objective the quantity
 * @param allowedLoss the largest loss, in units of the metric
 * @param sizeBytes the bytes of the model before compression
 */
record Ranking(Objective objective, double allowedLoss, long sizeBytes) {
    /** The quantity as a share of that before compression. */
    double value(Trial trial) {
        return switch (objective) {
            case SIZE -> (double) trial.sizeBytes() / sizeBytes;
            case LATENCY -> trial.timing().orElseThrow().ratio();
        };
    }

    boolean isMet(Trial trial) {
        return trial.score().isPresent() && trial.score().get().isWithin(allowedLoss);
    }

    /** Whether a trial is better than another that meets the floor; the loss decides between equal values. */
    boolean isBetter(Trial trial, Trial than) {
        if (!isMet(trial)) {
            return false;
        }
        int byValue = Double.compare(value(trial), value(than));
        return byValue < 0 || byValue == 0 && trial.loss() < than.loss();
    }
}
