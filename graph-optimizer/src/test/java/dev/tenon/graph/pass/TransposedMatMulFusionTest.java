package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The products that are fused with a Transpose of an operand, with the same bits, and those that are not. */
class TransposedMatMulFusionTest {
    private static final Pass PASS = new TransposedMatMulFusion();

    private static Tensor floats(int factor, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * factor % 11 - 5) / 3.0);
        }
        return t;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            m,k   | n,k   | %t = Transpose(%y); %z = MatMul(%x, %t)                          | %z = Gemm<transB=1>(%x, %y)
            k,m   | k,n   | %t = Transpose<perm=[1, 0]>(%x); %z = MatMul(%t, %y)             | %z = Gemm<transA=1>(%x, %y)
            k,m   | n,k   | %s = Transpose(%x); %t = Transpose(%y); %z = MatMul(%s, %t)      | %z = Gemm<transA=1, transB=1>(%x, %y)
            k,m   | n,k   | %s = Transpose(%x); %t = Transpose(%y); %z = MatMul(%s, %t) "p"; %u = Relu(%s) | %s = Transpose(%x); %z = Gemm<transB=1>(%s, %y) "p"; %u = Relu(%s)
            b,m,k | b,n,k | %t = Transpose<perm=[0, 2, 1]>(%y); %z = MatMul(%x, %t)          | %z = dev.tenon.TransposedMatMul(%x, %y)
            b,m,k | n,k   | %t = Transpose(%y); %z = MatMul(%x, %t)                          | %z = dev.tenon.TransposedMatMul(%x, %y)
            m,k   | b,n,k | %t = Transpose<perm=[0, 2, 1]>(%y); %z = MatMul(%x, %t)          | %z = dev.tenon.TransposedMatMul(%x, %y)
            b,k,m | b,n,k | %s = Transpose<perm=[0, 2, 1]>(%x); %t = Transpose<perm=[0, 2, 1]>(%y); %z = MatMul(%s, %t) | %s = Transpose<perm=[0, 2, 1]>(%x); %z = dev.tenon.TransposedMatMul(%s, %y)
            """)
    void becomes(String x, String y, String before, String after) {
        Graph graph = graph("f32", x, y, before);
        RewriteTrace trace = new RewriteTrace();
        Graph result = PASS.apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).isEqualTo(GraphText.print(graph("f32", x, y, after)));
        assertThat(trace.count(TransposedMatMulFusion.RULE)).isEqualTo(1);
        Tensor left = floats(7, dims(x));
        Tensor right = floats(3, dims(y));
        Graphs.requireEqual(Graphs.run(result, left, right), Graphs.run(graph, left, right));
        assertThat(PASS.apply(result)).as("a second time").isSameAs(result);
        Rewrites.checkNearMisses(PASS::apply, PASS.name(), graph, true);
    }

    private static Graph graph(String type, String x, String y, String nodes) {
        String result = nodes.contains("%u") ? "%z, %u" : "%z";
        return Graphs.parse("graph main(%x: TYPE[X], %y: TYPE[Y]) {\n"
                        .replace("X", x)
                        .replace("[Y]", "[" + y + "]")
                        .replace("TYPE", type)
                + nodes.replace("; ", "\n") + "\nreturn " + result + "\n}");
    }

    private static long[] dims(String names) {
        return names.chars()
                .filter(c -> c != ',')
                .mapToLong(c -> "?bmkn".indexOf(c) + 1L)
                .toArray();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            used 2 times  | f32 | b,m,k | b,n,k | %t = Transpose<perm=[0, 2, 1]>(%y); %z = MatMul(%x, %t); %u = Relu(%t)
            used 2 times  | f32 | m,k   | m,k   | %t = Transpose(%y); %z = MatMul(%x, %t); %u = MatMul(%x, %t)
            on the right  | f32 | b,k,m | b,k,n | %t = Transpose<perm=[0, 2, 1]>(%x); %z = MatMul(%t, %y)
            are i32       | i32 | m,k   | n,k   | %t = Transpose(%y); %z = MatMul(%x, %t)
            are f16       | f16 | m,k   | n,k   | %t = Transpose(%y); %z = MatMul(%x, %t)
            """)
    void othersAreRefused(String reason, String type, String x, String y, String nodes) {
        Graph graph = graph(type, x, y, nodes);
        RewriteTrace trace = new RewriteTrace();
        assertThat(PASS.apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).allSatisfy(m -> {
            assertThat(m.rule()).isEqualTo(TransposedMatMulFusion.RULE);
            assertThat(m.reason()).contains(reason);
        });
        assertThat(trace.nearMisses()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            b,m,k   | k,n,b   | %t = Transpose<perm=[2, 0, 1]>(%y); %z = MatMul(%x, %t)
            b,m,k   | k,b,n   | %t = Transpose<perm=[1, 0, 2]>(%y); %z = MatMul(%x, %t)
            k       | n,k     | %t = Transpose<perm=[0, 1]>(%y); %z = MatMul(%t, %x)
            b,m,k   | *       | %t = Transpose<perm=[0, 2, 1]>(%y); %z = MatMul(%x, %t)
            m,k     | n,k     | %t = Transpose(%y); %z = Gemm(%x, %t)
            """)
    void otherTransposesAndProductsStay(String x, String y, String nodes) {
        Graph graph = graph("f32", x, y, nodes);
        RewriteTrace trace = new RewriteTrace();
        assertThat(PASS.apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).isEmpty();
    }

    /** Attention is found first, since it is made of such products. */
    @Test
    void attentionIsFoundFirst() {
        Graph graph = Graphs.parse("""
            graph main(%q: f32[b,2,m,8], %k: f32[b,2,n,8], %v: f32[b,2,n,8]) {
              %t = Transpose<perm=[0, 1, 3, 2]>(%k)
              %p = MatMul(%q, %t)
              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """);
        RewriteTrace trace = new RewriteTrace();
        Graph result = Pipeline.standard().apply(graph, trace);
        assertThat(result.nodes().stream().map(n -> n.op().title()).toList()).containsExactly("Attention");
        assertThat(trace.count(TransposedMatMulFusion.RULE)).isZero();
    }

    /** Once a product reads the operand as it is, rules meet operators that the Transpose kept apart. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "%t = Transpose(%x)\n%p = MatMul(%t, %w)\n%y = Add(%p, %c)",
                "%k = const f32[] {2}\n%s = Mul(%x, %k)\n%t = Transpose(%s)\n%y = MatMul(%t, %w)"
            })
    void rulesComeAgainAfterwards(String nodes) {
        Graph graph = Graphs.parse("graph main(%x: f32[3,m]) {\n%w = const f32[3,2] {1, 2, 3, 4, 5, 6}\n"
                + "%c = const f32[2] {7, 8}\n" + nodes + "\nreturn %y\n}");
        for (Pipeline pipeline :
                List.of(Pipeline.standard(), Pipeline.standard().withLayouts())) {
            Graph once = pipeline.apply(graph);
            assertThat(once.nodes().stream().map(n -> n.op().title()).toList()).containsExactly("Gemm");
            assertThat(GraphText.print(pipeline.apply(once))).isEqualTo(GraphText.print(once));
            Tensor whole = Literals.linear(-7, 1, 3, 5);
            Graphs.requireEqual(Graphs.run(once, whole), Graphs.run(graph, whole));
        }
    }

    @Test
    void operatorsAfterItAreFused() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[b,m,8], %y: f32[b,n,8]) {
              %t = Transpose<perm=[0, 2, 1]>(%y)
              %p = MatMul(%x, %t)
              %z = Sigmoid(%p)
              return %z
            }
            """);
        Graph result = Pipeline.standard().apply(graph);
        assertThat(result.nodes().stream().map(n -> n.op().title()).toList())
                .containsExactly("TransposedMatMul+Sigmoid");
        Tensor left = floats(7, 2, 3, 8);
        Tensor right = floats(3, 2, 5, 8);
        Graphs.requireEqual(Graphs.run(result, left, right), Graphs.run(graph, left, right));
    }
}
