package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Metric;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.Step;
import dev.tenon.compression.Trial;
import dev.tenon.compression.checkpoint.CheckpointFile;
import dev.tenon.compression.search.Option.Use;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.options.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Finds which technique goes where: the options of layers that make a model as small or as fast as an accuracy floor allows.
 *
 * <pre>{@code
 * SearchResult result = Search.of(model)
 *     .calibrate(samples)
 *     .evaluate(others, Metric.accuracy(labels))
 *     .option("int8", layers -> Quantize.int8().layers(layers))
 *     .option("int4", layers -> Quantize.weights(4).layers(layers))
 *     .keepAccuracyWithin(0.005)
 *     .objective(Objective.SIZE)
 *     .resumeFrom(folder)
 *     .run(progress);
 * }</pre>
 *
 * <p>The search tries each option on all layers, then each option of {@link #option} on each layer alone. A knapsack turns
 * what was gained and
 * harmed there into an order of choices. A bisection along it finds how many of them the floor allows. Since losses do not add
 * up, the choices after that point are ranked anew on top of the plan, and tried again. The result is the best of all trials.
 * With {@link #heal} the floor of all this is a lower one, and the smallest models of the front are healed afterwards.
 *
 * <p>Immutable; each method returns a changed copy. The same model, samples, options and seed give the same result for the
 * objective {@link Objective#SIZE}, and for {@link Objective#LATENCY} with the same {@link Timings}.
 */
public final class Search {
    private static final String KIND = "tenon search 2";
    static final int NAME_DIGITS = 16;

    private static final class Values extends Settings<Values> {
        private Compressor compressor;
        private List<Option> options = List.of();
        private LayerFilter layers = LayerFilter.all();
        private Objective objective = Objective.SIZE;
        private int threads = 1;
        private Path folder;
        /** Null for none. */
        private Step heal;

        private double relaxedLoss;
        private Timings timings;
        private Stopwatch stopwatch;
        private BiConsumer<Model, Trial> listener = (model, trial) -> {};
    }

    private final Values settings;

    private Search(Values settings) {
        this.settings = settings;
    }

    private Search with(Consumer<Values> change) {
        return new Search(settings.with(change));
    }

    /**
     * A search without options.
     *
     * @param model the model, which stays as it is
     * @return the search
     */
    public static Search of(Model model) {
        return of(Compressor.of(model));
    }

    /**
     * A search without options, with the model, samples, metric, allowed loss and seed of a compressor.
     *
     * @param compressor the compressor, whose steps are done once: the search works on their result
     * @return the search
     */
    public static Search of(Compressor compressor) {
        return new Search(new Values().with(s -> s.compressor = compressor));
    }

    /**
     * Samples for calibration.
     *
     * @param samples inputs as the model will see them
     * @return the changed copy
     */
    public Search calibrate(Samples samples) {
        return with(s -> s.compressor = s.compressor.calibrate(samples));
    }

    /**
     * How models are judged.
     *
     * @param samples inputs, best such as calibration has not seen
     * @param metric the metric
     * @return the changed copy
     */
    public Search evaluate(Samples samples, Metric metric) {
        return with(s -> s.compressor = s.compressor.evaluate(samples, metric));
    }

    /**
     * An option that may be chosen for a layer.
     *
     * @param name its name in reports and checkpoints. Checkpoints are found again by names: give an option with other
     *     settings another name
     * @param maker makes a step that changes only the layers which a filter accepts. The step must report the layers that it
     *     changes with {@link dev.tenon.compression.StepContext#report}: layers that it does not report are only changed by
     *     the option as a whole
     * @return the changed copy
     * @throws CompressionException if the name is empty or another option has it
     */
    public Search option(String name, Function<LayerFilter, Step> maker) {
        return option(new Option(name, maker, Use.CHOICE));
    }

    /**
     * An option that is tried on all layers together, and is the result for all of them or for none: pruning of channels, whose
     * layers depend on each other, or several steps one after the other.
     *
     * @param name its name in reports and checkpoints
     * @param maker makes a step that changes only the layers which a filter accepts
     * @return the changed copy
     * @throws CompressionException if the name is empty or another option has it
     */
    public Search whole(String name, Function<LayerFilter, Step> maker) {
        return option(new Option(name, maker, Use.WHOLE));
    }

    /**
     * A change whose sensitivity is measured layer by layer, but which is never chosen: activations alone, say. The layers are
     * those that an option changes. In the report it is shown beside an option if it is named as the option with
     * {@code " weights"} or {@code " activations"} after it.
     *
     * @param name its name in reports and checkpoints
     * @param maker makes a step that changes only the layers which a filter accepts
     * @return the changed copy
     * @throws CompressionException if the name is empty or another option has it
     */
    public Search measure(String name, Function<LayerFilter, Step> maker) {
        return option(new Option(name, maker, Use.MEASURED));
    }

    private Search option(Option option) {
        String name = option.name();
        if (name.isEmpty() || settings.options.stream().anyMatch(o -> o.name().equals(name))) {
            throw new CompressionException(
                    "Search.option", "the name '" + name + "'", "names of one option each", null);
        }
        return with(s -> {
            List<Option> more = new ArrayList<>(s.options);
            more.add(option);
            s.options = List.copyOf(more);
        });
    }

    /**
     * Which layers may be changed.
     *
     * @param layers the filter; all layers if this is not called
     * @return the changed copy
     */
    public Search layers(LayerFilter layers) {
        return with(s -> s.layers = layers);
    }

    /**
     * The loss that is allowed, in units of the metric: 0.005 is half a point of accuracy or cosine.
     *
     * @param loss at least 0; {@link Compressor#STANDARD_LOSS} if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or NaN
     */
    public Search keepAccuracyWithin(double loss) {
        return with(s -> s.compressor = s.compressor.keepAccuracyWithin(loss));
    }

    /**
     * Heals what the search finds. It makes its plans with a larger loss than the allowed one. Then the step is applied to the three
     * smallest models that no trial beats, from the smallest on, until one keeps within the allowed loss. The result is the smallest of
     * all that do, healed or not.
     *
     * @param loss the loss that plans may have before they are healed, in units of the metric; the allowed one counts if it is larger
     * @param step trains the weights, as {@link dev.tenon.compression.distill.Heal} does; its teacher is the model before compression.
     *     Checkpoints are found again by its text
     * @return the changed copy
     * @throws InvalidOptionException if the loss is negative or NaN
     */
    public Search heal(double loss, Step step) {
        if (!(loss >= 0)) {
            throw new InvalidOptionException("Search.heal", loss + "", "at least 0", null);
        }
        return with(s -> {
            s.relaxedLoss = loss;
            s.heal = Objects.requireNonNull(step, "step");
        });
    }

    /**
     * The quantity to make small.
     *
     * @param objective the quantity; the size if this is not called
     * @return the changed copy
     */
    public Search objective(Objective objective) {
        return with(s -> s.objective = objective);
    }

    /**
     * The seed of all random choices.
     *
     * @param seed any number; 0 if this is not called
     * @return the changed copy
     */
    public Search seed(long seed) {
        return with(s -> s.compressor = s.compressor.seed(seed));
    }

    /**
     * The threads of a call whose time is measured.
     *
     * @param count at least 1; 1 if this is not called
     * @return the changed copy
     */
    public Search threads(int count) {
        return with(s -> s.threads = count);
    }

    /**
     * Keeps finished trials in a folder, and takes trials from there that an earlier run of the same search has finished. So a
     * run that was ended goes on where it was, with the same result. Without this nothing is written.
     *
     * @param folder the folder, made if it does not exist. A file in it belongs to a model, samples, options, layers and a seed
     * @return the changed copy
     */
    public Search resumeFrom(Path folder) {
        return with(s -> s.folder = folder);
    }

    /**
     * Lets the time of each trial be measured, or taken from what was measured before. Without this, times are measured only
     * for {@link Objective#LATENCY}.
     *
     * @param timings the times
     * @return the changed copy
     */
    public Search timings(Timings timings) {
        return with(s -> s.timings = timings);
    }

    /** Measures times in another way. */
    Search stopwatch(Stopwatch stopwatch) {
        return with(s -> s.stopwatch = stopwatch);
    }

    /**
     * Sets a listener for each model that is better than all before it. So the best model is at hand when a run is cancelled.
     *
     * @param listener receives a model that meets the floor, and its trial; not called for trials that an earlier run made
     * @return the changed copy
     */
    public Search onBest(BiConsumer<Model, Trial> listener) {
        return with(s -> s.listener = listener);
    }

    /**
     * Runs the search, as {@link #run(Progress)} does, and tells nobody how far it is.
     *
     * @return the best model, never one that misses the floor; the model before compression, with a remark, if none is better
     * @throws CompressionException if samples, options or labels are missing or do not fit, or a file of an earlier run is
     *     damaged
     */
    public SearchResult run() {
        return run(Progress.ignored());
    }

    /**
     * Runs the search.
     *
     * @param progress learns how far the search is, and may cancel it. Finished trials stay in the folder of
     *     {@link #resumeFrom}
     * @return the best model, never one that misses the floor; the model before compression, with a remark, if none is better
     * @throws CompressionException if samples, options or labels are missing or do not fit, or a file of an earlier run is
     *     damaged
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the search
     */
    public SearchResult run(Progress progress) {
        return ModelBytes.guarded("search", () -> checkedRun(progress));
    }

    private SearchResult checkedRun(Progress progress) {
        check();
        Work work = new Work(progress);
        Compressor compressor = settings.compressor.stepsDone((task, share, remaining) ->
                work.within("steps before the search").at(task, 0, remaining));
        Setting setting = setting(compressor);
        long bytes = ModelSize.bytes(compressor.current());
        double allowed = compressor.allowedLoss();
        Ranking demanded = new Ranking(settings.objective, allowed, bytes);
        Ranking ranking = settings.heal == null
                ? demanded
                : new Ranking(settings.objective, Math.max(allowed, settings.relaxedLoss), bytes);
        Trials trials = new Trials(setting, ranking, demanded, memory(setting), work, settings.listener);
        SearchRun run = new SearchRun(trials);
        run.run();
        SearchResult result = result(compressor, run, trials);
        work.done();
        return result;
    }

    private void check() {
        if (settings.options.stream().allMatch(option -> option.use() == Use.MEASURED)) {
            throw new CompressionException("search", "no options", "at least one", "give them to Search.option");
        }
        Compressor c = settings.compressor;
        if (c.metric().isEmpty() || c.evaluation().isEmpty()) {
            throw new CompressionException(
                    "search", "no metric", "a metric and samples", "give them to Search.evaluate");
        }
        judge(c).check();
        c.checkTest();
    }

    private static Evaluation judge(Compressor c) {
        return new Evaluation(
                c.model(), c.evaluation().orElseThrow(), c.metric().orElseThrow(), c.confidence());
    }

    private Setting setting(Compressor c) {
        settings.layers.check(c.current().graph());
        Samples.Calls calls =
                c.calibration().map(s -> s.bind(c.model().inputs())).orElse(null);
        for (Option option : settings.options) {
            if (calls == null && option.maker().apply(settings.layers).needsSamples()) {
                throw new CompressionException(
                        "option " + option.name(),
                        "no samples",
                        "samples for calibration",
                        "give them to Search.calibrate");
            }
        }
        if (calls == null && settings.heal != null && settings.heal.needsSamples()) {
            throw new CompressionException(
                    settings.heal.name(), "no samples", "samples for calibration", "give them to Search.calibrate");
        }
        return new Setting(
                c.current(), c.model(), calls, judge(c), settings.options, settings.layers, settings.heal, c.seed());
    }

    private Trials.Memory memory(Setting setting) {
        boolean isTimed = settings.timings != null || settings.objective == Objective.LATENCY;
        Timings timings = settings.timings == null ? Timings.measured() : settings.timings;
        CheckpointFile finished = new CheckpointFile(null, KIND, "");
        if (settings.folder != null) {
            String key = setting.key();
            String name = key.substring(0, NAME_DIGITS);
            CheckpointFile.folder(settings.folder);
            finished = new CheckpointFile(settings.folder.resolve("search-" + name + ".txt"), KIND, "key " + key);
            if (settings.timings == null) {
                timings = Timings.file(settings.folder.resolve("timings-" + name + ".txt"));
            }
        }
        Stopwatch stopwatch = settings.stopwatch;
        if (isTimed && stopwatch == null) {
            stopwatch = Stopwatch.interleaved(setting.model(), setting.judge().samples(), settings.threads);
        }
        return new Trials.Memory(
                finished,
                isTimed ? timings.open(setting.model()) : null,
                stopwatch,
                Optional.ofNullable(settings.folder));
    }

    private SearchResult result(Compressor compressor, SearchRun run, Trials trials) {
        List<SearchResult.LeftLayer> left = run.left();
        trials.work().stage("result", 0, false);
        Compressor last = settings.folder == null ? compressor : compressor.checkpoints(settings.folder);
        Compression found = last.apply(new LeavingStep(trials.bestStep(), left))
                .run(trials.work().within("the best plan"));
        List<Sensitivity> sensitivities = run.sensitivities();
        boolean isBetter = trials.best().isPresent();
        return new SearchResult(
                new Compression(
                        found.model(),
                        found.report()
                                .withSearch(
                                        sensitivities,
                                        marked(trials.candidates(), trials),
                                        settings.objective.name().toLowerCase(Locale.ROOT),
                                        trials.setting().optionNames())),
                trials.best().map(Trial::chosen).orElse(trials.input()),
                isBetter,
                isBetter ? "" : remark(trials),
                marked(trials.all(), trials),
                sensitivities,
                marked(run.front(), trials),
                left);
    }

    /** Trials, of which the best one is marked as chosen. */
    private static List<Trial> marked(List<Trial> some, Trials trials) {
        Trial best = trials.best().orElse(null);
        return some.stream()
                .map(trial -> trial.equals(best) ? trial.chosen() : trial)
                .toList();
    }

    private String remark(Trials trials) {
        long met = trials.all().stream().filter(trials.ranking()::isMet).count();
        String what = settings.objective == Objective.SIZE ? "smaller" : "faster";
        return "the model is left as "
                + (settings.compressor.current() == trials.setting().model() ? "it was" : "the steps have made it")
                + ": " + trials.all().size() + " trials, " + met + " of them keep within the floor, none of these is "
                + what;
    }
}
