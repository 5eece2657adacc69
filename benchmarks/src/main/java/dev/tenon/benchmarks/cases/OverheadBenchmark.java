package dev.tenon.benchmarks.cases;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Chains of steps with almost no work, which show the overhead of a step in Tenon and in ONNX Runtime. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class OverheadBenchmark {
    /** A chain in one engine. */
    @State(Scope.Benchmark)
    public static class Chain {
        /** The number of steps, see {@link ChainCase}. */
        @Param({"16", "256"})
        public String steps;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        PreparedRun call;

        /** Plans the chain. */
        @Setup
        public void prepare() {
            call = ChainCase.of(steps).prepare(engine);
        }

        /** Frees the chain. */
        @TearDown
        public void close() {
            call.close();
        }
    }

    /**
     * Runs all steps.
     *
     * @param chain the chain
     */
    @Benchmark
    public void predict(Chain chain) {
        chain.call.run();
    }
}
