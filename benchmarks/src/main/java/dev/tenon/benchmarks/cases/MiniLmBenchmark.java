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

/** all-MiniLM-L6-v2, in float32 and quantised, into given outputs: Tenon against ONNX Runtime. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class MiniLmBenchmark {
    /** A batch of sentences for one engine. */
    @State(Scope.Benchmark)
    public static class Sentences {
        /** The name of the model. */
        @Param({MiniLmCase.FLOAT, MiniLmCase.QUANTISED})
        public String model;

        /** Sentences, and tokens of each sentence, see {@link MiniLmCase}. */
        @Param({"1x16", "1x128", "8x128"})
        public String shape;

        /** Threads of one call. */
        @Param({"1", "2"})
        public int threads;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        /** The prepared call; null before {@link #prepare}. */
        public PreparedRun call;

        /** Loads the model. */
        @Setup
        public void prepare() {
            call = MiniLmCase.of(model, shape, threads).prepare(engine);
        }

        /** Frees the model. */
        @TearDown
        public void close() {
            call.close();
        }
    }

    /**
     * Runs the model.
     *
     * @param sentences the batch
     */
    @Benchmark
    public void predict(Sentences sentences) {
        sentences.call.run();
    }
}
