package dev.tenon.samples.compress;

import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.CompressionReport.Change;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Score;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A report in a few lines of text. */
final class Summary {
    private static final int MOST_KEPT = 20;

    private final CompressionReport report;
    private final CompressOptions options;

    Summary(CompressionReport report, CompressOptions options) {
        this.report = report;
        this.options = options;
    }

    private static String change(Change change) {
        return String.format(Locale.ROOT, "%,d -> %,d (%.3f)", change.before(), change.after(), change.ratio());
    }

    void print(PrintStream out) {
        out.println(report.model() + " by " + report.recipe());
        out.println("  bytes       " + change(report.sizeBytes()));
        out.println("  parameters  " + change(report.parameters()));
        out.println("  flops       "
                + report.flops().map(Summary::change).orElse("unknown: the shapes of inputs are not known"));
        out.println("  " + report.score().map(Summary::metric).orElse("not evaluated: give --evaluate DATA"));
        report.details().evidence().test().ifPresent(test -> out.println("  test set:   " + metric(test.score())));
        report.latency().ifPresent(t -> out.println("  latency     " + latency(t)));
        List<LayerReport> kept =
                report.layers().stream().filter(LayerReport::kept).toList();
        out.println("  layers      " + (report.layers().size() - kept.size()) + " changed, " + kept.size()
                + " left as they were");
        for (LayerReport layer : kept.subList(0, Math.min(MOST_KEPT, kept.size()))) {
            out.println("    " + layer.name() + ": " + (layer.reason().isEmpty() ? layer.technique() : layer.reason()));
        }
        if (kept.size() > MOST_KEPT) {
            out.println("    and " + (kept.size() - MOST_KEPT) + " more");
        }
        report.details().evidence().trainings().forEach(training -> out.println("  " + training(training)));
        if (!report.isFloorMet()) {
            out.println("the floor is missed: a loss of " + missed() + " is more than --floor " + options.floor()
                    + " allows");
        }
        if (!report.isSmaller()) {
            out.println("the result is not smaller than the model");
        }
        if (!CompressCommand.isBetter(report, options.goal().objective()) && report.isSmaller()) {
            out.println("the result is not faster than the model");
        }
        out.println("wrote " + options.out());
    }

    /** The loss that is not allowed, of the evaluation or else of the test set. */
    private String missed() {
        Optional<Score> tested = report.details().evidence().test().map(CompressionReport.Tested::score);
        Score score = Stream.of(report.score(), tested)
                .flatMap(Optional::stream)
                .filter(s -> !s.isWithin(options.floor()))
                .findFirst()
                .orElseThrow();
        String ofTest = tested.filter(score::equals).isPresent() ? " on the test set" : "";
        return score.interval().isDemanded()
                ? String.format(
                        Locale.ROOT, "%.4g with its margin%s", score.interval().high(), ofTest)
                : String.format(Locale.ROOT, "%.4g%s", score.loss(), ofTest);
    }

    private static String latency(CompressionReport.Latency t) {
        return String.format(
                Locale.ROOT,
                "%.3f -> %.3f ms (8 of 10 rounds: %.3f to %.3f -> %.3f to %.3f), %d thread%s%s%s",
                t.beforeMillis(),
                t.afterMillis(),
                t.before().lowMillis(),
                t.before().highMillis(),
                t.after().lowMillis(),
                t.after().highMillis(),
                t.threads(),
                t.threads() == 1 ? "" : "s",
                t.load().isPresent()
                        ? String.format(Locale.ROOT, ", load %.1f", t.load().getAsDouble())
                        : "",
                t.isWarm() ? "" : ", still warming: both are too long");
    }

    private static String training(CompressionReport.Training training) {
        CompressionReport.Training.Agreement agreement = training.agreement();
        return String.format(
                Locale.ROOT,
                "%-11s loss %.4g -> %.4g in epoch %d of %d, %s as the teacher %.4g -> %.4g, %d constants trained, %.0f s",
                training.step(),
                training.epochs().getFirst().judged(),
                training.epochs().get(training.best()).judged(),
                training.best(),
                training.epochs().size() - 1,
                agreement.kind(),
                agreement.before(),
                agreement.after(),
                training.trained().size(),
                training.seconds());
    }

    static String metric(Score score) {
        double percent = 100 * score.interval().confidence();
        String margin = Double.isNaN(score.margin())
                ? " +- unknown"
                : String.format(
                        Locale.ROOT,
                        " +- %.4g" + (percent == Math.rint(percent) ? " (%.0f %%)" : " (%.4g %%)"),
                        score.margin(),
                        percent);
        return String.format(
                Locale.ROOT,
                "%-11s %.4g -> %.4g, loss %.4g%s, %d samples, %d disagreements, KL %.3g",
                score.metric(),
                score.before(),
                score.after(),
                score.loss(),
                margin,
                score.samples(),
                score.disagreements(),
                score.divergence());
    }
}
