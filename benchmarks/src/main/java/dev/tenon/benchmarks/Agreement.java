package dev.tenon.benchmarks;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How near two engines' outputs for the same inputs are.
 *
 * @param cosine of the angle between them, NaN if a value of either is NaN
 * @param maxDifference the largest absolute difference of two elements
 */
record Agreement(double cosine, double maxDifference) {
    private static final double NEAR = 0.999;
    private static final int STEPS = 4;

    /**
     * Compares outputs.
     *
     * @param x an output
     * @param y another of the same size
     * @return how near they are
     */
    static Agreement of(float[] x, float[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException("outputs of " + x.length + " and " + y.length + " elements");
        }
        double product = 0;
        double xSquares = 0;
        double ySquares = 0;
        double most = 0;
        for (int i = 0; i < x.length; i++) {
            product += (double) x[i] * y[i];
            xSquares += (double) x[i] * x[i];
            ySquares += (double) y[i] * y[i];
            most = Math.max(most, Math.abs((double) x[i] - y[i]));
        }
        // Equal values point the same way, even if all of them are zero.
        return new Agreement(most == 0 ? 1 : product / Math.sqrt(xSquares * ySquares), most);
    }

    /**
     * Runs a case once on this library and on each of some peers.
     *
     * @param benchmark the case
     * @param peers names of engines
     * @return for each peer how near its output is to this library's
     */
    static Map<String, Agreement> of(BenchmarkCase benchmark, Collection<String> peers) {
        float[] ours = output(benchmark, Engines.TENON);
        Map<String, Agreement> agreements = new LinkedHashMap<>();
        peers.forEach(peer -> agreements.put(peer, of(ours, output(benchmark, peer))));
        return agreements;
    }

    /**
     * Runs a case once on this library and on ONNX Runtime.
     *
     * @param benchmark the case
     * @return how near the outputs are
     */
    static Agreement of(BenchmarkCase benchmark) {
        return of(benchmark, List.of(Engines.ONNXRUNTIME)).get(Engines.ONNXRUNTIME);
    }

    private static float[] output(BenchmarkCase benchmark, String engine) {
        try (PreparedRun call = benchmark.prepare(engine)) {
            call.run();
            return call.output();
        }
    }

    /**
     * Whether they are near enough. Outputs that are all but zero, such as those of a logistic function far from what
     * it was trained on, have the absolute error of what they were computed from.
     *
     * @param benchmark what was computed
     * @return true if the cosine is at least the case's, or if elements differ by a few steps of a float at one and the
     *     cosine is not far below
     */
    boolean holds(BenchmarkCase benchmark) {
        return cosine >= benchmark.leastCosine() || cosine >= NEAR && maxDifference <= STEPS * Math.ulp(1f);
    }
}
