package dev.tenon.compression;

import dev.tenon.Model;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The result of steps that left some layers as they were.
 *
 * @param model the compressed model
 * @param score how well it does, if it was judged
 * @param layers the effect on each layer, as the steps reported it
 * @param left the names of the layers that were left
 * @param stages the model after each step, if it was judged and no layer was left
 */
record Attempt(
        Model model,
        Optional<Score> score,
        List<LayerReport> layers,
        Collection<String> left,
        List<CompressionReport.Stage> stages) {
    /** {@return whether the model was judged and loses more than allowed; a loss that is no number is too much} */
    boolean misses(double allowedLoss) {
        return score.isPresent() && !score.get().isWithin(allowedLoss);
    }
}
