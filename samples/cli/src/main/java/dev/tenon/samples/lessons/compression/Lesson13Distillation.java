package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.Distill;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.distill.Loss;
import dev.tenon.compression.prune.Prune;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.List;

/**
 * Distillation: a small network learns to give the outputs of a larger one, without labels. The lesson draws its own digits, and its
 * first network learns from labels. Then a network is cut, and the weights that are left are healed.
 */
public final class Lesson13Distillation implements Command {
    /** Makes the lesson. */
    public Lesson13Distillation() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-distillation", "A lesson: a small network that learns from a larger one.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-distillation");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        usage().parse(args);
        TrainingLesson lesson = TrainingLesson.of(out);
        out.println("1. A network of random weights learns drawn digits from labels:");
        Compression taught = lesson.taught();
        Compressor compressor = lesson.compressor(taught.model());
        out.println("2. A network of less than a tenth of its parameters learns from its outputs, without labels:");
        Compression distilled = lesson.run(
                compressor,
                Distill.into(DrawnDigits.network("student", 5, 8, 16, 4))
                        .loss(Loss.kl(4))
                        .learningRate(TrainingLesson.RATE)
                        .epochs(16));
        out.println("3. Three quarters of the channels of the first network go:");
        Step cut = Prune.structured(0.75).lastHidden(true).leastWidth(1);
        Compression pruned = lesson.run(compressor, cut);
        out.println("4. The same, and the weights that are left are trained:");
        Compression healed = lesson.run(compressor, cut, Heal.epochs(8).learningRate(TrainingLesson.RATE));
        boolean right =
                CompressedEncoder.check(out, "the first network has learned", TrainingLesson.after(taught) > 0.9);
        right &= CompressedEncoder.check(
                out,
                "the student has less than a tenth of the parameters",
                distilled.report().parameters().ratio() < 0.1);
        right &= CompressedEncoder.check(
                out,
                "it loses less than five points",
                TrainingLesson.after(distilled) > TrainingLesson.after(taught) - 0.05);
        right &= CompressedEncoder.check(
                out, "healing gains", TrainingLesson.divergence(healed) < TrainingLesson.divergence(pruned));
        return right ? 0 : 1;
    }
}
