package dev.tenon.compression;

import dev.tenon.Model;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Applies steps to a model and judges the result.
 *
 * @param model the model before compression
 * @param samples the samples for calibration, null if there are none
 * @param judge judges results, if there is a metric
 * @param seed the seed of all random choices
 */
record StepRunner(Model model, Samples.Calls samples, Optional<Evaluation> judge, long seed) {
    /**
     * Applies steps one after the other.
     *
     * @param steps the steps
     * @param left the names of layers that are left as they are by all steps that can leave layers out
     * @param task receives the progress, in [0, 1]
     * @return the result
     */
    Attempt run(List<Step> steps, Collection<String> left, StepContext.Task task) {
        Model result = model;
        List<LayerReport> layers = new ArrayList<>();
        List<CompressionReport.Stage> stages = new ArrayList<>();
        Optional<Score> score = Optional.empty();
        boolean hasStages = judge.isPresent() && left.isEmpty();
        int parts = Math.max(1, steps.size() + (hasStages ? steps.size() : judge.isPresent() ? 1 : 0));
        int done = 0;
        for (Step given : steps) {
            Step step = left.isEmpty() ? given : given.leaving(left).orElse(given);
            StepContext context = new StepContext(samples, seed, part(task, done++, parts));
            context.progress(step.name(), 0);
            result = step.apply(result, context);
            layers.addAll(context.layers());
            if (hasStages) {
                score = Optional.of(judged(result, part(task, done++, parts)));
                stages.add(new CompressionReport.Stage(step.name(), score.get().loss(), ModelSize.bytes(result)));
            }
        }
        if (judge.isPresent() && score.isEmpty()) {
            score = Optional.of(judged(result, part(task, Math.min(done, parts - 1), parts)));
        }
        return new Attempt(result, score, List.copyOf(layers), List.copyOf(left), List.copyOf(stages));
    }

    private Score judged(Model result, StepContext.Task task) {
        task.at("evaluation", 0);
        return judge.orElseThrow().score(result, share -> task.at("evaluation", share));
    }

    /** The progress of a part of a run. */
    private static StepContext.Task part(StepContext.Task task, int done, int parts) {
        return (what, share) -> task.at(what, (done + Math.min(1, share)) / parts);
    }
}
