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
 * @param heal what heals, for plans that are healed; otherwise perhaps null
 * @param plan the plan
 */
record PlanStep(String name, List<Option> options, LayerFilter layers, Step heal, OptionPlan plan) implements Step {
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
                StepContext own = context.apart();
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
        return plan.isHealed() ? heal.apply(result, context) : result;
    }
}
