package dev.tenon.graph.rules.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatMulMergeRulesTest {
    private static String products(int between, String nodes) {
        StringBuilder a = new StringBuilder();
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < between; i++) {
            a.append(i == 0 ? "" : ", ")
                    .append(i + 1)
                    .append(", ")
                    .append(2 - i)
                    .append(", ")
                    .append(i * 0.5);
            b.append(i == 0 ? "" : ", ").append(i - 0.5).append(", ").append(3 - i);
        }
        return "graph g(%x: f32[n,3], %z: f32[2]) {\n%a = const f32[3," + between + "] {" + a + "}\n%at = const f32["
                + between + ",3] {" + a + "}\n%b = const f32[" + between + ",2] {" + b + "}\n%bt = const f32[2,"
                + between + "] {" + b + "}\n%c = const f32[" + between + "] {" + "1, ".repeat(between - 1)
                + "-2}\n%d = const f32[1,2] {3, 4}\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1 | %p = MatMul(%x, %a); %y = MatMul(%p, %b)
        2 | %p = MatMul(%x, %a); %s = Add(%c, %p); %y = MatMul(%s, %b)
        2 | %p = Gemm(%x, %a, %c); %y = MatMul(%p, %b)
        2 | %p = Gemm<transB=1>(%x, %at, %c); %y = Gemm<transB=1>(%p, %bt, %d)
        2 | %p = Gemm<transB=1>(%x, %at); %y = Gemm(%p, %b, %d)
        1 | %p = Gemm(%x, %a); %y = Gemm(%p, %b)
        2 | %p = MatMul(%x, %a); %s = Add(%p, %c); %y = Gemm(%s, %b, %d)
        1 | %g = const f32[3,3] {5.0E37, 0, 0, 1, 2, 3, 4, 5, 6}; %h = const f32[3,2] {0.1, 0.1, 4, 4, 4, 4}; %p = MatMul(%x, %g); %y = MatMul(%p, %h)
        """)
    void twoProductsThatMeetInManyColumnsAreOne(int nodes, String text) {
        Graph result = Rewrites.fires(MatMulMergeRules.SET, "merge-products", products(3, text));
        assertThat(result.nodes()).as(result.toString()).hasSize(nodes);
    }

    @Test
    void oneProductIsLeft() {
        Rewrites.becomes(MatMulMergeRules.SET, "merge-products", """
            graph g(%x: f32[n,2]) {
              %a = const f32[2,2] {1, 2, 3, 4}
              %c = const f32[2] {5, 6}
              %b = const f32[2,1] {1, -1}
              %d = const f32[1] {0.5}
              %p = Gemm(%x, %a, %c)
              %y = Gemm(%p, %b, %d)
              return %y
            }
            """, """
            graph g(%x: f32[n,2]) {
              %const = const f32[2,1] {-1, -1}
              %const_1 = const f32[1] {-0.5}
              %MatMul = MatMul(%x, %const)
              %y = Add(%MatMul, %const_1)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1 | it saves no work       | %p = MatMul(%x, %a); %y = MatMul(%p, %b)
        3 | the weights are shared | %p = MatMul(%x, %a); %q = MatMul(%p, %b); %w = ReduceMax<keepdims=0>(%a); %y = Add(%q, %w)
        3 | a Gemm has factors     | %p = Gemm<alpha=2.0f>(%x, %a); %y = MatMul(%p, %b)
        3 | a Gemm has factors     | %p = Gemm<beta=2.0f>(%x, %a, %c); %y = MatMul(%p, %b)
        3 | a Gemm has factors     | %p = MatMul(%x, %a); %y = Gemm<alpha=2.0f>(%p, %b)
        3 | a Gemm has factors     | %p = Gemm<transA=1>(%f, %a); %y = MatMul(%p, %b)
        3 | a Gemm has factors     | %p = MatMul(%f, %a); %y = Gemm<transA=1>(%p, %b)
        3 | the weights are shared | %p = MatMul(%x, %a); %q = MatMul(%p, %b); %w = ReduceMax<keepdims=0>(%b); %y = Add(%q, %w)
        3 | integers               | %i = const i32[3,3] {1, 2, 3, 4, 5, 6, 7, 8, 9}; %j = const i32[3,1] {1, 2, 3}; %p = MatMul(%k, %i); %y = MatMul(%p, %j)
        3 | the rank is not known  | %p = MatMul(%r, %a); %y = MatMul(%p, %b)
        3 | a weight is not finite | %e = const f32[3,3] {Infinity, 2, 3, 4, 5, 6, 7, 8, 9}; %p = MatMul(%x, %e); %y = MatMul(%p, %b)
        3 | a weight is not finite | %e = const f32[3,2] {Infinity, 2, 3, 4, 5, 6}; %p = MatMul(%x, %a); %y = MatMul(%p, %e)
        3 | a weight is not finite | %e = const f32[2] {Infinity, 2}; %p = MatMul(%x, %a); %y = Gemm(%p, %b, %e)
        3 | a bias is computed     | %p = MatMul(%x, %a); %y = Gemm(%p, %b, %z)
        3 | or there are two       | %p = Gemm(%x, %a, %c); %s = Add(%p, %c); %y = MatMul(%s, %b)
        3 | for each column        | %e = const f32[1] {2}; %p = MatMul(%x, %a); %s = Add(%p, %e); %y = MatMul(%s, %b)
        3 | a weight is not finite | %e = const f32[3] {2, Infinity, 1}; %p = MatMul(%x, %a); %s = Add(%p, %e); %y = MatMul(%s, %b)
        3 | merged weight is not   | %p = MatMul(%x, %a); %e = const f32[3,2] {3e38, 1, 3e38, 1, 3e38, 1}; %y = MatMul(%p, %e)
        3 | merged weight is not   | %e = const f32[3] {2e38, 2e38, 0}; %o = const f32[3,2] {1, 1, 1, 1, 1, 1}; %p = MatMul(%x, %a); %s = Add(%p, %e); %y = MatMul(%s, %o)
        3 | is used 2 times        | %p = MatMul(%x, %a); %q = MatMul(%p, %b); %m = ReduceMax(%p); %y = Add(%q, %m)
        """)
    void othersStay(int between, String reason, String text) {
        Rewrites.refuses(
                MatMulMergeRules.SET,
                "merge-products",
                products(between, text)
                        .replace("%z: f32[2]) {", "%z: f32[2], %f: f32[3,3], %k: i32[n,3], %r: f32[*]) {"),
                reason);
    }

    @Test
    void stacksOfWeightsStay() {
        Rewrites.stays(MatMulMergeRules.SET, """
            graph g(%x: f32[2,n,2]) {
              %a = const f32[2,2,2] {1, 2, 3, 4, 5, 6, 7, 8}
              %b = const f32[2,1] {1, -1}
              %p = MatMul(%x, %a)
              %y = MatMul(%p, %b)
              return %y
            }
            """);
    }

    /** Two products with random weights. */
    private static Graph products(long rows, long between, long columns) {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(2, rows)));
        Value first = builder.add(new MatMul(), x, builder.constant("first", random(rows, between)));
        Value y = builder.add(new MatMul(), first, builder.constant("second", random(between, columns)));
        builder.output("y", y);
        return builder.build();
    }

    private static Tensor random(long rows, long columns) {
        SplittableRandom random = new SplittableRandom(rows + columns);
        Tensor t = Tensor.allocate(DType.FLOAT32, rows, columns);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextDouble(-1, 1));
        }
        return t;
    }

    @Test
    void largeMatricesAreMergedToo() {
        Graph graph = products(256, 600, 250);
        Graph result = new Rewriter(MatMulMergeRules.SET).apply(graph, new RewriteTrace());
        assertThat(result.nodes()).as(result.toString()).hasSize(1);
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), false);
    }

    @Test
    void matricesThatTakeLongAreRefused() {
        Graph graph = products(1024, 2049, 1024);
        RewriteTrace trace = new RewriteTrace();
        assertThat(new Rewriter(MatMulMergeRules.SET).apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses())
                .singleElement()
                .satisfies(m -> assertThat(m.reason()).contains("takes long"));
    }
}
