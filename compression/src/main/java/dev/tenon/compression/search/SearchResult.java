package dev.tenon.compression.search;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.Trial;
import java.util.List;

/**
 * The result of a search.
 *
 * @param compression the best model, and its report
 * @param best the trial that gave the model; the name {@code -} is the model before compression
 * @param isBetter whether the model is better than the model before compression, by the objective
 * @param remark what the caller must know: that nothing better was found, and why; empty if there is nothing
 * @param trials all trials in the order in which they were made
 * @param sensitivities how much each option on each layer alone changes the outputs, in the order of the graph; and each change
 *     that was only to be measured, unless it is shown beside an option
 * @param front the trials that no other trial beats in both objective and loss, the smallest objective first
 * @param left the layers that the best model leaves as they were, in the order of the graph
 */
public record SearchResult(
        Compression compression,
        Trial best,
        boolean isBetter,
        String remark,
        List<Trial> trials,
        List<Sensitivity> sensitivities,
        List<Trial> front,
        List<LeftLayer> left) {
    /**
     * A layer that was left as it was.
     *
     * @param name the name of the layer
     * @param reason why no option was chosen, for each option
     */
    public record LeftLayer(String name, String reason) {}

    /** Makes a result. */
    public SearchResult {
        trials = List.copyOf(trials);
        sensitivities = List.copyOf(sensitivities);
        front = List.copyOf(front);
        left = List.copyOf(left);
    }
}
