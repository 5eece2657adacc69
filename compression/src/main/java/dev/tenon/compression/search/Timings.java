package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.checkpoint.Lines;
import dev.tenon.compression.Fingerprint;
import java.nio.file.Path;

/**
 * Measured times of the models of a search. A search takes a time from here if it is known, and measures it otherwise. So two
 * searches with the same file make the same choices, although no two measurements are the same.
 *
 * <p>A file holds a line for each model that was timed: the name of the trial, a tab, and nanoseconds before compression, after
 * it, and the least difference that is no chance, with spaces between them.
 */
public final class Timings {
    private static final String KIND = "tenon timings 1";

    private final Path file;

    private Timings(Path file) {
        this.file = file;
    }

    /** {@return times that are measured and kept in memory only} */
    public static Timings measured() {
        return new Timings(null);
    }

    /**
     * Times that a file holds. Further times are measured and added to it.
     *
     * @param file the file, made when the first time is measured if it does not exist
     * @return the times
     */
    public static Timings file(Path file) {
        return new Timings(file);
    }

    /** The times of a model. */
    Lines open(Model model) {
        return new Lines(file, KIND, "model " + new Fingerprint().add(model).hex());
    }

    static String line(Timing timing) {
        return timing.beforeNanos() + " " + timing.afterNanos() + " " + timing.noiseNanos();
    }

    static Timing parse(String line) {
        String[] f = line.split(" ", -1);
        if (f.length != 3) {
            throw new IllegalArgumentException(f.length + " numbers instead of 3");
        }
        return new Timing(Long.parseLong(f[0]), Long.parseLong(f[1]), Long.parseLong(f[2]));
    }
}
