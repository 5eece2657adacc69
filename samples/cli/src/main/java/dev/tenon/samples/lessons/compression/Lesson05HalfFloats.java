package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.floats.BFloat16;
import dev.tenon.compression.floats.Float16;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Half floats: float16 has 11 bits of precision and a range up to 65504, so that operators with larger values stay as they were.
 * bfloat16 has 8 bits and the range of float32; ONNX Runtime has no products of it, so that it is a way to store weights.
 */
public final class Lesson05HalfFloats implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson05HalfFloats() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-half-floats", "A lesson: weights of 16 bits.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-half-floats");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        out.println("1. bfloat16, cast to float32 before use:");
        Compression bfloat = encoder.compress(out, BFloat16.weights());
        out.println("2. float16, all that can be:");
        Compression half = Compressor.of(encoder.model()).apply(Float16.step()).run();
        double cosine = encoder.cosineOfOne(half.model());
        CompressedEncoder.print(half.report(), cosine, out);
        boolean right = CompressedEncoder.check(
                out,
                "half of the bytes",
                bfloat.report().sizeBytes().ratio() < 0.51
                        && half.report().sizeBytes().ratio() < 0.51);
        right &= CompressedEncoder.check(
                out, "bfloat16 loses next to nothing", CompressedEncoder.cosine(bfloat.report()) > 0.9995);
        return right && CompressedEncoder.check(out, "float16 loses next to nothing", cosine > 0.9995);
    }
}
