package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.compression.Score;
import java.util.Optional;

/** The best model that a run has found so far. */
final class BestSoFar {
    private Model model;
    private Optional<Score> score = Optional.empty();

    /** Takes a better model. */
    void accept(Model better, Optional<Score> itsScore) {
        model = better;
        score = itsScore;
    }

    /** The model, if there is one. */
    Optional<Model> model() {
        return Optional.ofNullable(model);
    }

    /** Its score, if it was judged. */
    Optional<Score> score() {
        return score;
    }
}
