package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Score;
import java.util.Locale;
import java.util.Optional;

/** The best model that a run has found so far. */
final class BestSoFar {
    private Model model;
    private Optional<Score> score = Optional.empty();
    private String text = "";

    /** Takes a better model. */
    void accept(Model better, Optional<Score> itsScore) {
        model = better;
        score = itsScore;
        text = String.format(
                Locale.ROOT,
                "best so far: %,d bytes%s",
                ModelSize.bytes(better),
                itsScore.map(s -> String.format(Locale.ROOT, ", loss %.4g", s.loss()))
                        .orElse(""));
    }

    /** The model, if there is one. */
    Optional<Model> model() {
        return Optional.ofNullable(model);
    }

    /** Its score, if it was judged. */
    Optional<Score> score() {
        return score;
    }

    /** Its size and its loss; empty if there is none. */
    String text() {
        return text;
    }
}
