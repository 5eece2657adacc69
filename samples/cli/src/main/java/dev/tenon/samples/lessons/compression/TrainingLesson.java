package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionReport.Training;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.Distill;
import dev.tenon.compression.distill.Loss;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Lessons about training share drawn digits, and a network that learns them from labels.
 *
 * @param seen the drawings to train on
 * @param judges others, by which results are judged
 * @param out where a lesson prints
 */
record TrainingLesson(DrawnDigits seen, DrawnDigits judges, PrintStream out) {
    static final double RATE = 0.005;
    private static final int DRAWINGS = 3000;
    private static final int JUDGES = 1000;

    static TrainingLesson of(PrintStream out) {
        return new TrainingLesson(DrawnDigits.draw(DRAWINGS, 1), DrawnDigits.draw(JUDGES, 2), out);
    }

    /** A network that has learned the digits from labels, in 6 epochs. */
    Compression taught() {
        Compressor untrained = compressor(DrawnDigits.network("random", 14, 28, 56, 3));
        return run(
                untrained,
                Distill.into(untrained.model())
                        .loss(Loss.labels())
                        .labels(seen.labels())
                        .learningRate(RATE)
                        .epochs(6));
    }

    Compressor compressor(Model model) {
        return Compressor.of(model)
                .calibrate(seen.samples())
                .evaluate(judges.samples(), Metric.accuracy(judges.labels()))
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }

    static double after(Compression result) {
        return result.report().score().orElseThrow().after();
    }

    static double divergence(Compression result) {
        return result.report().score().orElseThrow().divergence();
    }

    /** Compresses, and prints what came of it. */
    Compression run(Compressor compressor, Step... steps) {
        Compression result = compressor.apply(steps).run();
        print(result);
        return result;
    }

    void print(Compression result) {
        Score score = result.report().score().orElseThrow();
        out.printf(
                Locale.ROOT,
                "   %-26s %,6d of %,d parameters, %,d bytes, %.2f %% right, divergence %.3g%n",
                result.report().recipe(),
                result.report().parameters().after(),
                result.report().parameters().before(),
                result.report().sizeBytes().after(),
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
    }
}
