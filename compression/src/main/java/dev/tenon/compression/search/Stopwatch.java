package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Timing;
import dev.tenon.compression.measure.Turns;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Measures how long a call with one sample takes. */
@FunctionalInterface
interface Stopwatch {
    /** A search measures many models, so that each has little time. */
    Turns.Limits LIMITS = new Turns.Limits(1_000_000_000, 10, 40, 2_000_000_000);

    /**
     * Measures a compressed model beside the model before compression.
     *
     * @param after the compressed model
     * @param tick is called after some calls, and may end the work with an exception
     * @return the times
     */
    Timing time(Model after, Runnable tick);

    /**
     * Measures both models in turns, so that a change of the machine's speed meets both.
     *
     * @param before the model before compression
     * @param samples samples, of which the first one is used
     * @param threads the threads of a call
     * @return the stopwatch
     */
    static Stopwatch interleaved(Model before, Samples.Calls samples, int threads) {
        SessionOptions options = SessionOptions.standard().threads(threads);
        Map<String, Tensor> inputs = samples.first()
                .orElseThrow(() -> new CompressionException(
                        "latency", "no samples", "at least one", "give samples to Search.evaluate"))
                .one(before.inputs())
                .inputs();
        Session session = before.session(options);
        return (after, tick) -> {
            Session other = after.session(options);
            return timing(new Turns(() -> session.predict(inputs), () -> other.predict(inputs), tick).measure(LIMITS));
        };
    }

    /** The median times of two calls, and the least difference of them that is no chance. */
    static Timing timing(Turns.Times times) {
        double middle = 0.5;
        long difference = Turns.percentile(times.differences(), middle);
        long[] deviations = Arrays.stream(times.differences())
                .map(d -> Math.abs(d - difference))
                .toArray();
        // The standard error of a median is 1.2533 sigma / sqrt(n), and sigma is 1.4826 median absolute deviations.
        double error = 1.2533 * 1.4826 * Turns.percentile(deviations, middle) / Math.sqrt(deviations.length);
        long base = Turns.percentile(times.first(), middle);
        double noise = Math.max(3 * error, 0.005 * base);
        return new Timing(base, Math.max(1, base - difference), (long) noise);
    }
}
