package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.prune.Prune;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Structured pruning: whole neurons go, the matrices around them shrink, and each call does less. The layer that reads the
 * neurons is fitted to what it computed before, by least squares over the sentences of calibration. To be quick, this lesson
 * shrinks the first of six feed-forward networks.
 */
public final class Lesson07StructuredPruning implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson07StructuredPruning() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-structured-pruning", "A lesson: parts of layers that are cut out.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-structured-pruning");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        LayerFilter layers = LayerFilter.all().include(CompressedEncoder.FIRST_WIDE_PRODUCT);
        out.println("1. A quarter of the neurons goes:");
        Compression cut =
                encoder.compress(out, Prune.structured(0.25).layers(layers).reconstruct(false));
        out.println("2. The same, and the rest is fitted:");
        Compression fitted = encoder.compress(out, Prune.structured(0.25).layers(layers));
        boolean right = CompressedEncoder.check(
                out,
                "fewer operations",
                fitted.report().flops().orElseThrow().ratio() < 1
                        && fitted.report().isSmaller());
        return right
                && CompressedEncoder.check(
                        out,
                        "the fit loses less",
                        CompressedEncoder.cosine(fitted.report()) > CompressedEncoder.cosine(cut.report()));
    }
}
