package dev.tenon.compression;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.options.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

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
 *     .run();
 * result.save(Path.of("model-int8.onnx"));
 * }</pre>
 *
 * <p>The same model, samples, steps and seed give the same bytes.
 */
public final class Compressor {
    /** The loss that is allowed where results are judged and no other one is given: half a point of accuracy or cosine. */
    public static final double STANDARD_LOSS = 0.005;

    /** The share of a run that is counted for measuring the latency. */
    private static final double MEASURING = 0.1;

    /** The share of a run after which the time that remains is estimated. */
    private static final double LEAST_SHARE = 0.05;

    /**
     * The model before compression.
     *
     * @param name its name in the report
     * @param bytes the bytes of its files; negative if it comes from none
     * @param hash the hash of its file; null if it comes from none
     */
    record Source(Model model, String name, long bytes, String hash) {}

    private static final class Values extends Settings<Values> {
        private final Source source;
        /** Null for none. */
        private Samples calibration;

        /** Null for those of the calibration. */
        private Samples evaluation;

        /** Null for none. */
        private Metric metric;

        /** Null for none. */
        private Samples test;

        /** Null for none. */
        private Metric testMetric;

        /** NaN if no confidence is demanded. */
        private double confidence = Double.NaN;

        private double allowedLoss = STANDARD_LOSS;
        private List<Step> steps = List.of();
        /** The threads of the calls whose latency is measured; 0 if it is not. */
        private int latencyThreads;

        private long seed;
        private Memory memory = Memory.none();

        /** Null for nowhere. */
        private Path folder;

        private BiConsumer<Model, Optional<Score>> listener = (model, score) -> {};

        Values(Source source) {
            this.source = source;
        }
    }

    /** Keeps what a run has found out, so that a later run of the same work goes on where it was. */
    public interface Memory {
        /**
         * A value that was kept.
         *
         * @param name its name
         * @return the value, if there is one
         */
        Optional<String> get(String name);

        /**
         * Keeps a value.
         *
         * @param name its name
         * @param value a text in one line
         */
        void put(String name, String value);

        /** {@return a memory that keeps nothing} */
        static Memory none() {
            return new Memory() {
                @Override
                public Optional<String> get(String name) {
                    return Optional.empty();
                }

                @Override
                public void put(String name, String value) {
                    // Nothing is kept.
                }
            };
        }
    }

    private final Values settings;

    private Compressor(Values settings) {
        this.settings = settings;
    }

    private Compressor with(Consumer<Values> change) {
        return new Compressor(settings.with(change));
    }

    /**
     * A compression without steps.
     *
     * @param model the model, which stays as it is. The report has the bytes that it takes as an ONNX file of Tenon
     * @return the compressor
     */
    public static Compressor of(Model model) {
        return of(new Source(model, model.graph().name(), -1, null));
    }

    /**
     * A compression without steps of a model in a file.
     *
     * @param file a file or folder, as {@link Model#load(Path)} takes it. The report has its name, and the bytes of a file with those
     *     of its external data; of a folder the bytes that it takes as an ONNX file of Tenon
     * @return the compressor
     * @throws dev.tenon.formats.ModelFileException if the file can't be read
     * @throws dev.tenon.formats.MalformedModelException if it holds no well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if the model needs an operator or a feature that Tenon does not have
     */
    public static Compressor of(Path file) {
        if (Files.isDirectory(file)) {
            return of(new Source(Model.load(file), String.valueOf(file.getFileName()), -1, null));
        }
        ModelSize.OfFiles external = new ModelSize.OfFiles(file);
        Model model = Model.load(file, LoadOptions.standard().externalData(external));
        String name = String.valueOf(file.getFileName());
        int end = name.lastIndexOf('.');
        return of(new Source(model, end > 0 ? name.substring(0, end) : name, external.sum(), external.hash(model)));
    }

    private static Compressor of(Source source) {
        return new Compressor(new Values(source));
    }

    /** {@return the model before compression} */
    public Model model() {
        return settings.source.model();
    }

    /** {@return the model after the steps that {@link #stepsDone} has done; without any the model before compression} */
    public Model current() {
        return StepRunner.current(model(), settings.steps);
    }

    /** {@return the samples for calibration, if there are any} */
    public Optional<Samples> calibration() {
        return Optional.ofNullable(settings.calibration);
    }

    /** {@return the samples on which results are judged: those of their own, or those for calibration} */
    public Optional<Samples> evaluation() {
        return settings.evaluation == null ? calibration() : Optional.of(settings.evaluation);
    }

    /** {@return how results are judged, if a metric was given} */
    public Optional<Metric> metric() {
        return Optional.ofNullable(settings.metric);
    }

    /** {@return the loss that is allowed, in units of the metric; infinite without a metric} */
    public double allowedLoss() {
        return settings.metric == null && settings.testMetric == null ? Double.POSITIVE_INFINITY : settings.allowedLoss;
    }

    /** {@return the seed of all random choices} */
    public long seed() {
        return settings.seed;
    }

    /** {@return the threads of the calls whose latency is measured; 0 if it is not} */
    public int latencyThreads() {
        return settings.latencyThreads;
    }

    /** {@return who is told the best model so far} */
    public BiConsumer<Model, Optional<Score>> listener() {
        return settings.listener;
    }

    /**
     * Keeps scores in a memory, and takes scores from there that an earlier run of the same work has kept. So a run that was
     * ended goes on where it was, with the same result. Scores are most of the time that it takes to find the layers that
     * hurt; the steps themselves are done again.
     *
     * @param memory the memory of this model, these samples, steps, options, and this metric, loss and seed, and of no others
     * @return the changed copy
     */
    public Compressor resumeFrom(Memory memory) {
        return with(s -> s.memory = memory);
    }

    /**
     * Keeps the state of steps that train in a folder, so that a run that was ended goes on from there with the same result. A
     * step finds its file by the fingerprint of the models, samples and options.
     *
     * @param folder the folder, which is made when there is something to keep
     * @return the changed copy
     */
    public Compressor checkpoints(Path folder) {
        return with(s -> s.folder = folder);
    }

    /**
     * Sets a listener for each model that is better than all before it: one that keeps within the allowed loss and is the smallest so far,
     * or the one that loses least while none does. So the best model is at hand when a run is cancelled.
     *
     * @param listener receives a model, and its score if it was judged
     * @return the changed copy
     */
    public Compressor onBest(BiConsumer<Model, Optional<Score>> listener) {
        return with(s -> s.listener = listener);
    }

    /**
     * Samples for calibration.
     *
     * @param samples inputs as the model will see them
     * @return the changed copy
     */
    public Compressor calibrate(Samples samples) {
        return with(s -> s.calibration = samples);
    }

    /**
     * How the result is judged, on the samples for calibration.
     *
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Metric metric) {
        return evaluate(null, metric);
    }

    /**
     * How the result is judged, on samples of its own. Calibration has not seen them, so the result is a fairer one.
     *
     * @param samples inputs that calibration has not seen
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor evaluate(Samples samples, Metric metric) {
        return with(s -> {
            s.evaluation = samples;
            s.metric = metric;
        });
    }

    /**
     * A test set. The result is judged on it once, when all is chosen, and nothing is chosen by it: so its loss flatters nobody.
     * {@link CompressionReport#isFloorMet} is false if the loss there is not allowed either.
     *
     * @param samples inputs that neither calibration nor evaluation has; a shared sample is an error
     * @param metric the metric
     * @return the changed copy
     */
    public Compressor test(Samples samples, Metric metric) {
        return with(s -> {
            s.test = samples;
            s.testMetric = metric;
        });
    }

    /**
     * Allows a loss only if the upper end of its interval of confidence is allowed, too: on the samples for evaluation and on
     * the test set. Without this, margins of 95 % are told but not demanded.
     *
     * @param level the share of intervals that hold the true loss, such as 0.95. The upper end alone errs in half of the other
     *     cases
     * @return the changed copy
     * @throws InvalidOptionException if the level is not between 0 and 1
     */
    public Compressor confidence(double level) {
        Confidence checked = new Confidence(level, 0, true);
        return with(s -> s.confidence = checked.level());
    }

    /** {@return what makes the margins of losses: the level that is demanded, or 95 %, with the seed} */
    public Confidence confidence() {
        return Double.isNaN(settings.confidence)
                ? new Confidence(Confidence.standard().level(), settings.seed, false)
                : new Confidence(settings.confidence, settings.seed, true);
    }

    /**
     * Steps, after those given before.
     *
     * @param more the steps in the order in which they are applied
     * @return the changed copy
     */
    public Compressor apply(Step... more) {
        List<Step> all = new ArrayList<>(settings.steps);
        all.addAll(List.of(more));
        return with(s -> s.steps = List.copyOf(all));
    }

    /**
     * Does the steps now, once: {@link #run} and a search take their results, whatever they apply after them. No layer is left out of
     * them later.
     *
     * @param progress learns how far the work is
     * @return a copy whose steps are done
     * @throws CompressionException if samples are missing or do not fit, or a step can't be done
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the run
     */
    public Compressor stepsDone(Progress progress) {
        Model model = model();
        StepContext context = new StepContext(
                calls(),
                settings.seed,
                (what, share) -> progress.at(what, Math.min(1, share), Optional.empty()),
                model,
                settings.folder);
        List<Step> done = ModelBytes.guarded(
                "steps of '" + settings.source.name() + "'", () -> StepRunner.done(settings.steps, model, context));
        return with(s -> s.steps = done);
    }

    /** The samples for calibration, or null if there are none and no step needs any. */
    private Samples.Calls calls() {
        Samples.Calls calls = settings.calibration == null ? null : settings.calibration.bind(model().inputs());
        for (Step step : settings.steps) {
            if (step.needsSamples() && calls == null) {
                throw new CompressionException(
                        step.name(), "no samples", "samples for calibration", "give them to Compressor.calibrate");
            }
        }
        return calls;
    }

    /**
     * The loss that is allowed, in units of the metric: 0.005 is half a point of accuracy or cosine. Of the mean squared error
     * it is the largest value. If the steps lose more, the layers that hurt most are left as they were, and the report names
     * them. That needs steps that can leave layers out: see {@link Step#leaving}. If no choice of layers keeps within the loss,
     * the result is the one that loses least, and {@link CompressionReport#isFloorMet} is false.
     *
     * @param loss at least 0, {@link #STANDARD_LOSS} if this is not called; {@link Double#POSITIVE_INFINITY} allows any loss
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or NaN
     */
    public Compressor keepAccuracyWithin(double loss) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Compressor.keepAccuracyWithin", loss + "", "at least 0", null);
        }
        return with(s -> s.allowedLoss = loss);
    }

    /**
     * The seed of all random choices.
     *
     * @param seed any number; 0 if this is not called
     * @return the changed copy
     */
    public Compressor seed(long seed) {
        return with(s -> s.seed = seed);
    }

    /**
     * Measures how long a call with one sample takes on this machine, before and after compression. Calls of both models are made
     * in turns until they get no faster, for five seconds at most, and then measured in 7 to 101 rounds, for three seconds where that
     * is enough. Without samples it needs a model whose inputs have known shapes but for a first dimension; the report has no latency
     * otherwise.
     *
     * @param threads the threads of a call, at least 1
     * @return the changed copy
     * @throws InvalidOptionException if the number is less than 1
     */
    public Compressor measureLatency(int threads) {
        if (threads < 1) {
            throw new InvalidOptionException("Compressor.measureLatency", threads + "", "1 or more", null);
        }
        return with(s -> s.latencyThreads = threads);
    }

    /**
     * Compresses the model, as {@link #run(Progress)} does, and tells nobody how far the work is.
     *
     * @return the compressed model and the report
     * @throws CompressionException if samples are missing or do not fit, or a step can't be done
     * @throws dev.tenon.error.ResourceLimitException if memory is short
     */
    public Compression run() {
        return run(Progress.ignored());
    }

    /**
     * Compresses the model. Names, shapes and numbers of samples and labels are checked before any work, and the model runs
     * on the first sample.
     *
     * @param progress learns how far the work is
     * @return the compressed model and the report
     * @throws CompressionException if samples are missing or do not fit, or a step can't be done
     * @throws dev.tenon.error.ResourceLimitException if memory is short
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the run
     */
    public Compression run(Progress progress) {
        return ModelBytes.guarded("compression of '" + settings.source.name() + "'", () -> checkedRun(progress));
    }

    private Compression checkedRun(Progress progress) {
        Model model = settings.source.model();
        Samples.Calls calls = calls();
        Optional<Evaluation> judge = judge();
        Optional<Evaluation> test = test();
        Optional<Samples.Call> sample = FirstSample.of(
                model, calls != null ? calls : judge.map(Evaluation::samples).orElse(null));
        Meters meters = new Meters(model, judge, sample, settings.latencyThreads);
        meters.checkRuns();
        return run(new StepRunner.Work(model, calls, judge, settings.seed, settings.folder), test, meters, progress);
    }

    /**
     * Checks that the test set, if there is one, fits the model and its labels, and has no sample of calibration or evaluation.
     * {@link #run} does this first; a search has to do it before its trials.
     *
     * @throws CompressionException if not
     */
    public void checkTest() {
        test();
    }

    private Optional<Evaluation> test() {
        if (settings.test == null) {
            return Optional.empty();
        }
        Model model = settings.source.model();
        Evaluation test = new Evaluation(model, settings.test, settings.testMetric, confidence());
        test.check();
        checkApart(test.samples(), "calibration", settings.calibration);
        checkApart(test.samples(), "evaluation", settings.evaluation);
        return Optional.of(test);
    }

    private void checkApart(Samples.Calls test, String of, Samples others) {
        if (others == null) {
            return;
        }
        long shared =
                Fingerprint.shared(test, others.bind(settings.source.model().inputs()));
        if (shared > 0) {
            throw new CompressionException(
                    "test set",
                    shared + " of " + test.samples() + " samples that the " + of + " has, too",
                    "samples that no choice has seen",
                    "take them out of one of both");
        }
    }

    private Compression run(StepRunner.Work work, Optional<Evaluation> test, Meters meters, Progress progress) {
        StepRunner runner =
                new StepRunner(work, settings.memory, new StepRunner.Best(allowedLoss(), settings.listener));
        long start = System.nanoTime();
        double timed = meters.isTimed() ? MEASURING : 0;
        StepContext.Task task = (what, share) -> tell(progress, what, share * (1 - timed), start);
        StepRunner.Attempt first = runner.run(settings.steps, List.of(), task);
        StepRunner.Attempt attempt = first.misses(allowedLoss())
                ? new LayerReverts(runner, settings.steps, allowedLoss(), task).improve(first)
                : first;
        Optional<Evaluation.Judgement> tested = tested(test, attempt.model(), task);
        Optional<Changes> changes = tested.map(Evaluation.Judgement::changes).or(() -> changes(work, attempt, task));
        Optional<CompressionReport.Latency> latency = Optional.empty();
        if (meters.isTimed()) {
            latency = Optional.of(meters.latency(attempt.model(), () -> tell(progress, "latency", 1 - timed, start)));
        }
        Optional<CompressionReport.Tested> ofTest = tested.map(judgement -> new CompressionReport.Tested(
                judgement.score(), new Fingerprint().add(test.orElseThrow()).hex()));
        RunReport run = new RunReport(
                settings.source,
                settings.steps,
                settings.seed,
                new CompressionReport.Options(allowedLoss(), confidence(), settings.latencyThreads, ""));
        CompressionReport report =
                run.of(attempt, run.evidence(work, attempt, ofTest, changes), meters.flops(attempt.model()), latency);
        tell(progress, "done", 1, start);
        return new Compression(attempt.model(), report);
    }

    private static Optional<Evaluation.Judgement> tested(
            Optional<Evaluation> test, Model result, StepContext.Task task) {
        return test.map(judge -> judge.judge(result, share -> task.at("test", 1)));
    }

    /** The changes on the samples for evaluation, which are found anew if an earlier run has judged the result. */
    private static Optional<Changes> changes(StepRunner.Work work, StepRunner.Attempt attempt, StepContext.Task task) {
        return attempt.changes()
                .or(() -> work.judge()
                        .map(judge -> judge.judge(attempt.model(), share -> task.at("changes", 1))
                                .changes()));
    }

    private Optional<Evaluation> judge() {
        Metric metric = settings.metric;
        if (metric == null) {
            return Optional.empty();
        }
        Samples samples = settings.evaluation == null ? settings.calibration : settings.evaluation;
        if (samples == null) {
            throw new CompressionException(
                    "metric " + metric.name(), "no samples", "samples", "give them to Compressor.evaluate");
        }
        return Optional.of(new Evaluation(settings.source.model(), samples, metric, confidence()));
    }

    private static void tell(Progress progress, String task, double share, long start) {
        double elapsed = System.nanoTime() - start;
        Optional<Duration> remaining = share >= LEAST_SHARE
                ? Optional.of(Duration.ofNanos((long) (elapsed / share * (1 - share))))
                : Optional.empty();
        progress.at(task, share, remaining);
    }
}
