package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionReport.Training;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.Distill;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.distill.Loss;
import dev.tenon.compression.prune.Prune;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Distillation: a small network learns to give the outputs of a larger one, without labels. The lesson draws its own digits, and its
 * first network learns from labels. Then a network is cut, and the weights that are left are healed.
 */
public final class Lesson13Distillation implements Command {
    private static final int DRAWINGS = 3000;
    private static final int JUDGES = 1000;
    private static final double RATE = 0.005;

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
        DrawnDigits seen = DrawnDigits.draw(DRAWINGS, 1);
        DrawnDigits judges = DrawnDigits.draw(JUDGES, 2);
        Compressor untrained = compressor(DrawnDigits.network("random", 14, 28, 56, 3), seen, judges);
        out.println("1. A network of random weights learns drawn digits from labels:");
        Compression taught = run(
                untrained,
                out,
                Distill.into(untrained.model())
                        .loss(Loss.labels())
                        .labels(seen.labels())
                        .learningRate(RATE)
                        .epochs(6));
        Model teacher = taught.model();
        Compressor compressor = compressor(teacher, seen, judges);
        out.println("2. A network of less than a tenth of its parameters learns from its outputs, without labels:");
        Compression distilled = run(
                compressor,
                out,
                Distill.into(DrawnDigits.network("student", 5, 8, 16, 4))
                        .loss(Loss.kl(4))
                        .learningRate(RATE)
                        .epochs(16));
        out.println("3. Three quarters of the channels of the first network go:");
        Step cut = Prune.structured(0.75).lastHidden(true).leastWidth(1);
        Compression pruned = run(compressor, out, cut);
        out.println("4. The same, and the weights that are left are trained:");
        Compression healed = run(compressor, out, cut, Heal.epochs(8).learningRate(RATE));
        boolean right = CompressedEncoder.check(out, "the first network has learned", after(taught) > 0.9);
        right &= CompressedEncoder.check(
                out,
                "the student has less than a tenth of the parameters",
                distilled.report().parameters().ratio() < 0.1);
        right &=
                CompressedEncoder.check(out, "it loses less than five points", after(distilled) > after(taught) - 0.05);
        right &= CompressedEncoder.check(out, "healing gains", divergence(healed) < divergence(pruned));
        return right ? 0 : 1;
    }

    private static Compressor compressor(Model model, DrawnDigits seen, DrawnDigits judges) {
        return Compressor.of(model)
                .calibrate(seen.samples())
                .evaluate(judges.samples(), Metric.accuracy(judges.labels()))
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }

    private static double after(Compression result) {
        return result.report().score().orElseThrow().after();
    }

    private static double divergence(Compression result) {
        return result.report().score().orElseThrow().divergence();
    }

    private static Compression run(Compressor compressor, PrintStream out, Step... steps) {
        Compression result = compressor.apply(steps).run();
        Score score = result.report().score().orElseThrow();
        out.printf(
                Locale.ROOT,
                "   %-26s %,6d of %,d parameters, %.2f %% right, divergence %.3g%n",
                result.report().recipe(),
                result.report().parameters().after(),
                result.report().parameters().before(),
                100 * score.after(),
                score.divergence());
        for (Training training : result.report().details().evidence().trainings()) {
            out.printf(
                    Locale.ROOT,
                    "   loss %.3g -> %.3g in %d epochs, %.1f s%n",
                    training.epochs().getFirst().judged(),
                    training.epochs().get(training.best()).judged(),
                    training.epochs().size() - 1,
                    training.seconds());
        }
        return result;
    }
}
