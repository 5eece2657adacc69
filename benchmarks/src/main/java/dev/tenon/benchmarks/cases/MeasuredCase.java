package dev.tenon.benchmarks.cases;

import dev.tenon.benchmarks.engine.PreparedRun;
import java.util.List;

/**
 * A case whose properties are computed only once.
 *
 * @param model the name of the computation
 * @param sizes the sizes
 * @param shapes the shapes of the inputs
 * @param threads the threads of a call
 * @param flops the arithmetic of a call
 * @param leastCosine the least cosine of outputs that agree
 * @param origin the case
 */
public record MeasuredCase(
        String model, String sizes, String shapes, int threads, double flops, double leastCosine, BenchmarkCase origin)
        implements BenchmarkCase {
    public static MeasuredCase of(BenchmarkCase c) {
        return new MeasuredCase(c.model(), c.sizes(), c.shapes(), c.threads(), c.flops(), c.leastCosine(), c);
    }

    @Override
    public List<String> engines() {
        return origin.engines();
    }

    @Override
    public PreparedRun prepare(String engine) {
        return origin.prepare(engine);
    }
}
