package dev.tenon.benchmarks.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of a decoder on some threads, as {@link GenerateRun} measures them. */
final class GenerateFigures {
    private static final double PERCENT = 100;

    /** The least times of both engines for the same texts. Those of a peer that is not there stay {@link Writer.Time#NEVER}. */
    static final class Pair {
        private Writer.Time ours = Writer.Time.NEVER;
        private Writer.Time theirs = Writer.Time.NEVER;

        void add(Writer.Time own, Writer.Time peer) {
            ours = ours.least(own);
            theirs = peer == null ? theirs : theirs.least(peer);
        }
    }

    /**
     * A row of the table and of the picture.
     *
     * @param what what was measured
     * @param unit the unit of both numbers
     * @param ours the number of Tenon
     * @param theirs that of llama.cpp; NaN without it
     * @param isRate whether more is better
     * @param note what else is known
     */
    record Row(String what, String unit, double ours, double theirs, boolean isRate, String note) {
        /** {@return how many times as fast or as small Tenon is} */
        double gain() {
            return isRate ? ours / theirs : theirs / ours;
        }
    }

    private final DecoderCase decoder;
    private final int threads;
    private final Ceilings ceilings;
    private final Pair one = new Pair();
    private final Pair several = new Pair();
    private double uncached = Double.MAX_VALUE;
    private double cached = Double.MAX_VALUE;
    private double[] ourStart = {Double.MAX_VALUE, Double.MAX_VALUE};
    private double[] theirStart = {Double.NaN, Double.NaN};

    GenerateFigures(DecoderCase decoder, int threads, Ceilings ceilings) {
        this.decoder = decoder;
        this.threads = threads;
        this.ceilings = ceilings;
    }

    int threads() {
        return threads;
    }

    Ceilings ceilings() {
        return ceilings;
    }

    Pair one() {
        return one;
    }

    Pair several() {
        return several;
    }

    /** Adds times to the first token, in nanoseconds: of a new prompt, and of one that begins as it does. */
    void addPrefix(double... times) {
        uncached = Math.min(uncached, times[0]);
        cached = Math.min(cached, times[1]);
    }

    /** Adds milliseconds to the first token and resident megabytes of both engines; null without the peer. */
    void addStart(double[] ours, double[] theirs) {
        ourStart = least(ourStart, ours);
        if (theirs != null) {
            theirStart = Double.isNaN(theirStart[0]) ? theirs : least(theirStart, theirs);
        }
    }

    private static double[] least(double[] a, double... b) {
        return new double[] {Math.min(a[0], b[0]), Math.min(a[1], b[1])};
    }

    /** {@return the name of the decoder and the threads} */
    String title() {
        return String.format(
                Locale.ROOT,
                "%s, %d %s, %.0f MB a step",
                decoder.name(),
                threads,
                threads == 1 ? "thread" : "threads",
                decoder.weightBytes() / 1e6);
    }

    /** {@return the figures beside those of llama.cpp} */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        int others = GenerateRun.TOKENS - 1;
        double step = one.ours.others() / others;
        rows.add(new Row(
                "one text",
                "tok/s",
                1e9 / step,
                rate(others, one.theirs.others()),
                true,
                percent(ceilings.ofBandwidth(decoder.weightBytes(), step)) + " of the bandwidth"));
        double first = one.ours.first();
        rows.add(new Row(
                "a prompt of " + GenerateRun.PROMPT,
                "tok/s",
                rate(GenerateRun.PROMPT, first),
                rate(GenerateRun.PROMPT, one.theirs.first()),
                true,
                percent(ceilings.ofPeak(decoder.operations(GenerateRun.PROMPT), first)) + " of the peak"));
        double stepOfAll = several.ours.others() / others;
        // The product with the vocabulary runs for each text.
        double operations = GenerateRun.TEXTS * decoder.operations(1);
        rows.add(new Row(
                GenerateRun.TEXTS + " texts at once",
                "tok/s",
                rate(GenerateRun.TEXTS, stepOfAll),
                rate(GenerateRun.TEXTS * others, several.theirs.others()),
                true,
                String.format(
                        Locale.ROOT,
                        "%.1f times one, %s of the peak",
                        GenerateRun.TEXTS * step / stepOfAll,
                        percent(ceilings.ofPeak(operations, stepOfAll)))));
        rows.add(new Row("first token of a JVM", "ms", ourStart[0], theirStart[0], false, ""));
        rows.add(new Row("resident memory then", "MB", ourStart[1], theirStart[1], false, ""));
        return rows;
    }

    private static double rate(int tokens, double nanos) {
        return Double.isInfinite(nanos) ? Double.NaN : tokens * 1e9 / nanos;
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "?" : String.format(Locale.ROOT, "%.0f %%", PERCENT * share);
    }

    /** {@return a table} */
    String text() {
        StringBuilder text = new StringBuilder(String.format("%n%s%n%s%n", title(), ceilings));
        text.append(String.format("%-22s %10s %10s  %s%n", "", "Tenon", "llama.cpp", "gain"));
        for (Row row : rows()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-22s %10.1f %10.1f  %4.2f  %s%s%n",
                    row.what(),
                    row.ours(),
                    row.theirs(),
                    row.gain(),
                    row.unit(),
                    row.note().isEmpty() ? "" : ", " + row.note()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%-22s %10.1f  ms to the first token with %d more, %.1f %% of the %.1f ms without the cache",
                GenerateRun.CACHED + " tokens cached",
                cached / 1e6,
                GenerateRun.NEW,
                PERCENT * cached / uncached,
                uncached / 1e6));
        return text.toString();
    }
}
