package dev.tenon.compression.search;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A choice of options for layers.
 *
 * @param whole the option for all layers; null if options are chosen layer by layer
 * @param options the option of each layer that has one
 * @param isHealed whether weights are healed afterwards
 */
record OptionPlan(String whole, Map<String, String> options, boolean isHealed) {
    private static final String HEALED = ";healed";

    OptionPlan {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** The plan that changes nothing. */
    static OptionPlan empty() {
        return new OptionPlan(null, Map.of(), false);
    }

    /** One option for all layers. */
    static OptionPlan all(String option) {
        return new OptionPlan(option, Map.of(), false);
    }

    /** The plan with one more layer, or with another option for a layer. */
    OptionPlan with(String layer, String option) {
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(layer, option);
        return new OptionPlan(whole, more, isHealed);
    }

    /** The plan with healing after it. */
    OptionPlan healed() {
        return new OptionPlan(whole, options, true);
    }

    boolean isEmpty() {
        return whole == null && options.isEmpty();
    }

    /** The layers of an option, sorted by name. */
    List<String> layers(String option) {
        List<String> layers = new ArrayList<>();
        options.forEach((layer, chosen) -> {
            if (chosen.equals(option)) {
                layers.add(layer);
            }
        });
        Collections.sort(layers);
        return layers;
    }

    /** The plan as text: equal plans have the same one, whatever the order in which they came about. */
    String text() {
        return choices() + (isHealed ? HEALED : "");
    }

    private String choices() {
        if (whole != null) {
            return encoded(whole) + "=*";
        }
        return options.values().stream()
                .distinct()
                .sorted()
                .map(option -> encoded(option) + "="
                        + layers(option).stream().map(OptionPlan::encoded).collect(Collectors.joining(",")))
                .collect(Collectors.joining(";"));
    }

    /** A name without separators and control characters. A space becomes a plus sign. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("%2F", "/")
                .replace("%3A", ":")
                .replace("*", "%2A");
    }
}
