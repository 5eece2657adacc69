package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Quantisation-aware training: the weights behind few bits are trained while they are rounded in each step, first with the scales that
 * they have, then with scales that are learned, too. The files have the same size as before.
 */
public final class Lesson15QuantizationAwareTraining implements Command {
    private static final double RATE = 0.001;

    /** Makes the lesson. */
    public Lesson15QuantizationAwareTraining() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-qat", "A lesson: training of networks with few bits.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-qat");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        usage().parse(args);
        TrainingLesson lesson = TrainingLesson.of(out);
        out.println("1. A network learns drawn digits:");
        Compressor compressor = lesson.compressor(lesson.taught().model());
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("w4a8", Quantize.int8().weightBits(4));
        steps.put("w3a8", Quantize.int8().weightBits(3));
        steps.put("int4 in blocks", QuantizeWeights.int4().rounding(BlockRounding.NEAREST));
        Heal fixed = Heal.epochs(3).learningRate(RATE);
        boolean right = true;
        int number = 2;
        for (Map.Entry<String, Step> step : steps.entrySet()) {
            out.println(
                    number++ + ". " + step.getKey() + ": rounded, then trained with fixed and with learned scales:");
            Compression rounded = lesson.run(compressor, step.getValue());
            Compression trained = lesson.run(compressor, step.getValue(), fixed);
            Compression learned = lesson.run(compressor, step.getValue(), fixed.learnScales());
            right &= CompressedEncoder.check(
                    out,
                    "training takes away a part of the divergence",
                    TrainingLesson.divergence(trained) < TrainingLesson.divergence(rounded));
            right &= CompressedEncoder.check(
                    out,
                    "so it does with learned scales",
                    TrainingLesson.divergence(learned) < TrainingLesson.divergence(rounded));
            right &= CompressedEncoder.check(
                    out,
                    "the size stays",
                    learned.report().sizeBytes().equals(rounded.report().sizeBytes()));
        }
        return right ? 0 : 1;
    }
}
