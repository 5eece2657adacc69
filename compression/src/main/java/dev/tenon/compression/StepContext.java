package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.ObservedSession;
import dev.tenon.SessionOptions;
import dev.tenon.ValueObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The surroundings of a step: samples for calibration, the seed, and where it reports progress and layers. */
public final class StepContext {
    private final Samples.Calls samples;
    private final long seed;
    private final Task task;
    private final Model source;
    private final Path folder;
    private final List<LayerReport> layers = new ArrayList<>();
    private final List<CompressionReport.ActivationRange> activations = new ArrayList<>();
    private final List<CompressionReport.ChannelRanges> channels = new ArrayList<>();
    private final List<CompressionReport.Training> trainings = new ArrayList<>();

    /**
     * The findings that steps have reported, in order.
     *
     * @param layers the effects on layers
     * @param activations the ranges that were chosen for activations
     * @param channels the ranges of channels that were equalised
     * @param trainings how weights were trained
     */
    record Findings(
            List<LayerReport> layers,
            List<CompressionReport.ActivationRange> activations,
            List<CompressionReport.ChannelRanges> channels,
            List<CompressionReport.Training> trainings) {
        static Findings none() {
            return new Findings(List.of(), List.of(), List.of(), List.of());
        }

        Findings and(Findings more) {
            return new Findings(
                    joined(layers, more.layers),
                    joined(activations, more.activations),
                    joined(channels, more.channels),
                    joined(trainings, more.trainings));
        }

        Findings withLayers(List<LayerReport> others) {
            return new Findings(List.copyOf(others), activations, channels, trainings);
        }

        private static <T> List<T> joined(List<T> first, List<T> second) {
            List<T> all = new ArrayList<>(first);
            all.addAll(second);
            return List.copyOf(all);
        }
    }

    /** Receives the progress of one step. */
    @FunctionalInterface
    interface Task {
        /** Tells the share of the step that is done, in [0, 1]. */
        void at(String what, double share);
    }

    /**
     * A context.
     *
     * @param samples the samples for calibration, null if there are none
     * @param seed the seed of all random choices
     * @param task receives the progress
     * @param source the model before compression, null if it is not known
     * @param folder where the state of long steps is kept, null for nowhere
     */
    StepContext(Samples.Calls samples, long seed, Task task, Model source, Path folder) {
        this.samples = samples;
        this.seed = seed;
        this.task = task;
        this.source = source;
        this.folder = folder;
    }

    /**
     * A context for a step that runs by itself.
     *
     * @param samples the samples for calibration, bound to the model; null if there are none
     * @param seed the seed of all random choices
     * @return the context
     */
    public static StepContext of(Samples.Calls samples, long seed) {
        return new StepContext(samples, seed, (what, share) -> {}, null, null);
    }

    /**
     * A context for a step that runs by itself, whose progress is told.
     *
     * @param samples the samples for calibration, bound to the model; null if there are none
     * @param seed the seed of all random choices
     * @param progress learns how far the step is, without an estimate of the time, and may cancel it
     * @return the context
     */
    public static StepContext of(Samples.Calls samples, long seed, Progress progress) {
        return new StepContext(samples, seed, (what, share) -> progress.at(what, share, Optional.empty()), null, null);
    }

    /**
     * A context like this one for a model that steps have compressed already.
     *
     * @param source the model before all steps, from which steps that train learn
     * @param folder where the state of long steps is kept, if anywhere
     * @return the context, in which nothing was reported yet
     */
    public StepContext of(Model source, Optional<Path> folder) {
        return new StepContext(samples, seed, task, source, folder.orElse(null));
    }

    /** {@return a context with the surroundings of this one, in which nothing was reported yet} */
    public StepContext apart() {
        return new StepContext(samples, seed, task, source, folder);
    }

    /**
     * A step that was done in this context. It gives the same result without any work, and reports what was reported here.
     *
     * @param step the step, whose name it has
     * @param result what the step has made
     * @return the step, which leaves no layers out
     */
    public Step done(Step step, Model result) {
        return new Done(step, result, findings());
    }

    /** A step that was done, its result and its findings. */
    record Done(Step step, Model result, Findings findings) implements Step {
        @Override
        public String name() {
            return step.name();
        }

        @Override
        public boolean needsSamples() {
            return step.needsSamples();
        }

        @Override
        public Model apply(Model model, StepContext context) {
            findings.layers().forEach(context::report);
            findings.activations().forEach(context::report);
            findings.channels().forEach(context::report);
            findings.trainings().forEach(context::report);
            return result;
        }

        @Override
        public String toString() {
            return step.toString();
        }
    }

    /** {@return the model before all steps, if it is known} */
    public Optional<Model> source() {
        return Optional.ofNullable(source);
    }

    /** {@return the folder where a step that takes long keeps its state, if there is one; the step makes it} */
    public Optional<Path> folder() {
        return Optional.ofNullable(folder);
    }

    /** {@return the samples for calibration, if there are any} */
    public Optional<Samples.Calls> samples() {
        return Optional.ofNullable(samples);
    }

    /** {@return the seed of all random choices} */
    public long seed() {
        return seed;
    }

    /**
     * Tells how far the step is. Steps call this often, since the caller can cancel the run here.
     *
     * @param what the work that goes on, in words
     * @param share the share of the step that is done, in [0, 1]
     * @throws java.util.concurrent.CancellationException if the caller has cancelled the run
     */
    public void progress(String what, double share) {
        task.at(what, share);
    }

    /**
     * Reports a layer.
     *
     * @param layer the effect on the layer
     */
    public void report(LayerReport layer) {
        layers.add(layer);
    }

    /**
     * Reports the range that was chosen for an activation.
     *
     * @param range the range, with the values that were seen
     */
    public void report(CompressionReport.ActivationRange range) {
        activations.add(range);
    }

    /**
     * Reports the ranges of channels before and after they were equalised.
     *
     * @param ranges the ranges of the channels between two layers
     */
    public void report(CompressionReport.ChannelRanges ranges) {
        channels.add(ranges);
    }

    /**
     * Reports how weights were trained.
     *
     * @param training the curve of the loss, and what was trained
     */
    public void report(CompressionReport.Training training) {
        trainings.add(training);
    }

    /** All that was reported so far. */
    Findings findings() {
        return new Findings(
                List.copyOf(layers), List.copyOf(activations), List.copyOf(channels), List.copyOf(trainings));
    }

    /** {@return the trainings that were reported so far, in order} */
    public List<CompressionReport.Training> trainings() {
        return List.copyOf(trainings);
    }

    /** {@return the layers that were reported so far, in order} */
    public List<LayerReport> layers() {
        return List.copyOf(layers);
    }

    /**
     * Runs a model on all samples, and reports values of its graph. One pass: nothing is kept of a call after it.
     *
     * @param model the model
     * @param values the names of values of its graph
     * @param what the work that goes on, in words, for the progress
     * @param observer receives each value of each call, in the order of the graph
     * @throws CompressionException if there are no samples
     */
    public void observe(Model model, Collection<String> values, String what, ValueObserver observer) {
        if (samples == null) {
            throw new CompressionException("calibration", "no samples", "some", "give them to Compressor.calibrate");
        }
        ObservedSession session = model.session(SessionOptions.standard()).observe(List.copyOf(values), observer);
        long[] done = {0};
        long calls = Math.max(1, samples.samples());
        samples.forEach(call -> {
            session.predict(call.inputs());
            done[0] += call.samples();
            progress(what, Math.min(1, (double) done[0] / calls));
        });
    }
}
