package dev.tenon.benchmarks.cases;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The similarity of the outputs of two engines for the same inputs.
 *
 * @param cosine the cosine of the angle between the outputs; NaN if a value is NaN
 * @param maxDifference the largest absolute difference of two elements
 */
public record Agreement(double cosine, double maxDifference) {
    private static final double NEAR = 0.999;
    private static final int STEPS = 4;

    /**
     * Compares outputs.
     *
     * @param x an output
     * @param y another output of the same size
     * @return their similarity
     */
    public static Agreement of(float[] x, float[] y) {
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
        // Equal outputs have the cosine 1, even if all values are zero.
        return new Agreement(most == 0 ? 1 : product / Math.sqrt(xSquares * ySquares), most);
    }

    /**
     * Runs a case once on Tenon and once on each of some peers.
     *
     * @param benchmark the case
     * @param peers names of engines
     * @return the similarity of the output of each peer to that of Tenon
     */
    public static Map<String, Agreement> of(BenchmarkCase benchmark, Collection<String> peers) {
        float[] ours = output(benchmark, Engines.TENON);
        Map<String, Agreement> agreements = new LinkedHashMap<>();
        peers.forEach(peer -> agreements.put(peer, of(ours, output(benchmark, peer))));
        return agreements;
    }

    /**
     * Runs a case once on Tenon and once on ONNX Runtime.
     *
     * @param benchmark the case
     * @return the similarity of the outputs
     */
    public static Agreement of(BenchmarkCase benchmark) {
        return of(benchmark, List.of(Engines.ONNXRUNTIME)).get(Engines.ONNXRUNTIME);
    }

    private static float[] output(BenchmarkCase benchmark, String engine) {
        try (PreparedRun call = benchmark.prepare(engine)) {
            call.run();
            return call.output();
        }
    }

    /**
     * Whether the outputs are similar enough. Outputs that are almost zero, such as those of a logistic function on
     * unusual inputs, have a small absolute error but a large relative one.
     *
     * @param benchmark the case
     * @return true if the cosine is at least the minimum of the case, or if elements differ by only a few ulps of 1 and
     *     the cosine is slightly below the minimum
     */
    public boolean holds(BenchmarkCase benchmark) {
        return cosine >= benchmark.leastCosine() || cosine >= NEAR && maxDifference <= STEPS * Math.ulp(1f);
    }
}
