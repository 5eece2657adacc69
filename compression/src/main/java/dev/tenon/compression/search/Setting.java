package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.search.Option.Use;
import dev.tenon.graph.Node;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All that decides the outcome of a trial, but for its plan.
 *
 * @param model the model that options change
 * @param source the model before compression, with which results are compared
 * @param calibration the samples for calibration, null if there are none
 * @param judge judges models
 * @param options the options
 * @param layers the layers that may be changed
 * @param heal heals plans; null for nothing
 * @param seed the seed of all random choices
 */
record Setting(
        Model model,
        Model source,
        Samples.Calls calibration,
        Evaluation judge,
        List<Option> options,
        LayerFilter layers,
        Step heal,
        long seed) {
    /** A key that other models, samples, options, layers and seeds do not have. */
    String key() {
        Fingerprint key = new Fingerprint().add(model).add(seed).add(options.size());
        for (Option option : options) {
            key.add(option.name())
                    .add(option.maker().apply(layers).name())
                    .add(option.use().ordinal());
        }
        for (Node node : model.graph().nodes()) {
            key.add(layers.accepts(node) ? 1 : 0);
        }
        if (calibration != null) {
            key.add(calibration);
        }
        if (heal != null) {
            key.add(heal.toString());
        }
        if (source != model) {
            key.add(source);
        }
        return key.add(judge.confidence().toString()).add(judge).hex();
    }

    /** A text that tells the options and their steps. */
    String optionNames() {
        return options.stream()
                .map(option -> option.use() + " " + option.name() + ": "
                        + option.maker().apply(layers).name())
                .collect(Collectors.joining("\n"));
    }

    /** The options of some uses. */
    List<Option> options(Use... uses) {
        return options.stream()
                .filter(option -> List.of(uses).contains(option.use()))
                .toList();
    }

    /** Whether a plan takes no option of which only the sensitivity is wanted. */
    boolean isChoice(OptionPlan plan) {
        return options(Use.MEASURED).stream()
                .noneMatch(option ->
                        option.name().equals(plan.whole()) || plan.options().containsValue(option.name()));
    }
}
