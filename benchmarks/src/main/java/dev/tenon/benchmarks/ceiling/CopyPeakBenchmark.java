package dev.tenon.benchmarks.ceiling;

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

/** Measures the bandwidth of one core, see {@link CopyPeak}. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(5)
public class CopyPeakBenchmark {
    /** The name of JMH's parameter. */
    public static final String BYTES = "bytes";

    /** The blocks. */
    @State(Scope.Thread)
    public static class Blocks {
        /** The bytes that one copy reads and writes: sizes for each cache of most cores, and for main memory. */
        @Param({"16384", "262144", "4194304", "268435456"})
        public long bytes;

        CopyPeak copies;

        /** Allocates the blocks. */
        @Setup
        public void prepare() {
            copies = new CopyPeak(bytes);
        }
    }

    /**
     * Copies a block.
     *
     * @param blocks the blocks
     * @return the copy
     */
    @Benchmark
    public MemorySegment copy(Blocks blocks) {
        return blocks.copies.run();
    }
}
