package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.samples.Usage;
import java.io.PrintStream;

/**
 * Four-bit weights: blocks of 32 weights share a scale. Rounding to the nearest number needs no data. GPTQ rounds weight after
 * weight and lets the others make up for the error, for the inputs that calibration has seen. To be quick, this lesson
 * compresses the six largest products only.
 */
public final class Lesson04FourBitWeights implements EncoderLesson {
    /** Makes the lesson. */
    public Lesson04FourBitWeights() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-four-bit-weights", "A lesson: weights of four bits.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-four-bit-weights");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) {
        LayerFilter layers = LayerFilter.all().include(CompressedEncoder.WIDE_PRODUCTS);
        out.println("1. Rounded to the nearest number:");
        Compression nearest = encoder.compress(
                out, QuantizeWeights.int4().rounding(BlockRounding.NEAREST).layers(layers));
        out.println("2. Rounded by GPTQ:");
        Compression gptq = encoder.compress(
                out, QuantizeWeights.int4().rounding(BlockRounding.GPTQ).layers(layers));
        boolean right = CompressedEncoder.check(
                out,
                "the same bytes",
                gptq.report().sizeBytes().after()
                        == nearest.report().sizeBytes().after());
        return right
                && CompressedEncoder.check(
                        out,
                        "GPTQ loses less",
                        CompressedEncoder.cosine(gptq.report()) > CompressedEncoder.cosine(nearest.report()));
    }
}
