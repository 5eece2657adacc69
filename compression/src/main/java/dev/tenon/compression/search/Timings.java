package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.Timing;
import dev.tenon.compression.checkpoint.CheckpointFile;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Measured times, and what was decided by them. A search takes a time from here if it is known, and measures it otherwise. So two
 * searches with the same file make the same choices, although no two measurements are the same.
 *
 * <p>A file belongs to one model. It holds a line for each trial that was timed: its name, a tab, and nanoseconds before
 * compression, after it, and the least difference that is no chance, with spaces between them. Decisions have lines of their own.
 */
public final class Timings {
    private static final String KIND = "tenon timings 1";

    private final Path file;
    private Model owner;
    private CheckpointFile lines;

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

    /**
     * Times that a file in a folder holds. Its name tells the model.
     *
     * @param folder the folder, made when the first time is kept
     * @param model the model before compression
     * @return the times
     */
    public static Timings folder(Path folder, Model model) {
        String name = new Fingerprint().add(model).hex().substring(0, Search.NAME_DIGITS);
        return file(folder.resolve("times-" + name + ".txt"));
    }

    /** The times of a model, read when they are asked for the first time. */
    CheckpointFile open(Model model) {
        if (owner != model) {
            lines = new CheckpointFile(
                    file, KIND, "model " + new Fingerprint().add(model).hex());
            owner = model;
        }
        return lines;
    }

    /**
     * A decision that was made before, or a new one.
     *
     * @param model the model before compression
     * @param name the name of the decision, without tabs and line breaks, and not that of a trial
     * @param maker makes the decision by measuring; the result has no line breaks
     * @return the decision
     * @throws CompressionException if the file can't be read, or belongs to another model
     */
    public String decision(Model model, String name, Supplier<String> maker) {
        CheckpointFile decisions = open(model);
        String known = decisions.get(name, value -> value);
        if (known != null) {
            return known;
        }
        String made = maker.get();
        decisions.put(name, made);
        return made;
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
