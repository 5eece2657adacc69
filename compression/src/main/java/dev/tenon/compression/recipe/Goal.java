package dev.tenon.compression.recipe;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The aim of a search, and where work is kept.
 *
 * @param objective what becomes as small as possible while the loss stays within what is allowed
 * @param resume a folder for the state of the work, from which it goes on after it was ended; empty to write none
 * @param timings a file of measured times, which is read if it exists and written otherwise; empty to measure each time
 */
public record Goal(Objective objective, Optional<Path> resume, Optional<Path> timings) {
    /** A quantity that a search makes small. */
    public enum Objective {
        /** The bytes of the model. */
        SIZE,
        /** The time of a call with one sample. */
        LATENCY
    }

    /** {@return the least size, without files} */
    public static Goal smallest() {
        return new Goal(Objective.SIZE, Optional.empty(), Optional.empty());
    }
}
