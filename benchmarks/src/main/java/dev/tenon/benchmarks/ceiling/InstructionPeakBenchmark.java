package dev.tenon.benchmarks.ceiling;

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

/** Measures the peak of an instruction of one core, see {@link InstructionPeak}. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class InstructionPeakBenchmark {
    /** The name of JMH's parameter. */
    public static final String INSTRUCTION = "instruction";

    /** The loop. */
    @State(Scope.Thread)
    public static class Loop {
        /** The instruction. */
        @Param({"FLOAT_512", "FLOAT_256"})
        public Instruction instruction;

        InstructionPeak peak;

        /** Assembles the loop. */
        @Setup
        public void prepare() {
            peak = new InstructionPeak(instruction);
        }
    }

    /**
     * Runs the loop.
     *
     * @param loop the loop
     * @return its operations
     */
    @Benchmark
    public double repeat(Loop loop) {
        return loop.peak.run();
    }
}
