package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Dynamic INT8: weights in 8 bits; activations are quantised at each call with the range of that call. It needs no calibration
 * data. With some, SmoothQuant makes it better.
 */
public final class Lesson03DynamicInt8 implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson03DynamicInt8() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-dynamic-int8", "A lesson: INT8 with ranges that each call finds.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-dynamic-int8");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        out.println("1. Without calibration data:");
        Compression plain = encoder.compress(out, Quantize.dynamicInt8());
        out.println("2. With SmoothQuant, which looks at eight sentences:");
        Compression smooth = encoder.compress(out, Quantize.dynamicInt8().smooth());
        double lost = 1 - CompressedEncoder.cosine(plain.report());
        double smoothLost = 1 - CompressedEncoder.cosine(smooth.report());
        boolean right = CompressedEncoder.check(
                out, "about a quarter of the bytes", smooth.report().sizeBytes().ratio() < 0.26);
        return right && CompressedEncoder.check(out, "smoothing halves what is lost", smoothLost < 0.6 * lost);
    }
}
