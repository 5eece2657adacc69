package dev.tenon.benchmarks.parts;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Concat;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
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

/** Measures the optimiser by the number of nodes, in a cold JVM. Its time must be linear in their number. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class OptimizerBenchmark {
    private static final TensorType ROWS = new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(8)));

    /** Graphs of one size. */
    @State(Scope.Benchmark)
    public static class Graphs {
        /** The nodes of the chain. The other graph has a fifth as many branches. */
        @Param({"2500", "5000", "10000", "20000"})
        public int nodes;

        Graph chain;
        Graph fanOut;

        /** Builds both graphs. */
        @Setup
        public void build() {
            chain = chain(nodes);
            fanOut = fanOut(nodes / 5);
        }
    }

    private static Graph chain(int nodes) {
        GraphBuilder b = new GraphBuilder("chain");
        Value v = b.input("x", ROWS);
        for (int i = 0; i < nodes; i++) {
            v = switch (i % 4) {
                case 0 -> b.add(new Relu(), v);
                case 1 -> b.add(new Sigmoid(), v);
                case 2 -> b.add(new Softmax(-1), v);
                default -> b.add(new Mul(), v, v);
            };
        }
        return b.output("y", v).build();
    }

    private static Graph fanOut(int ways) {
        GraphBuilder b = new GraphBuilder("fan-out");
        Value x = b.input("x", ROWS);
        List<Value> all = new ArrayList<>();
        for (int i = 0; i < ways; i++) {
            Value c = b.constant("c" + i, Tensor.of(new float[] {i}));
            all.add(b.add(new Sigmoid(), b.add(new Add(), x, c)));
        }
        return b.output("y", b.add(new Concat(0), "", all, List.of("y")).getFirst())
                .build();
    }

    /**
     * Optimises a chain.
     *
     * @param graphs the graphs
     * @return the optimised graph
     */
    @Benchmark
    public Graph chain(Graphs graphs) {
        return Pipeline.standard().apply(graphs.chain);
    }

    /**
     * Optimises many branches of one value.
     *
     * @param graphs the graphs
     * @return the optimised graph
     */
    @Benchmark
    public Graph fanOut(Graphs graphs) {
        return Pipeline.standard().apply(graphs.fanOut);
    }
}
