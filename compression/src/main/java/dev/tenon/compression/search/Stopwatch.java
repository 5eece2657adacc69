package dev.tenon.compression.search;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Timing;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures how long a call with one sample takes. */
@FunctionalInterface
interface Stopwatch {
    /**
     * Measures a compressed model beside the model before compression.
     *
     * @param after the compressed model
     * @return the times
     */
    Timing time(Model after);

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
        Map<String, Tensor> inputs = one(before, first(samples));
        Session session = before.session(options);
        return after -> new Rounds(session, after.session(options), inputs).timing();
    }

    private static Samples.Call first(Samples.Calls samples) {
        Samples.Call[] first = new Samples.Call[1];
        samples.forEach(call -> first[0] = first[0] == null ? call : first[0]);
        if (first[0] == null) {
            throw new CompressionException("latency", "no samples", "at least one", "give samples to Search.evaluate");
        }
        return first[0];
    }

    /** The first sample of a call, or the whole call if the model takes only batches. */
    private static Map<String, Tensor> one(Model model, Samples.Call call) {
        Map<String, Tensor> one = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            Tensor all = call.inputs().get(input.name());
            boolean isBatch = call.samples() > 1 && all.rank() > 0 && all.dim(0) == call.samples();
            Tensor first = isBatch ? all.slice(0, 1).copy() : all;
            if (!input.type().accepts(first.type())) {
                return call.inputs();
            }
            one.put(input.name(), first);
        }
        return one;
    }

    /** Rounds of calls of two sessions in turns. */
    final class Rounds {
        private static final int ROUNDS = 20;
        private static final double SIGMAS = 3;
        private static final double LEAST_SHARE = 0.005;
        private static final long WARM_NANOS = 200_000_000;
        private static final long ROUND_NANOS = 4_000_000;

        private final Session before;
        private final Session after;
        private final Map<String, Tensor> inputs;

        Rounds(Session before, Session after, Map<String, Tensor> inputs) {
            this.before = before;
            this.after = after;
            this.inputs = inputs;
        }

        Timing timing() {
            long call = Math.max(1, Math.max(warmUp(before), warmUp(after)));
            int calls = Math.clamp(ROUND_NANOS / call, 1, 1000);
            long[] ofBefore = new long[ROUNDS];
            long[] ofAfter = new long[ROUNDS];
            long[] differences = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                // The second of two is a little faster, so they take turns.
                boolean isFirst = i % 2 == 0;
                long one = round(isFirst ? before : after, calls);
                long other = round(isFirst ? after : before, calls);
                ofBefore[i] = isFirst ? one : other;
                ofAfter[i] = isFirst ? other : one;
                differences[i] = ofBefore[i] - ofAfter[i];
            }
            long middle = median(differences);
            long[] deviations =
                    Arrays.stream(differences).map(d -> Math.abs(d - middle)).toArray();
            // The standard error of a median is 1.2533 sigma / sqrt(n), and sigma is 1.4826 median absolute deviations.
            double error = 1.2533 * 1.4826 * median(deviations) / Math.sqrt(ROUNDS);
            long base = median(ofBefore);
            double noise = Math.max(SIGMAS * error, LEAST_SHARE * base);
            return new Timing(base, Math.max(1, base - middle), (long) noise);
        }

        /** Calls for a while. Returns the time of the last call. */
        private long warmUp(Session session) {
            long start = System.nanoTime();
            long last = 0;
            for (int i = 0; i < 3 || System.nanoTime() - start < WARM_NANOS; i++) {
                last = round(session, 1);
            }
            return last;
        }

        private long round(Session session, int calls) {
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                session.predict(inputs);
            }
            return (System.nanoTime() - start) / calls;
        }

        private static long median(long[] values) {
            long[] sorted = values.clone();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }
}
