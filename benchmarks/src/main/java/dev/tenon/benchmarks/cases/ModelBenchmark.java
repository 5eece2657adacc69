package dev.tenon.benchmarks.cases;

import dev.tenon.NumericsMode;
import dev.tenon.Precision;
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

/** Any model, into given outputs: Tenon against ONNX Runtime. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ModelBenchmark {
    /** A model with its inputs in one engine. */
    @State(Scope.Benchmark)
    public static class Call {
        /** A readable name. */
        @Param("")
        public String model;

        /** An ONNX file. */
        @Param("")
        public String file;

        /** Shapes of inputs, see {@link ModelCase}. */
        @Param("")
        public String shapes;

        /** Threads of one call. */
        @Param("1")
        public int threads;

        /** The numbers with which Tenon computes products. */
        @Param("FP32")
        public Precision precision;

        /** How closely Tenon follows the operators of the model. */
        @Param("STANDARD")
        public NumericsMode numerics;

        /** How Tenon is called. */
        @Param("PREPARED")
        public Invocation call;

        /** Whether the JVM of a peer was started with large pages; for Tenon without effect. */
        @Param("false")
        public boolean hugePages;

        /** The kind of the model, without effect. */
        @Param("OTHER")
        public Kind kind;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        PreparedRun prepared;

        /** Loads the model. */
        @Setup
        public void prepare() {
            Terms terms = new Terms(precision, numerics, call, hugePages);
            prepared = ModelCase.of(model, file, shapes, threads, terms).prepare(engine);
        }

        /** Frees the model. */
        @TearDown
        public void close() {
            prepared.close();
        }
    }

    /**
     * Runs the model.
     *
     * @param call the prepared call
     */
    @Benchmark
    public void predict(Call call) {
        call.prepared.run();
    }
}
