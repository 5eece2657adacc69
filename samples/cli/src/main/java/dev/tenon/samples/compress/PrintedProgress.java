package dev.tenon.samples.compress;

import dev.tenon.compression.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Prints a line when another stage begins, and every five seconds, with the best result so far. */
final class PrintedProgress implements Progress {
    private static final long NANOS = 5_000_000_000L;
    private static final int MOST_CHARACTERS = 100;

    private final PrintStream out;
    private final Supplier<String> best;
    private String stage = "";
    private long last = System.nanoTime();

    PrintedProgress(PrintStream out) {
        this(out, () -> "");
    }

    /**
     * A progress.
     *
     * @param out for the lines
     * @param best the best result so far in words; empty if there is none
     */
    PrintedProgress(PrintStream out, Supplier<String> best) {
        this.out = out;
        this.best = best;
    }

    @Override
    public void at(String what, double share, Optional<Duration> remaining) {
        long now = System.nanoTime();
        String begun = what.split(": ", 2)[0];
        if (begun.equals(stage) && now - last < NANOS) {
            return;
        }
        stage = begun;
        last = now;
        String found = best.get();
        String left = remaining
                .filter(d -> d.toSeconds() > 0 && share < 1)
                .map(d -> ", about " + time(d) + " left")
                .orElse("");
        out.printf(
                Locale.ROOT, "%3.0f %%  %s%s%s%n", 100 * share, shown(what), left, found.isEmpty() ? "" : "; " + found);
    }

    /** The begin of a text, since a plan names all its layers. */
    private static String shown(String what) {
        return what.length() <= MOST_CHARACTERS ? what : what.substring(0, MOST_CHARACTERS - 1) + "…";
    }

    private static String time(Duration d) {
        return d.toMinutes() > 0 ? d.toMinutes() + " min " + d.toSecondsPart() + " s" : d.toSeconds() + " s";
    }
}
