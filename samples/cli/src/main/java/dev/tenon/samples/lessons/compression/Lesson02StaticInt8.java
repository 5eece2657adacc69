package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Static INT8: weights and activations in 8 bits, with ranges of activations that calibration has found. Transformers have
 * channels of activations that are far larger than others. SmoothQuant moves a part of that difference into the weights.
 */
public final class Lesson02StaticInt8 implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson02StaticInt8() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-static-int8", "A lesson: INT8 with ranges from samples.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-static-int8");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        out.println("1. Weights and activations in 8 bits, channels of activations smoothed:");
        Compression result = encoder.compress(out, Quantize.int8().perChannel().smooth(0.5));
        out.println("2. The file is loaded again, and computes the same:");
        boolean right = CompressedEncoder.check(
                out, "about a quarter of the bytes", result.report().sizeBytes().ratio() < 0.26);
        right &= CompressedEncoder.check(out, "cosine above 0.98", CompressedEncoder.cosine(result.report()) > 0.98);
        return right && CompressedEncoder.check(out, "saved and loaded", encoder.isSavedAndLoaded(result));
    }
}
