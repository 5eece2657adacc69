package dev.tenon.benchmarks.trees;

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

/** Forests: Tenon against ONNX Runtime the tools that trained them, and JPMML. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class TreesBenchmark {
    /** A forest in one engine. */
    @State(Scope.Benchmark)
    public static class Forest {
        /** The forest, see {@link TreesCase}. */
        @Param({"xgb-100x6", "xgb-1000x8", "lgb-100x31"})
        public String forest;

        /** Rows of a call. */
        @Param({"1", "1000", "10000"})
        public int rows;

        /** Threads of a call. */
        @Param({"1", "2"})
        public int threads;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME, Engines.XGBOOST, Engines.LIGHTGBM, Engines.JPMML})
        public String engine;

        PreparedRun call;

        /** Loads the forest; the first time it is trained. */
        @Setup
        public void prepare() {
            call = TreesCase.of(forest, rows, threads).prepare(engine);
        }

        /** Frees the forest. */
        @TearDown
        public void close() {
            call.close();
        }
    }

    /**
     * Predicts the next rows of the table.
     *
     * @param forest the forest
     */
    @Benchmark
    public void predict(Forest forest) {
        forest.call.run();
    }
}
