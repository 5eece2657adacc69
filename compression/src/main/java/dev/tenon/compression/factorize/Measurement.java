package dev.tenon.compression.factorize;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Decides by the time that both take, in turns, so that a busy machine slows both. The least time of each counts. */
final class Measurement implements Pays {
    private static final int ROUNDS = 25;

    /** The nanoseconds of a round, and those of the rounds before the first that counts. */
    private static final long ROUND = 2_000_000;

    private static final long WARM = 300_000_000;

    private final double share;

    /**
     * A measurement.
     *
     * @param share the share of the layer's time that a chain may take
     */
    Measurement(double share) {
        this.share = share;
    }

    @Override
    public Decision decide(String name, Model layer, Model chain, Tensor input) {
        SessionOptions options = SessionOptions.standard().threads(1);
        Session[] sessions = {layer.session(options), chain.session(options)};
        Map<String, Tensor> inputs = Map.of(layer.inputs().getFirst().name(), input);
        int[] calls = new int[2];
        for (int s = 0; s < 2; s++) {
            calls[s] = warm(sessions[s], inputs);
        }
        double[][] times = new double[2][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int s = 0; s < 2; s++) {
                times[s][round] = time(sessions[s], inputs, calls[s]);
            }
        }
        double before = least(times[0]);
        double after = least(times[1]);
        String text = String.format(Locale.ROOT, "%.1f -> %.1f us measured", before / 1000, after / 1000);
        return new Decision(after <= share * before, text);
    }

    /** Runs until the code is compiled. Returns the calls of a round. */
    private static int warm(Session session, Map<String, Tensor> inputs) {
        long start = System.nanoTime();
        int calls = 0;
        do {
            session.predict(inputs);
            calls++;
        } while (System.nanoTime() - start < WARM);
        return Math.max(1, (int) (ROUND / Math.max(1, time(session, inputs, Math.min(calls, 20)))));
    }

    /** The nanoseconds of a call. */
    private static double time(Session session, Map<String, Tensor> inputs, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            session.predict(inputs);
        }
        return (double) (System.nanoTime() - start) / calls;
    }

    private static double least(double[] times) {
        return Arrays.stream(times).min().orElseThrow();
    }
}
