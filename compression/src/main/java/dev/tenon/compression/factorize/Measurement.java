package dev.tenon.compression.factorize;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Decides by the time that both take, in turns, so that a busy machine slows both. The least time of each counts, once other
 * rounds have come near it: on a busy machine most rounds are interrupted, and the first few may all be.
 */
final class Measurement implements Pays {
    private static final int LEAST_ROUNDS = 25;
    private static final int MOST_ROUNDS = 2_000;

    /** The nanoseconds of a round: so few that many rounds are not interrupted. */
    private static final long ROUND = 250_000;

    /** How many rounds must come near the least one, and how near. */
    private static final int CONFIRMED = 5;

    private static final double NEAR = 1.01;

    /** The nanoseconds and the calls before the first round, and the nanoseconds after which fewer calls will do. */
    private static final long WARM = 300_000_000;

    private static final int WARM_CALLS = 20_000;
    private static final long LONG_WARM = 1_500_000_000;

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
        double[][] times = new double[2][MOST_ROUNDS];
        int rounds = 0;
        while (rounds < MOST_ROUNDS
                && (rounds < LEAST_ROUNDS || !isConfirmed(times[0], rounds) || !isConfirmed(times[1], rounds))) {
            for (int s = 0; s < 2; s++) {
                times[s][rounds] = time(sessions[s], inputs, calls[s]);
            }
            rounds++;
        }
        double before = least(times[0], rounds);
        double after = least(times[1], rounds);
        String text = String.format(Locale.ROOT, "%.1f -> %.1f us measured", before / 1000, after / 1000);
        return new Decision(after <= share * before, text);
    }

    /** Runs until the code is compiled. Returns the calls of a round. */
    private static int warm(Session session, Map<String, Tensor> inputs) {
        long start = System.nanoTime();
        int calls = 0;
        long taken;
        do {
            session.predict(inputs);
            calls++;
            taken = System.nanoTime() - start;
        } while (taken < WARM || calls < WARM_CALLS && taken < LONG_WARM);
        double call = Double.MAX_VALUE;
        for (int i = 0; i < CONFIRMED; i++) {
            call = Math.min(call, time(session, inputs, 1));
        }
        return (int) Math.clamp(ROUND / Math.max(1, call), 1, WARM_CALLS);
    }

    /** The nanoseconds of a call. */
    private static double time(Session session, Map<String, Tensor> inputs, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            session.predict(inputs);
        }
        return (double) (System.nanoTime() - start) / calls;
    }

    private static boolean isConfirmed(double[] times, int rounds) {
        double bound = NEAR * least(times, rounds);
        return Arrays.stream(times, 0, rounds).filter(t -> t <= bound).count() >= CONFIRMED;
    }

    private static double least(double[] times, int rounds) {
        return Arrays.stream(times, 0, rounds).min().orElseThrow();
    }
}
