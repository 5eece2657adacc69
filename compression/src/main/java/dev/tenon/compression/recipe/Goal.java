package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.Step;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Timings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The aim of a search, and where work is kept.
 *
 * @param objective what becomes as small as possible while the loss stays within what is allowed
 * @param resume a folder for the state of the work, from which it goes on after it was ended; empty to write none
 * @param timings a file of measured times, which is read if it exists and written otherwise; empty to measure each time
 * @param heal a step that trains what a search has found; empty for none
 */
public record Goal(Objective objective, Optional<Path> resume, Optional<Path> timings, Optional<Step> heal) {
    /**
     * A goal without healing.
     *
     * @param objective what becomes small
     * @param resume a folder for the state of the work
     * @param timings a file of measured times
     */
    public Goal(Objective objective, Optional<Path> resume, Optional<Path> timings) {
        this(objective, resume, timings, Optional.empty());
    }

    /**
     * This goal with healing.
     *
     * @param step trains what a search has found
     * @return the changed copy
     */
    public Goal heal(Step step) {
        return new Goal(objective, resume, timings, Optional.of(step));
    }

    /** {@return the least size, without files} */
    public static Goal smallest() {
        return new Goal(Objective.SIZE, Optional.empty(), Optional.empty());
    }

    /** The times of a model: in the file of times, in the folder of the state, or kept in memory only. */
    Timings times(Model model) {
        return timings.map(Timings::file)
                .or(() -> resume.map(folder -> Timings.folder(folder, model)))
                .orElseGet(Timings::measured);
    }
}
