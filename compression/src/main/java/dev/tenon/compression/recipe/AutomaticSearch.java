package dev.tenon.compression.recipe;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Progress;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.GptqRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.Timings;

/**
 * Chooses a technique for each layer. For the least size these are INT8, 4-bit weights with INT8 activations, and 4-bit weights
 * in blocks; for the least latency INT8 and low rank.
 */
final class AutomaticSearch implements Recipe.Runner {
    private static final double ENERGY = 0.95;
    private static final int FEW_BITS = 4;

    @Override
    public Compression run(Compressor compressor, Goal goal, Progress progress) {
        Search search = Search.of(compressor).objective(goal.objective());
        search = goal.objective() == Objective.LATENCY ? fast(search) : small(search);
        if (compressor.latencyThreads() > 0) {
            search = search.threads(compressor.latencyThreads());
        }
        if (goal.resume().isPresent()) {
            search = search.resumeFrom(goal.resume().get());
        }
        if (goal.timings().isPresent()) {
            search = search.timings(Timings.file(goal.timings().get()));
        }
        return search.run(progress).compression();
    }

    /** The search measures each trial as a whole, so that a chain need not be measured by itself. */
    private static Search fast(Search search) {
        return search.option("int8-static", layers -> Quantize.int8().layers(layers))
                .option("lowrank", layers -> LowRank.energy(ENERGY).pays(Pays.always()).layers(layers));
    }

    private static Search small(Search search) {
        return search.option("int8-static", layers -> Quantize.int8().layers(layers))
                .option(
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
}
