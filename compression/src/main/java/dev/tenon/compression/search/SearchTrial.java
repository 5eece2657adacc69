package dev.tenon.compression.search;

import dev.tenon.compression.Score;
import java.util.Map;
import java.util.Optional;

/**
 * A compressed model that a search has made and judged.
 *
 * @param name the techniques and their layers: {@code int8=conv1,conv2;low-rank=fc}, or {@code int8=*} for all layers
 * @param options the name of the option by layer, in the order of the graph
 * @param sizeBytes the bytes of the model as an ONNX file; 0 if the trial failed
 * @param score how well the model does; absent if the trial failed
 * @param timing the time of a call, if it was measured
 * @param failure why the options can't be applied; empty if they can
 */
public record SearchTrial(
        String name,
        Map<String, String> options,
        long sizeBytes,
        Optional<Score> score,
        Optional<Timing> timing,
        String failure) {
    /** {@return how much worse the model is, in units of the metric; infinite if the trial failed or gives no numbers} */
    public double loss() {
        double loss = score.map(Score::loss).orElse(Double.POSITIVE_INFINITY);
        return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
    }
}
