package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.SearchResult;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.Locale;

/**
 * A search: each option is tried on each layer, and a plan of options is found that keeps within a floor at the least size. The
 * recipe {@code auto} of {@code samples/run compress} does this for whole models. To be quick, this lesson searches among three
 * layers.
 */
public final class Lesson10Search implements EncoderLesson {
    private static final double FLOOR = 0.003;

    /** Makes the lesson. */
    public Lesson10Search() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-search", "A lesson: which technique for which layer.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-search");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        out.println("1. INT8 or four bits for each of three products, at most 0.3 points of cosine lost:");
        SearchResult result = Search.of(encoder.compressor())
                .layers(LayerFilter.all().include(CompressedEncoder.THREE_PRODUCTS))
                .option("int8", layers -> Quantize.dynamicInt8().withoutTables().layers(layers))
                .option(
                        "int4",
                        layers -> QuantizeWeights.int4()
                                .rounding(BlockRounding.NEAREST)
                                .layers(layers))
                .keepAccuracyWithin(FLOOR)
                .objective(Objective.SIZE)
                .run();
        result.trials()
                .forEach(trial -> out.printf(
                        Locale.ROOT,
                        "   %-90.90s %,11d bytes, loss %.4f%n",
                        trial.name(),
                        trial.sizeBytes(),
                        trial.loss()));
        CompressedEncoder.print(result.compression().report(), out);
        boolean right = CompressedEncoder.check(out, "a smaller model was found", result.isBetter());
        right &= CompressedEncoder.check(
                out, "the floor is met", result.compression().report().isFloorMet());
        return right
                && CompressedEncoder.check(
                        out,
                        "no other trial within the floor is smaller",
                        result.trials().stream()
                                .filter(trial -> trial.loss() <= FLOOR)
                                .allMatch(trial ->
                                        trial.sizeBytes() >= result.best().sizeBytes()));
    }
}
