package dev.tenon.samples.compress;

import dev.tenon.compression.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Prints a line when another task begins, and every five seconds. */
final class PrintedProgress implements Progress {
    private static final long NANOS = 5_000_000_000L;

    private final PrintStream out;
    private String task = "";
    private long last = System.nanoTime();

    PrintedProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void at(String what, double share, Optional<Duration> remaining) {
        long now = System.nanoTime();
        if (what.equals(task) && now - last < NANOS) {
            return;
        }
        task = what;
        last = now;
        String left = remaining
                .filter(d -> d.toSeconds() > 0 && share < 1)
                .map(d -> ", about " + time(d) + " left")
                .orElse("");
        out.printf(Locale.ROOT, "%3.0f %%  %s%s%n", 100 * share, what, left);
    }

    private static String time(Duration d) {
        return d.toMinutes() > 0 ? d.toMinutes() + " min " + d.toSecondsPart() + " s" : d.toSeconds() + " s";
    }
}
