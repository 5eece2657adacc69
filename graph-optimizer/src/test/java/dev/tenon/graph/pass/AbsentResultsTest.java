package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An operator may leave out its results, even the only one: every pass keeps such a graph as it is, or does without it. */
class AbsentResultsTest {
    private static final String GRAPH = """
            graph main(%x: f32[1,4,6,6], %q: f32[1,2,3,4], %p: f32[1,2,5,4]) {
              %w = const f32[4,4,1,1] {
                1, 2, 3, 4,  5, 6, 7, 8,  9, 1, 2, 3,  4, 5, 6, 7
              }
              %s = const f32[6] {1, 2, 3, 4, 5, 6}
              %c = Conv<kernel_shape=[1, 1]>(%x, %w)
              _ = Conv<kernel_shape=[1, 1]>(%c, %w)
              _ = Relu(%c)
              _ = MaxPool<kernel_shape=[2, 2]>(%c)
              _ = Transpose<perm=[0, 2, 3, 1]>(%c)
              _ = Transpose<perm=[0, 3, 1, 2]>(%x)
              %a = Add(%c, %x)
              _ = LayerNormalization(%a, %s)
              _, %mean = LayerNormalization(%a, %s)
              _ = Add(%x, %x)
              %keys = Concat<axis=2>(%p, %q)
              %values = Concat<axis=2>(%p, %q)
              _ = Attention(%q, %keys, %values)
              %more = Concat<axis=2>(%p, %q)
              %z = Attention(%q, %keys, %more)
              _ = Shape(%keys)
              _ = MatMul(%x, %x)
              return %a, %mean, %keys, %z
            }
            """;

    static Stream<Pass> passes() {
        return Stream.of(
                new ConstantFolding(),
                new CommonSubexpressions(),
                new DeadCodeElimination(),
                new KvCacheFusion(),
                new NarrowConstants(),
                new CapturedConstants(),
                new TransposedMatMulFusion(),
                new SumNormalizationFusion(),
                new Fusion(),
                new LayoutAssignment(),
                new LayoutAssignment(Set.of(LayoutAssignment.Gain.values()), Target.standard()));
    }

    @ParameterizedTest
    @MethodSource("passes")
    void aPassDoesWithout(Pass pass) {
        Graph graph = Graphs.parse(GRAPH);
        Graph result = pass.apply(graph, new RewriteTrace());
        GraphVerifier.verify(result);
        Graphs.requireEqual(Graphs.run(result, inputs()), Graphs.run(graph, inputs()));
        assertThat(result.outputNames()).isEqualTo(graph.outputNames());
    }

    private static Tensor[] inputs() {
        return new Tensor[] {floats(1, 4, 6, 6), floats(1, 2, 3, 4), floats(1, 2, 5, 4)};
    }

    /** Integers, whose sums no order of additions rounds. */
    private static Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, i * 7 % 11 - 5);
        }
        return t;
    }
}
