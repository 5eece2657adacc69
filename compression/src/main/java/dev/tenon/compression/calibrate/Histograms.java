package dev.tenon.compression.calibrate;

import dev.tenon.Model;
import dev.tenon.compression.StepContext;
import dev.tenon.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Computes the histograms of values of a graph, in one pass over the samples. */
public final class Histograms {
    private Histograms() {}

    /**
     * Computes the histograms.
     *
     * @param model the model
     * @param values the names of values of its graph that are tensors of floating-point numbers
     * @param context gives the samples
     * @return a histogram for each value, in the order of the names
     */
    public static Map<String, Histogram> of(Model model, Collection<String> values, StepContext context) {
        Map<String, Histogram> histograms = new LinkedHashMap<>();
        values.forEach(name -> histograms.put(name, new Histogram()));
        if (!histograms.isEmpty()) {
            context.observe(
                    model,
                    histograms.keySet(),
                    "ranges",
                    (name, value) -> histograms.get(name).add((Tensor) value));
        }
        return histograms;
    }
}
