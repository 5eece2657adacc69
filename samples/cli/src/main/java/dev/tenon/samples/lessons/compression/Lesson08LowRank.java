package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Low rank: a product becomes two with a narrow matrix between. The rank is chosen so that a share of the energy of the outputs
 * stays, for the inputs that calibration has seen. By default a layer is only split where this is measured to be faster.
 */
public final class Lesson08LowRank implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson08LowRank() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-low-rank", "A lesson: layers that become two thin ones.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-low-rank");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        LayerFilter layers = LayerFilter.all().include(CompressedEncoder.FIRST_WIDE_PRODUCT);
        out.println("1. One product split in two of rank 128:");
        Compression split =
                encoder.compress(out, LowRank.rank(128).layers(layers).pays(Pays.always()));
        out.println("2. With the energy of 99.9 %, and only if it pays:");
        Compression asked = encoder.compress(out, LowRank.energy(0.999).layers(layers));
        asked.report().layers().stream()
                .filter(layer -> layer.name().equals(CompressedEncoder.FIRST_WIDE_PRODUCT))
                .forEach(layer -> out.println(
                        "   " + layer.name() + ": " + (layer.kept() ? "left, " + layer.reason() : "split")));
        boolean right = CompressedEncoder.check(
                out,
                "fewer operations",
                split.report().flops().orElseThrow().ratio() < 1
                        && split.report().isSmaller());
        return right
                && CompressedEncoder.check(
                        out, "cosine above 0.9 with eight sentences", CompressedEncoder.cosine(split.report()) > 0.9);
    }
}
