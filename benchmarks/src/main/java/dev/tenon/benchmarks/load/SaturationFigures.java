package dev.tenon.benchmarks.load;

import dev.tenon.benchmarks.load.ServedModel.Rates;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The throughput of a batcher in which many calls always wait, against the most that batching can gain. The calls are
 * futures: no thread is woken for each of them.
 */
final class SaturationFigures {
    private static final List<String> MODELS = List.of("digits_mlp", "digits_mobile", "char_gru", "MiniLM, 16 tokens");
    private static final double LITTLE = 1.1;
    private static final double SHARE_OF_GAIN = 0.9;
    private static final double SHARE_OF_SINGLE = 0.98;
    private static final int TURNS = 5;

    private SaturationFigures() {}

    static List<Figure> measure(ServingRun.Effort effort) {
        List<Figure> figures = new ArrayList<>();
        for (String name : MODELS) {
            String what = "saturated throughput, " + name;
            try (ServedModel model = ServedModel.named(name)) {
                figures.add(
                        model == null
                                ? ServingRun.missing(what, ">= 0.9 g*", "the model is not fetched")
                                : measure(what, model, effort));
            } catch (NotBatchableException e) {
                figures.add(ServingRun.missing(what, ">= 0.9 g*", e.found()));
            }
        }
        return figures;
    }

    private static Figure measure(String what, ServedModel model, ServingRun.Effort effort) {
        Rates rates = model.rates(
                model.batcher(BatchOptions.standard().queueRows(LoadTarget.LONG_QUEUE)),
                TURNS,
                Math.min(1, effort.seconds()));
        boolean gains = rates.gain() >= LITTLE;
        double share = rates.batched() / (gains ? rates.rows() : rates.single());
        return new Figure(
                what,
                gains ? ">= 0.9 g*" : ">= 0.98 of unbatched",
                String.format(
                        Locale.ROOT,
                        "%.0f/s, %.2f x unbatched, g* %.2f: %.2f",
                        rates.batched(),
                        rates.batched() / rates.single(),
                        rates.gain(),
                        share),
                share >= (gains ? SHARE_OF_GAIN : SHARE_OF_SINGLE));
    }
}
