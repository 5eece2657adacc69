package dev.tenon;

import dev.tenon.error.InvalidInputException;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Calls a session until it is warm: a number of calls in a row were no faster than the best one before. A number of calls and
 * a time end it in any case.
 */
final class WarmUp {
    private static final int MAX_CALLS = 2000;
    private static final long MAX_NANOS = 2_000_000_000L;
    private static final int CALLS_WITHOUT_GAIN = 20;
    private static final double GAIN = 0.98;

    private WarmUp() {}

    static void run(Session session, Map<String, long[]> shapes) {
        run(session, shapes, System::nanoTime);
    }

    /** The time limit holds for calls alone: planning and tuning take as long as they take. */
    static void run(Session session, Map<String, long[]> shapes, LongSupplier clock) {
        Map<String, Tensor> inputs = zeros(session.model(), shapes);
        Session runner = session.forInputs(inputs);
        JvmErrors.typed("Session.warmUp", () -> runner.executor().plans().of(runner.checked(inputs)));
        long start = clock.getAsLong();
        long best = Long.MAX_VALUE;
        int stale = 0;
        for (int i = 0; i < MAX_CALLS && stale < CALLS_WITHOUT_GAIN && clock.getAsLong() - start < MAX_NANOS; i++) {
            long before = clock.getAsLong();
            runner.predict(inputs);
            long nanos = clock.getAsLong() - before;
            stale = nanos < best * GAIN ? 0 : stale + 1;
            best = Math.min(best, nanos);
        }
    }

    /** A tensor of zeros for each shape. The names and shapes are checked by the call. */
    private static Map<String, Tensor> zeros(Model model, Map<String, long[]> shapes) {
        List<ValueInfo> known = new ArrayList<>(model.inputs());
        known.addAll(model.optionalInputs());
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        shapes.forEach((name, dims) -> zeros.put(name, zeros(find(name, known), dims)));
        for (ValueInfo input : model.inputs()) {
            if (!shapes.containsKey(input.name())) {
                throw new InvalidInputException(
                        "input '" + input.name() + "'",
                        "Session.warmUp has no shape for it; given: " + shapes.keySet(),
                        input.type().toString(),
                        input.type() instanceof TensorType
                                ? "give a shape for each of " + model.inputs()
                                : "call predict with a value instead, as this input is no tensor");
            }
        }
        return zeros;
    }

    private static ValueInfo find(String name, List<ValueInfo> known) {
        for (ValueInfo info : known) {
            if (info.name().equals(name)) {
                return info;
            }
        }
        throw new InvalidInputException(
                "input '" + name + "'", "the model has no such input", known.toString(), "leave it out");
    }

    private static Tensor zeros(ValueInfo input, long[] dims) {
        if (!(input.type() instanceof TensorType t)) {
            throw new InvalidInputException(
                    "input '" + input.name() + "'",
                    "Session.warmUp has a shape for it: " + Arrays.toString(dims),
                    input.type().toString(),
                    "call predict with a value instead, as this input is no tensor");
        }
        for (long dim : dims) {
            if (dim < 0) {
                throw new InvalidInputException(
                        "input '" + input.name() + "'",
                        "Session.warmUp has the shape " + Arrays.toString(dims) + " for it",
                        t.toString(),
                        "give dimensions of 0 or more");
            }
        }
        return Tensor.allocateNative(t.dtype(), dims);
    }
}
