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
     * Applies steps one after the other, and judges the result of each.
     *
     * @param steps the steps
     * @param task receives the progress, in [0, 1]
     * @return the result
     */
    Attempt runStaged(List<Step> steps, StepContext.Task task) {
        return run(steps, List.of(), true, task);
    }

    /**
     * Applies steps one after the other, and judges the last result.
     *
     * @param steps the steps
     * @param left the names of layers that are left as they are by all steps that can leave layers out
     * @param task receives the progress, in [0, 1]
     * @return the result
     */
    Attempt run(List<Step> steps, Collection<String> left, StepContext.Task task) {
        return run(steps, left, false, task);
    }

    private Attempt run(List<Step> steps, Collection<String> left, boolean isStaged, StepContext.Task task) {
        Model result = model;
        List<LayerReport> layers = new ArrayList<>();
        List<CompressionReport.Stage> stages = new ArrayList<>();
        Optional<Score> score = Optional.empty();
        int judgements = judge.isEmpty() ? 0 : isStaged ? Math.max(1, steps.size()) : 1;
        int parts = steps.size() + judgements;
        int done = 0;
        for (Step given : steps) {
            Step step = left.isEmpty() ? given : given.leaving(left).orElse(given);
            int before = done++;
            StepContext context =
                    new StepContext(samples, seed, (what, share) -> task.at(what, (before + share) / parts));
            context.progress(step.name(), 0);
            result = step.apply(result, context);
            layers.addAll(context.layers());
            if (isStaged && judge.isPresent()) {
                score = score(result, done++, parts, task);
                stages.add(new CompressionReport.Stage(step.name(), score.get().loss(), ModelSize.bytes(result)));
            }
        }
        if (score.isEmpty()) {
            score = score(result, done, parts, task);
        }
        return new Attempt(result, score, List.copyOf(layers), List.copyOf(left), List.copyOf(stages));
    }

    private Optional<Score> score(Model result, int done, int parts, StepContext.Task task) {
        return judge.map(
                j -> j.score(result, share -> task.at("evaluation", Math.min(1, (done + share) / parts))));
    }
}
