package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.Trial;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.GptqRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.SearchResult;
import dev.tenon.compression.search.Timing;
import dev.tenon.compression.search.Timings;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Chooses a technique for each layer. For the least size these are INT8, 4-bit weights with INT8 activations, and 4-bit weights
 * in blocks; for the least latency INT8 and low rank.
 */
final class AutomaticSearch implements Recipe.Runner {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double ENERGY = 0.95;
    private static final int FEW_BITS = 4;

    /** A model that was found before, as a step, so that it is measured and reported as others are. */
    private record Found(Model model, List<LayerReport> layers) implements Step {
        @Override
        public String name() {
            return "auto";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model ignored, StepContext context) {
            layers.forEach(context::report);
            return model;
        }
    }

    @Override
    public Compression run(Compressor compressor, Goal goal, Progress progress) {
        Metric metric = compressor
                .metric()
                .orElseThrow(() -> new CompressionException(
                        "recipe auto", "no metric", "a metric and samples", "give them to Compressor.evaluate"));
        Samples judges = compressor
                .judges()
                .orElseThrow(() -> new CompressionException(
                        "recipe auto", "no samples", "samples", "give them to Compressor.evaluate"));
        boolean isFast = goal.objective() == Goal.Objective.LATENCY;
        Search search = Search.of(compressor.model())
                .calibrate(compressor.calibration().orElse(judges))
                .evaluate(judges, metric)
                .keepAccuracyWithin(compressor.allowedLoss())
                .objective(isFast ? Objective.LATENCY : Objective.SIZE)
                .seed(compressor.seed())
                .threads(Math.max(1, compressor.threads()));
        search = options(search, isFast);
        search = goal.resume().isPresent() ? search.resumeFrom(goal.resume().get()) : search;
        search = goal.timings().isPresent()
                ? search.timings(Timings.file(goal.timings().get()))
                : search;
        SearchResult result = search.run(progress);
        Compression found = result.compression();
        Compression measured = compressor
                .apply(new Found(found.model(), found.report().layers()))
                .run(progress);
        return new Compression(measured.model(), measured.report().withSearch(sensitivities(result), trials(result)));
    }

    private static Search options(Search search, boolean isFast) {
        Search all = search.option("int8-static", layers -> Quantize.int8().layers(layers));
        if (isFast) {
            return all.option("lowrank", layers -> LowRank.energy(ENERGY).layers(layers));
        }
        return all.option(
                        "w4a8",
                        layers -> Quantize.int8()
                                .weightBits(FEW_BITS)
                                .rounding(new GptqRounding())
                                .correctBias()
                                .layers(layers))
                .option(
                        "int4-weights",
                        layers -> QuantizeWeights.int4()
                                .rounding(BlockRounding.GPTQ)
                                .layers(layers));
    }

    private static List<Sensitivity> sensitivities(SearchResult result) {
        return result.sensitivities().stream()
                .map(s -> new Sensitivity(s.layer(), s.option(), OptionalDouble.of(s.harm()), OptionalDouble.empty()))
                .toList();
    }

    private static List<Trial> trials(SearchResult result) {
        return result.trials().stream()
                .filter(t -> t.score().isPresent())
                .map(t -> new Trial(
                        t.name(),
                        t.sizeBytes(),
                        t.loss(),
                        millis(t),
                        t.name().equals(result.best().name())))
                .toList();
    }

    private static OptionalDouble millis(dev.tenon.compression.search.Trial trial) {
        return trial.timing().map(Timing::afterNanos).stream()
                .mapToDouble(nanos -> nanos / NANOS_PER_MILLI)
                .findFirst();
    }
}
