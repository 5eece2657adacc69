package dev.tenon.benchmarks;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** The bandwidth of one core, {@link CopyPeak}, which kernels that move more than they compute are read against. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(5)
public class CopyPeakBenchmark {
    /** The name of JMH's parameter. */
    static final String BYTES = "bytes";

    /** What is copied. */
    @State(Scope.Thread)
    public static class Blocks {
        /** What one copy reads and writes together: within each cache of most cores, and in memory. */
        @Param({"16384", "262144", "4194304", "268435456"})
        public long bytes;

        CopyPeak copies;

        /** Makes the blocks. */
        @Setup
        public void prepare() {
            copies = new CopyPeak(bytes);
        }
    }

    /**
     * Copies.
     *
     * @param blocks what
     * @return the copy
     */
    @Benchmark
    public MemorySegment copy(Blocks blocks) {
        return blocks.copies.run();
    }
}
