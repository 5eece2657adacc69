package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.Timing;
import dev.tenon.compression.Trial;
import dev.tenon.compression.checkpoint.CheckpointFile;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiConsumer;

/** Makes the model of a plan and judges it, once for each plan. The best trial so far is kept at any time. */
final class Trials {
    /**
     * Stores of what was found before.
     *
     * @param finished the outcomes of trials by plan
     * @param timings the times by plan; null if nothing is timed
     * @param stopwatch measures times that are not known
     * @param folder where the state of healing is kept, if anywhere
     */
    record Memory(CheckpointFile finished, CheckpointFile timings, Stopwatch stopwatch, Optional<Path> folder) {}

    private static final double NANOS_A_SECOND = 1e9;
    private static final String NOTHING = "-";

    private final Setting setting;
    private final Ranking ranking;
    /** With the floor that the result has to meet. */
    private final Ranking demanded;

    private final Memory memory;
    private final Work work;
    private final BiConsumer<Model, Trial> listener;
    private final Map<String, Trial> trials = new LinkedHashMap<>();
    private final Map<String, OptionPlan> plans = new LinkedHashMap<>();
    private final Map<String, List<String>> changed = new LinkedHashMap<>();
    private final List<Trial> candidates = new ArrayList<>();
    private final Trial input;
    private Trial best;
    private OptionPlan bestPlan = OptionPlan.empty();
    /** Null if an earlier run has made the best model. */
    private Step bestStep;

    /**
     * Trials.
     *
     * @param ranking has the floor by which plans are made
     * @param demanded the same, but for the floor that the result has to meet
     */
    Trials(
            Setting setting,
            Ranking ranking,
            Ranking demanded,
            Memory memory,
            Work work,
            BiConsumer<Model, Trial> listener) {
        this.setting = setting;
        this.ranking = ranking;
        this.demanded = demanded;
        this.memory = memory;
        this.work = work;
        this.listener = listener;
        this.input = new Trial(
                NOTHING,
                Map.of(),
                ranking.sizeBytes(),
                Optional.empty(),
                memory.timings() == null ? Optional.empty() : Optional.of(new Timing(1, 1, 0)),
                OptionalDouble.empty(),
                "",
                false);
    }

    /** The trial of a plan: a known one, or a new one. */
    Trial run(OptionPlan plan) {
        String name = plan.isEmpty() ? NOTHING : plan.text();
        Trial known = trials.get(name);
        if (known != null) {
            return known;
        }
        Finished finished = memory.finished().get(name, Finished::of);
        Timing timing = memory.timings() == null ? null : memory.timings().get(name, Timings::parse);
        boolean isTimed = memory.timings() == null
                || timing != null
                || finished != null && !finished.failure().isEmpty();
        Model made = null;
        long start = System.nanoTime();
        boolean isNew = finished == null || !isTimed;
        Step step = step(plan);
        StepContext context = context(name);
        if (isNew) {
            try {
                context.progress("compression", 0);
                made = step.apply(setting.model(), context);
                finished = finished == null ? judged(made, name, context.layers()) : finished;
                timing = memory.timings() == null ? null : timing == null ? timed(made, name) : timing;
            } catch (TenonException e) {
                made = null;
                finished = new Finished(0, Optional.empty(), List.of(), e.getMessage());
            }
            memory.finished().put(name, finished.line());
        }
        work.finished(made != null);
        Trial trial = new Trial(
                name,
                options(plan, finished.changed()),
                finished.sizeBytes(),
                finished.score(),
                Optional.ofNullable(timing),
                isNew ? OptionalDouble.of((System.nanoTime() - start) / NANOS_A_SECOND) : OptionalDouble.empty(),
                finished.failure(),
                false);
        trials.put(name, trial);
        plans.put(name, plan);
        changed.put(name, finished.changed());
        if (setting.isChoice(plan)) {
            candidates.add(trial);
        }
        consider(trial, plan, made, made == null ? null : context.done(step, made));
        return trial;
    }

    private Step step(OptionPlan plan) {
        return new PlanStep("search", setting.options(), setting.layers(), setting.heal(), plan);
    }

    private StepContext context(String name) {
        return StepContext.of(
                        setting.calibration(),
                        setting.seed(),
                        (task, share, remaining) -> work.within(name).at(task, share / 2, remaining))
                .of(setting.source(), memory.folder());
    }

    private Finished judged(Model model, String name, List<LayerReport> reports) {
        Score score = setting.judge()
                .score(model, share -> work.within(name).at("evaluation", 0.5 + share / 2, Optional.empty()));
        Set<String> layers = new LinkedHashSet<>();
        for (LayerReport report : reports) {
            if (!report.kept()) {
                layers.add(report.name());
            }
        }
        return new Finished(ModelSize.bytes(model), Optional.of(score), List.copyOf(layers), "");
    }

    private Timing timed(Model model, String name) {
        Runnable tick = () -> work.within(name).at("latency", 1, Optional.empty());
        tick.run();
        Timing timing = memory.stopwatch().time(model, tick);
        memory.timings().put(name, Timings.line(timing));
        return timing;
    }

    /** The option of each layer, in the order of the graph. */
    private Map<String, String> options(OptionPlan plan, List<String> layers) {
        Map<String, String> all = new LinkedHashMap<>();
        if (plan.whole() != null) {
            layers.forEach(layer -> all.put(layer, plan.whole()));
            return all;
        }
        for (Node node : setting.model().graph().nodes()) {
            String layer = LinearLayer.name(node);
            if (plan.options().containsKey(layer)) {
                all.put(layer, plan.options().get(layer));
            }
        }
        return all;
    }

    private void consider(Trial trial, OptionPlan plan, Model made, Step done) {
        if (!demanded.isMet(trial) || plan.isEmpty() || !setting.isChoice(plan)) {
            return;
        }
        boolean isFirst = best == null && demanded.value(trial) < 1;
        if (isFirst || best != null && demanded.isBetter(trial, best)) {
            best = trial;
            bestPlan = plan;
            bestStep = done;
            if (made != null) {
                listener.accept(made, trial);
            }
        }
    }

    /** The layers that a plan has changed, as its steps reported them. */
    List<String> changed(OptionPlan plan) {
        return changed.get(plan.text());
    }

    /** All trials so far, in order. */
    List<Trial> all() {
        return List.copyOf(trials.values());
    }

    /** The trials so far whose model may be the result. */
    List<Trial> candidates() {
        return candidates;
    }

    /** The best trial that meets the floor and is better than the input, if there is one. */
    Optional<Trial> best() {
        return Optional.ofNullable(best);
    }

    /** The plan of the best trial; the empty plan if there is none. */
    OptionPlan bestPlan() {
        return bestPlan;
    }

    /** A step that gives the model of the best plan; this is not made twice in a run. */
    Step bestStep() {
        return bestStep == null ? step(bestPlan) : bestStep;
    }

    /** The plan of a trial. */
    OptionPlan plan(Trial trial) {
        return plans.get(trial.name());
    }

    /** The model before compression, as a trial that was not made. */
    Trial input() {
        return input;
    }

    Ranking ranking() {
        return ranking;
    }

    /** The ranking with the floor that the result has to meet. */
    Ranking demanded() {
        return demanded;
    }

    Setting setting() {
        return setting;
    }

    Work work() {
        return work;
    }
}
