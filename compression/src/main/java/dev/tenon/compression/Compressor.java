package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.error.InvalidOptionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compresses a model: applies steps one after the other, judges the result, and reports what changed. Immutable; each
 * method returns a changed copy.
 *
 * <pre>{@code
 * Compression result = Compressor.of(Model.load(path))
 *     .calibrate(Samples.npy(folder))
 *     .evaluate(Metric.accuracy(labels))
 *     .apply(Quantize.int8())
 *     .keepAccuracyWithin(0.005)
 *     .run(Progress.ignored());
 * result.save(Path.of("model-int8.onnx"));
 * }</pre>
 *
 * <p>The same model, samples, steps and seed give the same bytes.
 */
public final class Compressor {
    private final Model model;
    private final Samples calibration;
    private final Samples evaluation;
    private final Metric metric;
    private final List<Step> steps;
    private final double allowedLoss;
    private final long seed;

    private Compressor(
            Model model,
            Samples calibration,
            Samples evaluation,
            Metric metric,
            List<Step> steps,
            double allowedLoss,
            long seed) {
        this.model = model;
        this.calibration = calibration;
        this.evaluation = evaluation;
        this.metric = metric;
        this.steps = steps;
        this.allowedLoss = allowedLoss;
        this.seed = seed;
    }

    /**
     * A compression without steps.
     *
     * @param model the model, which stays as it is
     * @return the compressor
     */
    public static Compressor of(Model model) {
        return new Compressor(model, null, null, null, List.of(), Double.POSITIVE_INFINITY, 0);
    }

    /**
     * Samples for calibration.
     *
     * @param samples inputs as the model will see them
     * @return the changed copy
     */
    public Compressor calibrate(Samples samples) {
        return new Compressor(model, samples, evaluation, metric, steps, allowedLoss, seed);
    }

    /**
     * How the result is judged, on the samples for calibration.
     *
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Metric metric) {
        return new Compressor(model, calibration, null, metric, steps, allowedLoss, seed);
    }

    /**
     * How the result is judged, on samples of its own. Calibration has not seen them, so the result is a fairer one.
     *
     * @param samples inputs that calibration has not seen
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Samples samples, Metric metric) {
        return new Compressor(model, calibration, samples, metric, steps, allowedLoss, seed);
    }

    /**
     * Steps, after those given before.
     *
     * @param more the steps in the order in which they are applied
     * @return the changed copy
     */
    public Compressor apply(Step... more) {
        List<Step> all = new ArrayList<>(steps);
        all.addAll(List.of(more));
        return new Compressor(model, calibration, evaluation, metric, List.copyOf(all), allowedLoss, seed);
    }

    /**
     * The loss that is allowed, in units of the metric: 0.005 is half a point of accuracy or cosine. If the steps lose more,
     * the layers that hurt most are left as they were, and the report names them. That needs steps that can leave layers out:
     * see {@link Step#leaving}. If no choice of layers keeps within the loss, the result is the one that loses least, and
     * {@link CompressionReport#isFloorMet} is false.
     *
     * @param loss at least 0
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or NaN
     */
    public Compressor keepAccuracyWithin(double loss) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Compressor.keepAccuracyWithin", loss + "", "at least 0", null);
        }
        return new Compressor(model, calibration, evaluation, metric, steps, loss, seed);
    }

    /**
     * The seed of all random choices.
     *
     * @param seed any number; 0 if this is not called
     * @return the changed copy
     */
    public Compressor seed(long seed) {
        return new Compressor(model, calibration, evaluation, metric, steps, allowedLoss, seed);
    }

    /**
     * Compresses the model. Names, shapes and numbers of samples and labels are checked before any work.
     *
     * @param progress learns how far the work is
     * @return the compressed model and the report
     * @throws CompressionException if samples are missing or do not fit, or a step can't be done
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the run
     */
    public Compression run(Progress progress) {
        Samples.Calls calls = calibration == null ? null : calibration.bind(model.inputs());
        for (Step step : steps) {
            if (step.needsSamples() && calls == null) {
                throw new CompressionException(
                        step.name(), "no samples", "samples for calibration", "give them to Compressor.calibrate");
            }
        }
        Optional<Evaluation> judge = judge();
        long start = System.nanoTime();
        StepContext.Task task = (what, share) -> tell(progress, what, share, start);
        StepRunner runner = new StepRunner(model, calls, judge, seed);
        Attempt attempt = runner.run(steps, List.of(), task);
        if (attempt.misses(allowedLoss)) {
            attempt = new LayerReverts(runner, steps, allowedLoss, task).improve(attempt);
        }
        tell(progress, "done", 1, start);
        return new Compression(attempt.model(), report(attempt.model(), attempt.score(), attempt.layers()));
    }

    private Optional<Evaluation> judge() {
        if (metric == null) {
            return Optional.empty();
        }
        Samples samples = evaluation == null ? calibration : evaluation;
        if (samples == null) {
            throw new CompressionException(
                    "metric " + metric.name(), "no samples", "samples", "give them to Compressor.evaluate");
        }
        return Optional.of(new Evaluation(model, samples, metric));
    }

    private static void tell(Progress progress, String task, double share, long start) {
        double elapsed = System.nanoTime() - start;
        Optional<Duration> remaining =
                share > 0 ? Optional.of(Duration.ofNanos((long) (elapsed / share * (1 - share)))) : Optional.empty();
        progress.at(task, share, remaining);
    }

    private CompressionReport report(Model result, Optional<Score> score, List<LayerReport> layers) {
        return new CompressionReport(
                model.graph().name(),
                steps.stream().map(Step::name).collect(Collectors.joining("+")),
                new CompressionReport.Change(ModelSize.bytes(model), ModelSize.bytes(result)),
                new CompressionReport.Change(ModelSize.parameters(model.graph()), ModelSize.parameters(result.graph())),
                new CompressionReport.Change(0, 0),
                score,
                Optional.empty(),
                layers,
                score.isEmpty() || score.get().isWithin(allowedLoss),
                seed);
    }
}
