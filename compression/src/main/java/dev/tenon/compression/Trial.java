package dev.tenon.compression;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A compressed model that a search has tried. One that failed has no score.
 *
 * @param name the techniques and their layers: {@code int8=conv1,conv2;low-rank=fc}, or {@code int8=*} for all layers
 * @param options the name of the option by layer, in the order of the graph
 * @param sizeBytes the bytes of the model as an ONNX file; 0 if the trial failed
 * @param score how well the model does; absent if the trial failed
 * @param timing the time of a call with one sample, if it was measured
 * @param seconds the seconds that it took to make, judge and time the model; empty if an earlier run did
 * @param failure why the options can't be applied; empty if they can
 * @param isChosen whether it is the result of the search
 */
public record Trial(
        String name,
        Map<String, String> options,
        long sizeBytes,
        Optional<Score> score,
        Optional<Timing> timing,
        OptionalDouble seconds,
        String failure,
        boolean isChosen) {
    private static final double NANOS_A_MILLISECOND = 1e6;

    /** Copies the options. */
    public Trial {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** {@return how much worse the model is, in units of the metric; infinite if the trial failed or gives no numbers} */
    public double loss() {
        double loss = score.map(Score::loss).orElse(Double.POSITIVE_INFINITY);
        return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
    }

    /** {@return the median time of a call with one sample in milliseconds, if it was measured} */
    public OptionalDouble latencyMillis() {
        return timing.isPresent()
                ? OptionalDouble.of(timing.get().afterNanos() / NANOS_A_MILLISECOND)
                : OptionalDouble.empty();
    }

    /** {@return this trial as the result of the search} */
    public Trial chosen() {
        return new Trial(name, options, sizeBytes, score, timing, seconds, failure, true);
    }
}
