package dev.tenon.benchmarks.load;

import dev.tenon.benchmarks.load.ServedModel.Rates;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Latencies with and without batching, with the same arrivals, below and above the capacity of calls one by one. */
final class LatencyFigures {
    private static final List<String> MODELS = List.of("char_gru", "MiniLM, 16 tokens");
    private static final double BELOW = 0.8;
    private static final double ABOVE = 1.3;
    private static final double MOST_RATIO = 1.1;
    private static final double MOST_CALLS = 10;
    private static final double GAIN = 1.5;
    private static final String BELOW_BAR = "<= 1.1 x unbatched, median";
    private static final double MILLIS = 1e3;

    private LatencyFigures() {}

    static List<Figure> measure(ServingRun.Effort effort) {
        List<Figure> figures = new ArrayList<>();
        for (String name : MODELS) {
            try (ServedModel model = ServedModel.named(name)) {
                if (model == null) {
                    figures.add(ServingRun.missing("p99, " + name, BELOW_BAR, "the model is not fetched"));
                } else {
                    measure(figures, model, effort);
                }
            } catch (NotBatchableException e) {
                figures.add(ServingRun.missing("p99, " + name, BELOW_BAR, e.found()));
            }
        }
        return figures;
    }

    private static void measure(List<Figure> figures, ServedModel model, ServingRun.Effort effort) {
        BatchOptions batched = BatchOptions.standard().samples(model.inputs());
        double t1 = model.secondsOfACall(effort.seconds());
        OpenLoop loop = new OpenLoop(model.inputs(), effort.seconds(), TimeUnit.MINUTES.toNanos(1));
        try (LoadTarget single = LoadTarget.tenon(
                        "single", model.session(), BatchOptions.standard().maxRows(1), 1);
                LoadTarget many = LoadTarget.tenon("batched", model.session(), batched, 1)) {
            Rates rates = model.rates(model.batcher(batched.queueRows(LoadTarget.LONG_QUEUE)), 2, effort.seconds() / 2);
            double[] ratios = new double[effort.runs()];
            double[] above = new double[effort.runs()];
            long failed = 0;
            for (int i = -1; i < effort.runs(); i++) {
                double one = loop.run(single, BELOW / t1, i).p99();
                double two = loop.run(many, BELOW / t1, i).p99();
                LoadResult more = rates.gain() >= GAIN ? loop.run(many, ABOVE / t1, i) : null;
                if (i >= 0) {
                    ratios[i] = two / one;
                    above[i] = more == null ? 0 : more.p99() / (t1 * MILLIS);
                    failed += more == null ? 0 : more.failed();
                }
            }
            String text = interval(ratios) + " x";
            figures.add(new Figure(
                    "p99 at 0.8 of the unbatched capacity, " + model.name(),
                    BELOW_BAR,
                    text,
                    median(ratios) <= MOST_RATIO));
            if (rates.gain() >= GAIN) {
                figures.add(new Figure(
                        "p99 at 1.3 of the unbatched capacity, " + model.name(),
                        "<= 10 t(1), none rejected",
                        interval(above) + " t(1), " + failed + " rejected",
                        median(above) <= MOST_CALLS && failed == 0));
            }
        }
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The median, the least and the largest. */
    static String interval(double[] values) {
        return String.format(
                Locale.ROOT,
                "%.2f (%.2f to %.2f)",
                median(values),
                Arrays.stream(values).min().orElse(0),
                Arrays.stream(values).max().orElse(0));
    }
}
