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

/** Products of float32 matrices with a constant right operand: the kernel on packed panels against its peers. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class GemmBenchmark {
    /** A product in one engine. */
    @State(Scope.Benchmark)
    public static class Product {
        /** The sizes m, k and n, see {@link GemmCase}. */
        @Param({"1024x1024x1024", "128x384x1536", "128x1536x384", "16x384x1536", "1x1024x4096"})
        public String shape;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        /** The prepared call; null before {@link #prepare}. */
        public PreparedRun call;

        /** Makes the operands. */
        @Setup
        public void prepare() {
            call = GemmCase.of(shape).prepare(engine);
        }

        /** Frees the operands. */
        @TearDown
        public void close() {
            call.close();
        }
    }

    /**
     * Multiplies.
     *
     * @param product the product
     */
    @Benchmark
    public void multiply(Product product) {
        product.call.run();
    }
}
