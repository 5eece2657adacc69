package dev.tenon.benchmarks.operators;

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

/**
 * Single kernels, by their ids or as the tables select them, compared with ONNX Runtime and with the peaks of the core.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class KernelBenchmark {
    /** A kernel, or the operator in a peer. */
    @State(Scope.Benchmark)
    public static class Call {
        /** The id of the kernel, {@value KernelCase#ALL} or {@value KernelCase#SELECTED}, see {@link KernelCase}. */
        @Param(KernelCase.ALL)
        public String kernel;

        /** The operator, or {@value KernelCase#LISTED}, see {@link KernelCase}. */
        @Param(KernelCase.LISTED)
        public String operator;

        /** The machine for which the kernel is selected, see {@link KernelCase}. */
        @Param(KernelCase.HERE)
        public String machine;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        PreparedRun prepared;

        /** Makes the operands. */
        @Setup
        public void prepare() {
            prepared = KernelCase.of(kernel, operator, machine).prepare(engine);
        }

        /** Frees the operands. */
        @TearDown
        public void close() {
            prepared.close();
        }
    }

    /**
     * Runs the kernel.
     *
     * @param call the prepared call
     */
    @Benchmark
    public void predict(Call call) {
        call.prepared.run();
    }
}
