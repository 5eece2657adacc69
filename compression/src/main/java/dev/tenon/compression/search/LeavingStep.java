package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import java.util.List;

/**
 * A step that reports the layers which a search has left, too.
 *
 * @param step the step
 * @param left the layers, and why they were left
 */
record LeavingStep(Step step, List<SearchResult.LeftLayer> left) implements Step {
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
        Model result = step.apply(model, context);
        left.forEach(layer -> context.report(LayerReport.kept(layer.name(), name(), layer.reason())));
        return result;
    }
}
