package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.compression.metric.Changes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Applies steps to a model and judges the result. */
final class StepRunner {
    private final Work work;
    private final Compressor.Memory memory;
    private final Consumer<Attempt> listener;

    /** The results of the first steps, as far as no layer can be left out of them; they are done once. */
    private final List<Made> kept = new ArrayList<>();

    /** The result of some steps, and their findings. */
    private record Made(Model model, StepContext.Findings findings) {}

    /**
     * The work.
     *
     * @param model the model before compression
     * @param samples the samples for calibration, null if there are none
     * @param judge judges results, if there is a metric
     * @param seed the seed of all random choices
     * @param folder where the state of long steps is kept, null for nowhere
     */
    record Work(Model model, Samples.Calls samples, Optional<Evaluation> judge, long seed, Path folder) {}

    /**
     * The result of steps that left some layers as they were.
     *
     * @param model the compressed model
     * @param score how well it does, if it was judged
     * @param changes the samples and classes that changed, if this run has judged the model
     * @param findings the findings of the steps
     * @param left the names of the layers that were left
     * @param stages the model after each step, if it was judged and no layer was left
     */
    record Attempt(
            Model model,
            Optional<Score> score,
            Optional<Changes> changes,
            StepContext.Findings findings,
            Collection<String> left,
            List<CompressionReport.Stage> stages) {
        /** Whether the model was judged and loses more than allowed; a loss that is no number is too much. */
        boolean misses(double allowedLoss) {
            return score.isPresent() && !score.get().isWithin(allowedLoss);
        }
    }

    /** Tells a listener the best result so far. */
    static final class Best implements Consumer<Attempt> {
        private final double allowedLoss;
        private final BiConsumer<Model, Optional<Score>> listener;
        private boolean isMet;
        private double least = Double.POSITIVE_INFINITY;

        Best(double allowedLoss, BiConsumer<Model, Optional<Score>> listener) {
            this.allowedLoss = allowedLoss;
            this.listener = listener;
        }

        @Override
        public void accept(Attempt attempt) {
            boolean meets = !attempt.misses(allowedLoss);
            double value = meets
                    ? ModelSize.bytes(attempt.model())
                    : attempt.score().map(Score::loss).orElse(0.0);
            if (meets == isMet ? value < least : meets) {
                isMet = meets;
                least = value;
                listener.accept(attempt.model(), attempt.score());
            }
        }
    }

    /**
     * A runner.
     *
     * @param work the work
     * @param memory keeps scores for later runs
     * @param listener receives each result
     */
    StepRunner(Work work, Compressor.Memory memory, Consumer<Attempt> listener) {
        this.work = work;
        this.memory = memory;
        this.listener = listener;
    }

    /** The score of steps that left some layers, if an earlier run has found it. */
    Optional<Score> known(Collection<String> left) {
        return known(name(left));
    }

    private Optional<Score> known(String name) {
        return memory.get(name).map(line -> {
            try {
                return Score.parse(line);
            } catch (IllegalArgumentException e) {
                throw new CompressionException(
                        "score of '" + name + "' of an earlier run", e.getMessage(), "a score", "begin anew", e);
            }
        });
    }

    private static String name(Collection<String> left) {
        Fingerprint names = new Fingerprint();
        left.forEach(names::add);
        return "left " + left.size() + " " + names.hex();
    }

    /**
     * Applies steps one after the other.
     *
     * @param steps the steps
     * @param left the names of layers that are left as they are by all steps that can leave layers out
     * @param task receives the progress, in [0, 1]
     * @return the result
     */
    Attempt run(List<Step> steps, Collection<String> left, StepContext.Task task) {
        Made made = new Made(work.model(), StepContext.Findings.none());
        List<CompressionReport.Stage> stages = new ArrayList<>();
        Optional<Judged> judged = Optional.empty();
        boolean isJudged = work.judge().isPresent();
        boolean hasStages = isJudged && left.isEmpty();
        int parts = Math.max(1, steps.size() + (hasStages ? steps.size() : isJudged ? 1 : 0));
        int done = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step =
                    left.isEmpty() ? steps.get(i) : steps.get(i).leaving(left).orElse(steps.get(i));
            StepContext.Task part = part(task, done++, parts);
            part.at(step.name(), 0);
            made = i < kept.size() ? kept.get(i) : applied(step, made, part);
            boolean isSameForAll =
                    kept.size() == i && steps.get(i).leaving(List.of()).isEmpty();
            if (isSameForAll) {
                kept.add(made);
            }
            if (hasStages) {
                String name = "step " + (stages.size() + 1);
                judged = Optional.of(judged(name, made.model(), part(task, done++, parts)));
                stages.add(new CompressionReport.Stage(
                        step.name(), judged.get().score().loss(), ModelSize.bytes(made.model())));
            }
        }
        Model result = made.model();
        if (isJudged && judged.isEmpty()) {
            judged = Optional.of(judged(name(left), result, part(task, Math.min(done, parts - 1), parts)));
        }
        Attempt attempt = new Attempt(
                result,
                judged.map(Judged::score),
                judged.flatMap(Judged::changes),
                made.findings(),
                List.copyOf(left),
                List.copyOf(stages));
        listener.accept(attempt);
        return attempt;
    }

    /** Applies steps once. Those that are returned have their results. */
    static List<Step> done(List<Step> steps, Model model, StepContext surroundings) {
        List<Step> all = new ArrayList<>();
        Model current = model;
        for (Step step : steps) {
            StepContext context = surroundings.apart();
            context.progress(step.name(), (double) all.size() / steps.size());
            current = step.apply(current, context);
            all.add(step instanceof StepContext.Done ? step : context.done(step, current));
        }
        return List.copyOf(all);
    }

    /** The model after the steps that were done once. */
    static Model current(Model model, List<Step> steps) {
        Model current = model;
        for (Step step : steps) {
            current = step instanceof StepContext.Done done ? done.result() : current;
        }
        return current;
    }

    private Made applied(Step step, Made before, StepContext.Task task) {
        StepContext.Task named =
                (what, share) -> task.at(what.startsWith(step.name()) ? what : step.name() + ": " + what, share);
        StepContext context = new StepContext(work.samples(), work.seed(), named, work.model(), work.folder());
        Model model = step.apply(before.model(), context);
        return new Made(model, before.findings().and(context.findings()));
    }

    /** A score, and the changes unless an earlier run has found the score. */
    private record Judged(Score score, Optional<Changes> changes) {}

    private Judged judged(String name, Model result, StepContext.Task task) {
        task.at("evaluation", 0);
        Optional<Score> known = known(name);
        if (known.isPresent()) {
            return new Judged(known.get(), Optional.empty());
        }
        Evaluation.Judgement judgement =
                work.judge().orElseThrow().judge(result, share -> task.at("evaluation", share));
        memory.put(name, judgement.score().line());
        return new Judged(judgement.score(), Optional.of(judgement.changes()));
    }

    /** The progress of a part of a run. */
    private static StepContext.Task part(StepContext.Task task, int done, int parts) {
        return (what, share) -> task.at(what, (done + Math.min(1, share)) / parts);
    }
}
