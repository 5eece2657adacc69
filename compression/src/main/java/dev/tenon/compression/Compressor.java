package dev.tenon.compression;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.error.InvalidOptionException;
import java.nio.file.Path;
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
    /** The share of a run that is counted for measuring the latency. */
    private static final double MEASURING = 0.1;

    private final Source source;
    private final Samples calibration;
    private final Judging judging;
    private final List<Step> steps;
    private final int threads;
    private final long seed;

    /** How the result is judged. Samples and metric may be null. */
    private record Judging(Samples samples, Metric metric, double allowedLoss) {}

    /**
     * The model before compression.
     *
     * @param name its name in the report
     * @param bytes the bytes of its files; negative if it comes from none
     */
    private record Source(Model model, String name, long bytes) {}

    /**
     * A compressor.
     *
     * @param threads the threads of the calls whose latency is measured; 0 if it is not
     */
    private Compressor(Source source, Samples calibration, Judging judging, List<Step> steps, int threads, long seed) {
        this.source = source;
        this.calibration = calibration;
        this.judging = judging;
        this.steps = steps;
        this.threads = threads;
        this.seed = seed;
    }

    /**
     * A compression without steps.
     *
     * @param model the model, which stays as it is. The report has the bytes that it takes as an ONNX file of Tenon
     * @return the compressor
     */
    public static Compressor of(Model model) {
        return of(new Source(model, model.graph().name(), -1));
    }

    /**
     * A compression without steps of a model in a file.
     *
     * @param file an ONNX file. The report has its name, and its bytes with those of its external data
     * @return the compressor
     * @throws dev.tenon.formats.ModelFileException if the file can't be read
     * @throws dev.tenon.formats.MalformedModelException if it holds no well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if the model needs an operator or a feature that Tenon does not have
     */
    public static Compressor of(Path file) {
        ExternalBytes external = new ExternalBytes(file);
        Model model = Model.load(file, LoadOptions.standard().externalData(external));
        String name = String.valueOf(file.getFileName());
        int end = name.lastIndexOf('.');
        return of(new Source(model, end > 0 ? name.substring(0, end) : name, external.sum()));
    }

    private static Compressor of(Source source) {
        return new Compressor(source, null, new Judging(null, null, Double.POSITIVE_INFINITY), List.of(), 0, 0);
    }

    /** {@return the model before compression} */
    public Model model() {
        return source.model();
    }

    /** {@return the samples for calibration, if there are any} */
    public Optional<Samples> calibration() {
        return Optional.ofNullable(calibration);
    }

    /** {@return the samples on which results are judged: those of their own, or those for calibration} */
    public Optional<Samples> evaluation() {
        return judging.samples() == null ? calibration() : Optional.of(judging.samples());
    }

    /** {@return how results are judged, if a metric was given} */
    public Optional<Metric> metric() {
        return Optional.ofNullable(judging.metric());
    }

    /** {@return the loss that is allowed, in units of the metric; infinite if none was given} */
    public double allowedLoss() {
        return judging.allowedLoss();
    }

    /** {@return the seed of all random choices} */
    public long seed() {
        return seed;
    }

    /** {@return the threads of the calls whose latency is measured; 0 if it is not} */
    public int latencyThreads() {
        return threads;
    }

    private Compressor with(Judging other) {
        return new Compressor(source, calibration, other, steps, threads, seed);
    }

    /**
     * Samples for calibration.
     *
     * @param samples inputs as the model will see them
     * @return the changed copy
     */
    public Compressor calibrate(Samples samples) {
        return new Compressor(source, samples, judging, steps, threads, seed);
    }

    /**
     * How the result is judged, on the samples for calibration.
     *
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Metric metric) {
        return with(new Judging(null, metric, judging.allowedLoss()));
    }

    /**
     * How the result is judged, on samples of its own. Calibration has not seen them, so the result is a fairer one.
     *
     * @param samples inputs that calibration has not seen
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Samples samples, Metric metric) {
        return with(new Judging(samples, metric, judging.allowedLoss()));
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
        return new Compressor(source, calibration, judging, List.copyOf(all), threads, seed);
    }

    /**
     * The loss that is allowed, in units of the metric: 0.005 is half a point of accuracy or cosine. Of the mean squared error
     * it is the largest value. If the steps lose more, the layers that hurt most are left as they were, and the report names
     * them. That needs steps that can leave layers out: see {@link Step#leaving}. If no choice of layers keeps within the loss,
     * the result is the one that loses least, and {@link CompressionReport#isFloorMet} is false.
     *
     * @param loss at least 0
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or NaN
     */
    public Compressor keepAccuracyWithin(double loss) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Compressor.keepAccuracyWithin", loss + "", "at least 0", null);
        }
        return with(new Judging(judging.samples(), judging.metric(), loss));
    }

    /**
     * The seed of all random choices.
     *
     * @param seed any number; 0 if this is not called
     * @return the changed copy
     */
    public Compressor seed(long seed) {
        return new Compressor(source, calibration, judging, steps, threads, seed);
    }

    /**
     * Measures how long a call with one sample takes on this machine, before and after compression, and reports the median of
     * calls that follow a warm-up. This takes several seconds. Without samples it needs a model whose inputs have known shapes
     * but for a first dimension; the report has no latency otherwise.
     *
     * @param threads the threads of a call, at least 1
     * @return the changed copy
     * @throws InvalidOptionException if the number is less than 1
     */
    public Compressor measureLatency(int threads) {
        if (threads < 1) {
            throw new InvalidOptionException("Compressor.measureLatency", threads + "", "1 or more", null);
        }
        return new Compressor(source, calibration, judging, steps, threads, seed);
    }

    /**
     * Compresses the model. Names, shapes and numbers of samples and labels are checked before any work, and the model runs
     * on the first sample.
     *
     * @param progress learns how far the work is
     * @return the compressed model and the report
     * @throws CompressionException if samples are missing or do not fit, or a step can't be done
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the run
     */
    public Compression run(Progress progress) {
        Model model = source.model();
        Samples.Calls calls = calibration == null ? null : calibration.bind(model.inputs());
        for (Step step : steps) {
            if (step.needsSamples() && calls == null) {
                throw new CompressionException(
                        step.name(), "no samples", "samples for calibration", "give them to Compressor.calibrate");
            }
        }
        Optional<Evaluation> judge = judge();
        Optional<FirstSample> sample = FirstSample.of(
                model, calls != null ? calls : judge.map(Evaluation::samples).orElse(null));
        Meters meters = new Meters(model, judge, sample, threads);
        meters.checkRuns();
        return run(new StepRunner(model, calls, judge, seed), meters, progress);
    }

    private Compression run(StepRunner runner, Meters meters, Progress progress) {
        long start = System.nanoTime();
        double timed = meters.isTimed() ? MEASURING : 0;
        StepContext.Task task = (what, share) -> tell(progress, what, share * (1 - timed), start);
        Attempt attempt = runner.run(steps, List.of(), task);
        if (attempt.misses(judging.allowedLoss())) {
            attempt = new LayerReverts(runner, steps, judging.allowedLoss(), task).improve(attempt);
        }
        Optional<CompressionReport.Latency> latency = Optional.empty();
        if (meters.isTimed()) {
            tell(progress, "latency", 1 - timed, start);
            latency = Optional.of(meters.latency(attempt.model()));
        }
        CompressionReport report = report(attempt, meters.flops(attempt.model()), latency);
        tell(progress, "done", 1, start);
        return new Compression(attempt.model(), report);
    }

    private Optional<Evaluation> judge() {
        Metric metric = judging.metric();
        if (metric == null) {
            return Optional.empty();
        }
        Samples samples = judging.samples() == null ? calibration : judging.samples();
        if (samples == null) {
            throw new CompressionException(
                    "metric " + metric.name(), "no samples", "samples", "give them to Compressor.evaluate");
        }
        return Optional.of(new Evaluation(source.model(), samples, metric));
    }

    private static void tell(Progress progress, String task, double share, long start) {
        double elapsed = System.nanoTime() - start;
        Optional<Duration> remaining =
                share > 0 ? Optional.of(Duration.ofNanos((long) (elapsed / share * (1 - share)))) : Optional.empty();
        progress.at(task, share, remaining);
    }

    private CompressionReport report(
            Attempt attempt, Optional<CompressionReport.Change> flops, Optional<CompressionReport.Latency> latency) {
        Model model = source.model();
        Model result = attempt.model();
        return new CompressionReport(
                source.name(),
                steps.stream().map(Step::name).collect(Collectors.joining("+")),
                new CompressionReport.Change(
                        source.bytes() < 0 ? ModelSize.bytes(model) : source.bytes(), ModelSize.bytes(result)),
                new CompressionReport.Change(ModelSize.parameters(model.graph()), ModelSize.parameters(result.graph())),
                flops,
                attempt.score(),
                latency,
                attempt.layers(),
                !attempt.misses(judging.allowedLoss()),
                seed,
                new CompressionReport.Details(
                        attempt.stages().size() > 1 ? attempt.stages() : List.of(),
                        StoredTensor.of(model.graph()),
                        StoredTensor.of(result.graph()),
                        List.of(),
                        List.of(),
                        Machine.current()));
    }
}
