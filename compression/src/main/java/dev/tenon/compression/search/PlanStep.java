package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import java.util.List;

/**
 * Carries out a plan as one step: the options in the order in which they were given to the search, each on its layers.
 *
 * @param name the name in reports
 * @param options the options
 * @param layers the layers that may be changed at all
 * @param plan the plan
 * @param left reports of layers that the plan leaves as they are
 */
record PlanStep(String name, List<Option> options, LayerFilter layers, OptionPlan plan, List<LayerReport> left)
        implements Step {
    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        Model result = model;
        for (Option option : options) {
            List<String> chosen = plan.layers(option.name());
            boolean isWhole = option.name().equals(plan.whole());
            if (isWhole || !chosen.isEmpty()) {
                StepContext own = StepContext.of(
                        context.samples().orElse(null),
                        context.seed(),
                        (task, share, remaining) -> context.progress(task, share));
                LayerFilter filter = isWhole ? layers : layers.only(chosen);
                result = option.maker().apply(filter).apply(result, own);
                for (LayerReport report : own.layers()) {
                    // Layers of other options are no news.
                    if (isWhole || !report.kept() || chosen.contains(report.name())) {
                        context.report(report);
                    }
                }
            }
        }
        left.forEach(context::report);
        return result;
    }
}
