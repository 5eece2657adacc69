package dev.tenon.benchmarks;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The ceiling of one core, {@link FmaPeak}, which the other benchmarks are read against. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class FmaPeakBenchmark {
    /** The floating-point operations of a call, the same in every fork whatever its vectors. */
    static final double FLOPS = 2.0 * 24 * 16 * (1 << 17);

    static final int STEPS = (int) Math.round(FLOPS / FmaPeak.stepFlops());

    /** What the chains start from. */
    @State(Scope.Thread)
    public static class Chains {
        final float[] values = new float[FmaPeak.VALUES];
    }

    /**
     * Multiplies and adds on registers.
     *
     * @param chains what the chains start from
     * @return the operations done
     */
    @Benchmark
    public double fma(Chains chains) {
        // Ones grow to a fixed point: neither infinite nor denormal.
        Arrays.fill(chains.values, 1);
        return FmaPeak.run(STEPS, chains.values);
    }
}
