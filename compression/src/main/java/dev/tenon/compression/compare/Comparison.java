package dev.tenon.compression.compare;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Judges two models on the same samples: by how much is the second worse than the first, and may that be chance? The models may
 * have any format that Tenon reads, and need not come from Tenon. Inputs and outputs belong together by their names, or by their
 * order where the names differ. Immutable; each method returns a changed copy.
 *
 * <pre>{@code
 * ComparisonReport report = Comparison.of(Path.of("model.onnx"), Path.of("model-int8.onnx"))
 *     .on(Samples.npy(Path.of("test.npy")))
 *     .metrics(Metric.accuracy(labels), Metric.macroF1(labels))
 *     .floor(0.005)
 *     .run(Progress.ignored());
 * }</pre>
 */
public final class Comparison {
    private static final class Values extends Settings<Values> {
        private final Model a;
        private final Model b;
        /** Null for none. */
        private Samples samples;

        private List<Metric> metrics = List.of(Metric.cosine());
        private double level = Confidence.standard().level();
        private long seed;
        /** NaN for none. */
        private double floor = Double.NaN;

        Values(Model a, Model b) {
            this.a = a;
            this.b = b;
        }
    }

    private final Values settings;

    private Comparison(Values settings) {
        this.settings = settings;
    }

    private Comparison with(Consumer<Values> change) {
        return new Comparison(settings.with(change));
    }

    /**
     * A comparison of two models.
     *
     * @param a the model to compare with
     * @param b the model that is judged
     * @return the comparison
     */
    public static Comparison of(Model a, Model b) {
        return new Comparison(new Values(a, b));
    }

    /**
     * A comparison of two models in files.
     *
     * @param a the model to compare with
     * @param b the model that is judged
     * @return the comparison
     * @throws dev.tenon.error.TenonException as {@link Model#load(Path)}
     */
    public static Comparison of(Path a, Path b) {
        return of(Model.load(a), Model.load(b));
    }

    /**
     * The samples.
     *
     * @param samples inputs of the first model
     * @return the changed copy
     */
    public Comparison on(Samples samples) {
        return with(s -> s.samples = samples);
    }

    /**
     * How the models are judged.
     *
     * @param metrics at least one; the cosine if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if there is none
     */
    public Comparison metrics(Metric... metrics) {
        if (metrics.length == 0) {
            throw new InvalidOptionException("Comparison.metrics", "none", "at least one", null);
        }
        List<Metric> all = List.of(metrics);
        return with(s -> s.metrics = all);
    }

    /**
     * The confidence of the margins.
     *
     * @param level the share of intervals that hold the true loss; 0.95 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is not between 0 and 1
     */
    public Comparison confidence(double level) {
        Confidence checked = new Confidence(level, 0, true);
        return with(s -> s.level = checked.level());
    }

    /**
     * The seed of the bootstrap.
     *
     * @param seed any number; 0 if this is not called
     * @return the changed copy
     */
    public Comparison seed(long seed) {
        return with(s -> s.seed = seed);
    }

    /**
     * The loss that is allowed, of each metric and in its unit. Without it the verdict tells which model is better.
     *
     * @param loss at least 0
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or NaN
     */
    public Comparison floor(double loss) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Comparison.floor", loss + "", "at least 0", null);
        }
        return with(s -> s.floor = loss);
    }

    /**
     * Judges the models. Samples and labels are checked before any work.
     *
     * @param progress learns how far the work is, and may cancel it
     * @return the result
     * @throws CompressionException if samples are missing or do not fit, labels do not fit, or the models have inputs or outputs
     *     of other numbers or shapes
     * @throws dev.tenon.error.ResourceLimitException if memory is short
     */
    public ComparisonReport run(Progress progress) {
        if (settings.samples == null) {
            throw new CompressionException("comparison", "no samples", "samples", "give them to Comparison.on");
        }
        Confidence confidence = new Confidence(settings.level, settings.seed, true);
        List<Evaluation> judges = new ArrayList<>();
        for (Metric metric : settings.metrics) {
            Evaluation judge = new Evaluation(settings.a, settings.samples, metric, confidence);
            judge.check();
            judges.add(judge);
        }
        List<Score> scores = new ArrayList<>();
        for (Evaluation judge : judges) {
            int done = scores.size();
            scores.add(judge.score(
                    settings.b,
                    share -> progress.at(judge.metric().name(), (done + share) / judges.size(), Optional.empty())));
        }
        progress.at("done", 1, Optional.empty());
        return new ComparisonReport(scores, settings.floor, settings.seed);
    }
}
