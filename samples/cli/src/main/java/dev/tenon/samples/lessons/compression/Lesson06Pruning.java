package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.prune.Saliency;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Pruning to a pattern: two of four neighbours become zero. The smallest weights are not always those that matter least: with
 * calibration data, the choice counts what a weight is multiplied with, and the weights that stay make up for those that go.
 * The file is as large as before, and no faster here: zeros only help where something packs them.
 */
public final class Lesson06Pruning implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson06Pruning() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-pruning", "A lesson: weights that become zero.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-pruning");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        LayerFilter layers = LayerFilter.all().include(CompressedEncoder.FIRST_WIDE_PRODUCTS);
        out.println("1. The smallest of four go:");
        Compression magnitude =
                encoder.compress(out, Prune.pattern(2, 4).by(Saliency.MAGNITUDE).layers(layers));
        out.println("2. Those that matter least for eight sentences go, and the others are corrected:");
        Compression corrected = encoder.compress(
                out, Prune.pattern(2, 4).by(Saliency.SECOND_ORDER).layers(layers));
        double lost = 1 - CompressedEncoder.cosine(magnitude.report());
        double lostCorrected = 1 - CompressedEncoder.cosine(corrected.report());
        boolean right = CompressedEncoder.check(
                out,
                "half of the weights are zero",
                corrected.report().layers().stream()
                        .filter(layer -> !layer.kept())
                        .allMatch(layer -> layer.sparsity() >= 0.5));
        right &= CompressedEncoder.check(out, "the correction loses less", lostCorrected < 0.8 * lost);
        return right
                && CompressedEncoder.check(
                        out, "the file is not smaller", !magnitude.report().isSmaller());
    }
}
