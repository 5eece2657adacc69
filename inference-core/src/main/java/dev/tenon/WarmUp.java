package dev.tenon;

import dev.tenon.kernel.JitWarmUp;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Runs a session until it is warm: until some calls in a row bring no new best time and no loop waits for its warm-up, or
 * a limit is reached.
 */
final class WarmUp {
    private static final int MAX_CALLS = 2000;
    private static final long MAX_NANOS = 2_000_000_000L;
    private static final int CALLS_WITHOUT_GAIN = 20;
    private static final double GAIN = 0.98;

    private WarmUp() {}

    static void run(Session session, long[][] shapes) {
        run(session, shapes, System::nanoTime);
    }

    /** The limit of time is for calls alone: to plan, and to measure, takes as long as it takes. */
    static void run(Session session, long[][] shapes, LongSupplier clock) {
        Map<String, Tensor> inputs = zeros(session.model().inputs(), shapes);
        session.plan(inputs);
        long start = clock.getAsLong();
        long best = Long.MAX_VALUE;
        int stale = 0;
        for (int i = 0; i < MAX_CALLS && stale < CALLS_WITHOUT_GAIN && clock.getAsLong() - start < MAX_NANOS; i++) {
            long before = clock.getAsLong();
            session.predict(inputs);
            long nanos = clock.getAsLong() - before;
            stale = nanos < best * GAIN ? 0 : stale + 1;
            best = Math.min(best, nanos);
            if (stale == CALLS_WITHOUT_GAIN && JitWarmUp.settle(MAX_NANOS)) {
                stale = 0;
                best = Long.MAX_VALUE;
            }
        }
    }

    /** Zeros for every tensor input. */
    private static Map<String, Tensor> zeros(List<ValueInfo> inputs, long[][] dims) {
        if (dims.length != inputs.size()) {
            throw new InvalidInputException(
                    "warmUp",
                    dims.length + " shapes",
                    inputs.size() + ", one for each of " + inputs,
                    "give one shape for each input");
        }
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        for (int i = 0; i < dims.length; i++) {
            if (!(inputs.get(i).type() instanceof TensorType t)) {
                throw new InvalidInputException(
                        "warmUp", "input " + inputs.get(i), "tensors", "call predict with a value instead");
            }
            zeros.put(inputs.get(i).name(), Tensor.allocate(t.dtype(), dims[i]));
        }
        return zeros;
    }
}
