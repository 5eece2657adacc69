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
        int parts = steps.size() + (judge.isPresent() ? 1 : 0);
        for (int i = 0; i < steps.size(); i++) {
            int done = i;
            Step step = left.isEmpty() ? steps.get(i) : steps.get(i).leaving(left).orElse(steps.get(i));
            StepContext context =
                    new StepContext(samples, seed, (what, share) -> task.at(what, (done + share) / parts));
            context.progress(step.name(), 0);
            result = step.apply(result, context);
            layers.addAll(context.layers());
        }
        Optional<Score> score = Optional.empty();
        if (judge.isPresent()) {
            Model judged = result;
            task.at("evaluation", (double) steps.size() / parts);
            score = judge.map(j -> j.score(
                    judged, share -> task.at("evaluation", Math.min(1, (steps.size() + share) / parts))));
        }
        return new Attempt(result, score, List.copyOf(layers), List.copyOf(left));
    }
}
