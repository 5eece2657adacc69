package dev.tenon.benchmarks.parts;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Calls of a session, of an idle batcher, and of a registry, for a model with almost no work. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ServingOverheadBenchmark {
    /** A model, and the ways to call it. */
    @State(Scope.Benchmark)
    public static class Service {
        private static final Duration LIMIT = Duration.ofSeconds(1);

        Session session;
        Batcher batcher;
        Models models;
        Call call;
        Map<String, Tensor> inputs;

        /** Makes the model. */
        @Setup
        public void prepare() {
            GraphBuilder b = new GraphBuilder("relu");
            Value x = b.input("x", ValueType.parse("f32[n,16]"));
            Model model = Model.of(b.output("y", b.add(new Relu(), x)).build());
            session = model.session(SessionOptions.standard().threads(1));
            batcher = Batcher.of(session, BatchOptions.standard());
            models = Models.create(SessionOptions.standard().threads(1), BatchOptions.standard());
            models.load("relu", "1", model, Trial.none());
            models.promote("relu", "1");
            call = Call.standard().within(LIMIT);
            inputs = Map.of("x", Tensor.of(new float[16], 1, 16));
        }
    }

    /**
     * The session alone.
     *
     * @param service the model
     * @return outputs
     */
    @Benchmark
    public Outputs session(Service service) {
        return service.session.predict(service.inputs);
    }

    /**
     * An idle batcher.
     *
     * @param service the model
     * @return outputs
     */
    @Benchmark
    public Outputs batcher(Service service) {
        return service.batcher.predict(service.inputs);
    }

    /**
     * An idle batcher, with a deadline.
     *
     * @param service the model
     * @return outputs
     */
    @Benchmark
    public Outputs batcherWithDeadline(Service service) {
        return service.batcher.predict(service.inputs, service.call);
    }

    /**
     * A registry of models.
     *
     * @param service the model
     * @return outputs
     */
    @Benchmark
    public Outputs models(Service service) {
        return service.models.predict("relu", service.inputs);
    }
}
