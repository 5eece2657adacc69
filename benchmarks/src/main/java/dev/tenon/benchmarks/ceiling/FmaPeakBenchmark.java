package dev.tenon.benchmarks.ceiling;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the arithmetic peak of some cores: {@link FmaPeak} on each. Other benchmarks are compared with it. A call
 * ends when the last thread has done its share, as a call of a model does.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class FmaPeakBenchmark {
    /** The floating-point operations of a call on each thread. They do not depend on the vectors of a fork. */
    public static final double FLOPS = 2.0 * 24 * 16 * (1 << 17);

    /** The name of the parameter. */
    public static final String THREADS = "threads";

    public static final int STEPS = (int) Math.round(FLOPS / FmaPeak.stepFlops());

    /** Threads that spin while they wait for calls, so that a call need not wake them. */
    @State(Scope.Benchmark)
    public static class Cores {
        /** The threads of a call, including the caller. */
        @Param("1")
        public int threads;

        private final AtomicInteger working = new AtomicInteger();
        private final AtomicInteger calls = new AtomicInteger();
        private volatile boolean stopped;

        /** Starts the other threads. */
        @Setup
        public void start() {
            for (int i = 1; i < threads; i++) {
                Thread.ofPlatform().daemon().name("fma-" + i).start(this::work);
            }
        }

        /** Ends the threads. */
        @TearDown
        public void stop() {
            stopped = true;
        }

        private void work() {
            float[] values = new float[FmaPeak.VALUES];
            int done = 0;
            while (!stopped) {
                if (done == calls.get()) {
                    Thread.onSpinWait();
                } else {
                    done++;
                    chains(values);
                    working.decrementAndGet();
                }
            }
        }

        private double call(float[] values) {
            working.set(threads - 1);
            calls.incrementAndGet();
            double flops = threads * chains(values);
            while (working.get() > 0) {
                Thread.onSpinWait();
            }
            return flops;
        }

        private static double chains(float[] values) {
            // Chains that start from 1 grow to a fixed point, which is neither infinite nor subnormal.
            Arrays.fill(values, 1);
            return FmaPeak.run(STEPS, values);
        }
    }

    /** The numbers from which the chains of the caller start. */
    @State(Scope.Thread)
    public static class Chains {
        public final float[] values = new float[FmaPeak.VALUES];
    }

    /**
     * Multiplies and adds on registers.
     *
     * @param cores the threads
     * @param chains the numbers from which the chains of the caller start
     * @return the operations of all threads together
     */
    @Benchmark
    public double fma(Cores cores, Chains chains) {
        return cores.call(chains.values);
    }
}
