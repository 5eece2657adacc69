package dev.tenon.compression.search;

/**
 * The quantity that a search makes small, and the loss that it allows.
 *
 * @param objective the quantity
 * @param allowedLoss the largest loss, in units of the metric
 * @param sizeBytes the bytes of the model before compression
 */
record Ranking(Objective objective, double allowedLoss, long sizeBytes) {
    /** The quantity as a share of that before compression. */
    double value(SearchTrial trial) {
        return switch (objective) {
            case SIZE -> (double) trial.sizeBytes() / sizeBytes;
            case LATENCY -> trial.timing().orElseThrow().ratio();
        };
    }

    boolean isMet(SearchTrial trial) {
        return trial.score().isPresent() && trial.score().get().isWithin(allowedLoss);
    }

    /** Whether a trial is better than another that meets the floor; the loss decides between equal values. */
    boolean isBetter(SearchTrial trial, SearchTrial than) {
        if (!isMet(trial)) {
            return false;
        }
        int byValue = Double.compare(value(trial), value(than));
        return byValue < 0 || byValue == 0 && trial.loss() < than.loss();
    }
}
