package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Several steps as one, each applied to the result of the one before.
 *
 * @param steps the steps in their order
 */
record Chain(List<Step> steps) implements Step {
    /** Steps as one; a single one as it is. */
    static Step of(List<Step> steps) {
        return steps.size() == 1 ? steps.getFirst() : new Chain(List.copyOf(steps));
    }

    @Override
    public String name() {
        return steps.stream().map(Step::name).collect(Collectors.joining("+"));
    }

    @Override
    public boolean needsSamples() {
        return steps.stream().anyMatch(Step::needsSamples);
    }

    @Override
    public Model apply(Model model, StepContext context) {
        Model result = model;
        for (Step step : steps) {
            result = step.apply(result, context);
        }
        return result;
    }
}
