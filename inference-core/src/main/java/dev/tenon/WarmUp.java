package dev.tenon;

import dev.tenon.tensor.Tensor;
import java.util.Map;

/** Runs a session until it is warm: until some calls in a row bring no new best time, or a limit is reached. */
final class WarmUp {
    private static final int MAX_CALLS = 2000;
    private static final long MAX_NANOS = 2_000_000_000L;
    private static final int CALLS_WITHOUT_GAIN = 20;
    private static final double GAIN = 0.98;

    private WarmUp() {}

    static void run(Session session, long[][] shapes) {
        Map<String, Tensor> inputs = session.zeros(shapes);
        long start = System.nanoTime();
        long best = Long.MAX_VALUE;
        int stale = 0;
        for (int i = 0; i < MAX_CALLS && stale < CALLS_WITHOUT_GAIN && System.nanoTime() - start < MAX_NANOS; i++) {
            long before = System.nanoTime();
            session.predict(inputs);
            long nanos = System.nanoTime() - before;
            stale = nanos < best * GAIN ? 0 : stale + 1;
            best = Math.min(best, nanos);
        }
    }
}
