package dev.tenon.benchmarks.load;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.samples.Usage;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Measures what a call costs under load: Tenon with and without batching, and ONNX Runtime. All get the same arrivals.
 * With a rate, all are measured at it; with an objective, the highest rate is looked for whose 99th percentile keeps it.
 */
public final class LoadRun {
    /** The name of the suite. */
    public static final String NAME = "load";

    private static final int INPUTS = 16;
    private static final long SEED = 42;
    private static final double WARM_UP = 2;
    private static final int BISECTIONS = 6;
    private static final double MILLI = 1e6;
    private static final double NANOS = 1e9;

    private final Map<String, String> options;
    private final PrintStream out;

    private LoadRun(Map<String, String> options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of(
                        "benchmarks/run " + NAME,
                        "A model under load: latencies at a rate, or the rate within a latency.")
                .spaced()
                .arguments("MODEL [SHAPES]", "a model of the list of batching, or a file and its shapes")
                .option("--rate", "CALLS_A_SECOND", "the rate of calls; this or --slo")
                .option("--slo", "MILLISECONDS", "the latency that 99 of 100 calls must keep; this or --rate")
                .option("--price", "USD_AN_HOUR", "the price of the machine, for the price of calls")
                .option("--slots", "N", "how many batches run at once")
                .option("--seconds", "S", "how long the load lasts")
                .option("--json", "FILE", "writes the figures as JSON")
                .option("--svg", "FILE", "draws the figures")
                .example("benchmarks/run " + NAME + " model.onnx x=nx3x8 --slo 20 --price 0.17");
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite, a model of {@code benchmarks/run batching} or a file and its shapes, options
     * @throws IllegalArgumentException if an argument is wrong
     * @throws IOException if a file can't be written
     */
    public static void run(PrintStream out, String... arguments) throws IOException {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            if (!arguments[i].startsWith("--")) {
                words.add(arguments[i]);
            } else if (i + 1 < arguments.length) {
                options.put(arguments[i].substring(2), arguments[++i]);
            } else {
                throw new IllegalArgumentException(arguments[i] + " needs a value\n" + usage().synopsis());
            }
        }
        List<String> known = List.of("rate", "slo", "price", "slots", "seconds", "json", "svg");
        if (words.isEmpty()
                || !known.containsAll(options.keySet())
                || options.containsKey("rate") == options.containsKey("slo")) {
            throw new IllegalArgumentException(usage().synopsis());
        }
        new LoadRun(options, out).run(entry(words));
    }

    private static RowModels.Entry entry(List<String> words) {
        for (RowModels.Entry entry : RowModels.LIST) {
            if (words.size() == 1 && entry.name().equals(words.getFirst())) {
                return entry;
            }
        }
        if (words.size() == 1) {
            throw new IllegalArgumentException("give the shapes of " + words.getFirst() + "\n" + usage().synopsis());
        }
        return new RowModels.Entry(
                words.getFirst(), words.getFirst(), String.join(" ", words.subList(1, words.size())));
    }

    private double number(String option, double otherwise) {
        String given = options.get(option);
        if (given == null) {
            return otherwise;
        }
        double value = Double.parseDouble(given);
        if (!(value > 0)) {
            throw new IllegalArgumentException("--" + option + " " + given + ": more than 0 is allowed");
        }
        return value;
    }

    private void run(RowModels.Entry entry) throws IOException {
        Path file = Files.exists(Path.of(entry.file())) ? Path.of(entry.file()) : entry.path();
        Session session = Model.load(file).session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (int i = 0; i < INPUTS; i++) {
            inputs.add(RowModels.inputs(session.model(), entry.shapes(), 1));
        }
        int slots = (int) number("slots", 1);
        double price = number("price", Double.NaN);
        double slo = number("slo", Double.NaN);
        long objective = Double.isNaN(slo) ? Long.MAX_VALUE : (long) (slo * MILLI);
        double seconds = number("seconds", 5);
        OpenLoop loop = new OpenLoop(inputs, seconds, objective);
        List<LoadResult> results = new ArrayList<>();
        for (LoadTarget target : targets(session, file, inputs, slots)) {
            try (target) {
                warmUp(target, inputs, seconds);
                double rate = number("rate", 0);
                LoadResult result = rate > 0
                        ? loop.run(target, rate, SEED)
                        : highest(target, loop, slo, slots / secondsOfACall(session, inputs.getFirst()));
                results.add(result);
            }
        }
        out.println(entry.name() + ", " + slots + " calls at a time of one thread each"
                + (Double.isNaN(slo) ? "" : ", the highest rate with a 99th percentile of " + slo + " ms"));
        LoadPages.table(out, results, price);
        write("json", LoadPages.json(entry.name(), results, price));
        write("svg", LoadPages.svg(entry.name(), results));
    }

    private void write(String option, String text) throws IOException {
        if (options.containsKey(option)) {
            Files.writeString(Path.of(options.get(option)), text);
        }
    }

    private List<LoadTarget> targets(Session session, Path file, List<Map<String, Tensor>> inputs, int slots) {
        List<LoadTarget> targets = new ArrayList<>();
        targets.add(LoadTarget.tenon("Tenon", session, BatchOptions.standard().maxRows(1), slots));
        try {
            targets.add(LoadTarget.tenon(
                    "Tenon, batched", session, BatchOptions.standard().samples(inputs), slots));
        } catch (NotBatchableException e) {
            out.println("not batched: " + e.getMessage());
        }
        targets.add(LoadTarget.onnxRuntime(file, slots));
        return targets;
    }

    private static void warmUp(LoadTarget target, List<Map<String, Tensor>> inputs, double seconds) {
        long end = System.nanoTime() + (long) (Math.min(WARM_UP, seconds) * NANOS);
        while (System.nanoTime() < end) {
            List<CompletableFuture<?>> calls = new ArrayList<>();
            inputs.forEach(i -> calls.add(target.begin(i)));
            calls.forEach(CompletableFuture::join);
        }
    }

    private static double secondsOfACall(Session session, Map<String, Tensor> inputs) {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < 50; i++) {
            long start = System.nanoTime();
            session.predict(inputs);
            shortest = Math.min(shortest, System.nanoTime() - start);
        }
        return shortest / NANOS;
    }

    /** Looks for the highest rate that keeps the objective, by halving an interval. */
    private LoadResult highest(LoadTarget target, OpenLoop loop, double slo, double capacity) {
        double low = 0;
        double high = 8 * capacity;
        LoadResult best = null;
        for (int i = 0; i < BISECTIONS; i++) {
            double rate = low == 0 ? high / 8 : (low + high) / 2;
            if (low == 0 && best == null && i > 0) {
                rate = high / 2;
            }
            LoadResult result = loop.run(target, rate, SEED);
            boolean keeps = result.p99() <= slo && result.failed() == 0;
            if (keeps) {
                low = rate;
                best = result;
            } else {
                high = rate;
            }
            out.printf(Locale.ROOT, "  %s at %.0f a second: p99 %.3f ms%n", target.name(), rate, result.p99());
        }
        return best == null ? loop.run(target, high / 2, SEED) : best;
    }
}
