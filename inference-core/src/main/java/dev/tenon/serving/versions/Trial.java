package dev.tenon.serving.versions;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.TrialFailedException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The calls that a version of a model must answer before it is ready. They warm it up, too: they run before any caller
 * gets the version. Immutable.
 */
public final class Trial {
    private static final Trial NONE = new Trial(List.of(), List.of(), Compare.tolerance(0));

    private final List<Map<String, Datum>> samples;
    private final List<Map<String, Datum>> expected;
    private final Compare compare;

    private Trial(List<Map<String, Datum>> samples, List<Map<String, Datum>> expected, Compare compare) {
        this.samples = samples;
        this.expected = expected;
        this.compare = compare;
    }

    /**
     * A trial without calls.
     *
     * @return always the same
     */
    public static Trial none() {
        return NONE;
    }

    /**
     * Calls that must succeed, with outputs that have no NaN.
     *
     * @param samples inputs
     * @return the trial
     */
    public static Trial runs(List<? extends Map<String, ? extends Datum>> samples) {
        return new Trial(copy(samples), List.of(), Compare.tolerance(0));
    }

    /**
     * Calls whose outputs are known.
     *
     * @param samples inputs
     * @param expected the expected outputs of each; outputs that are not in it do not matter
     * @param tolerance the largest difference, as {@link Compare#tolerance(double)} measures it
     * @return the trial
     * @throws InvalidOptionException if there are not as many expected outputs as samples, or the tolerance is negative
     */
    public static Trial of(
            List<? extends Map<String, ? extends Datum>> samples,
            List<? extends Map<String, ? extends Datum>> expected,
            double tolerance) {
        return of(samples, expected, Compare.tolerance(tolerance));
    }

    /**
     * Calls whose outputs are known.
     *
     * @param samples inputs
     * @param expected the expected outputs of each; outputs that are not in it do not matter
     * @param compare how they are compared
     * @return the trial
     * @throws InvalidOptionException if there are not as many expected outputs as samples
     */
    public static Trial of(
            List<? extends Map<String, ? extends Datum>> samples,
            List<? extends Map<String, ? extends Datum>> expected,
            Compare compare) {
        if (samples.size() != expected.size()) {
            throw new InvalidOptionException(
                    "Trial.of", expected.size() + " expected outputs", samples.size() + ", one for each sample", null);
        }
        List<Map<String, Datum>> wanted = copy(expected);
        for (Map<String, Datum> outputs : wanted) {
            outputs.forEach(Trial::checkTensor);
            if (outputs.isEmpty()) {
                throw new InvalidOptionException("Trial.of", "no expected output", "1 or more", "use Trial.runs");
            }
        }
        return new Trial(copy(samples), wanted, Objects.requireNonNull(compare, "compare"));
    }

    private static void checkTensor(String name, Datum value) {
        if (!(value instanceof Tensor)) {
            throw new InvalidOptionException(
                    "Trial.of", "the expected output '" + name + "' is " + value.type(), "tensors", "leave it out");
        }
    }

    private static List<Map<String, Datum>> copy(List<? extends Map<String, ? extends Datum>> calls) {
        List<Map<String, Datum>> copied = new ArrayList<>();
        calls.forEach(call -> copied.add(Map.copyOf(call)));
        return List.copyOf(copied);
    }

    /** Makes the calls. */
    void run(String version, Batcher batcher) {
        for (int i = 0; i < samples.size(); i++) {
            String thing = version + ", sample " + i;
            Outputs outputs;
            try {
                outputs = batcher.predict(samples.get(i));
            } catch (TenonException e) {
                TrialFailedException failed = new TrialFailedException(thing, e.getMessage(), "a prediction", null);
                failed.addSuppressed(e);
                throw failed;
            }
            if (expected.isEmpty()) {
                checkNumbers(thing, outputs);
            } else {
                check(thing, expected.get(i), outputs);
            }
        }
    }

    private static void checkNumbers(String thing, Outputs outputs) {
        outputs.forEach((name, value) -> {
            if (value instanceof Tensor t && t.dtype().isFloating()) {
                for (long k = 0; k < t.size(); k++) {
                    if (Double.isNaN(t.getDouble(k))) {
                        throw new TrialFailedException(
                                thing, "element " + k + " of output '" + name + "' is NaN", "numbers", null);
                    }
                }
            }
        });
    }

    private void check(String thing, Map<String, Datum> wanted, Outputs outputs) {
        for (Map.Entry<String, Datum> e : wanted.entrySet()) {
            double difference = compare.difference(Map.of(e.getKey(), e.getValue()), outputs);
            if (difference > compare.tolerance()) {
                throw new TrialFailedException(
                        thing,
                        "output '" + e.getKey() + "' differs by " + difference,
                        "a difference of at most " + compare.tolerance(),
                        "check the version, or the expected outputs");
            }
        }
    }
}
