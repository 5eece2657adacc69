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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums and normalisations that are fused, with the same bits, and those that are not. */
class SumNormalizationFusionTest {
    private static final Pass PASS = new SumNormalizationFusion();

    private static void becomes(String before, String after, Tensor... inputs) {
        Graph graph = Graphs.parse(before);
        RewriteTrace trace = new RewriteTrace();
        Graph result = PASS.apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).isEqualTo(GraphText.print(Graphs.parse(after)));
        assertThat(trace.count(SumNormalizationFusion.RULE)).isEqualTo(1);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(PASS.apply(result)).as("a second time").isSameAs(result);
        Rewrites.checkNearMisses(PASS::apply, PASS.name(), graph, true);
    }

    private static Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * 7 % 11 - 5) / 3.0);
        }
        return t;
    }

    @Test
    void aSkipConnectionThatIsUsedAgainIsTheSecondOutput() {
        becomes("""
            graph main(%x: f32[n,3], %y: f32[n,3], %g: f32[3], %b: f32[3]) {
              %s = Add(%x, %y) "skip"
              %t = Relu(%s)
              %z = LayerNormalization(%s, %g, %b) "norm"
              %u = Mul(%t, %z)
              return %u
            }
            """, """
            graph main(%x: f32[n,3], %y: f32[n,3], %g: f32[3], %b: f32[3]) {
              %z, %s = dev.tenon.SumNormalization<norm="LayerNormalization">(%g, %b, %x, _, %y, _) "norm"
              %t = Relu(%s)
              %u = Mul(%t, %z)
              return %u
            }
            """, floats(2, 3), floats(2, 3), floats(3), floats(3));
    }

    @Test
    void embeddingsAreReadAddedAndNormalisedAtOnce() {
        becomes(
                """
            graph main(%words: i64[n,m], %kinds: i64[n,m], %places: i64[1,m], %g: f32[2]) {
              %w = const f32[3,2] {1, 2, 3, 5, -1, 2}
              %k = const f32[2,2] {0.5, 2, 0.25, 8}
              %p = const f32[4,2] {1, 2, 3, 4, 5, 7, 7, 8}
              %a = Gather(%w, %words)
              %b = Gather(%k, %kinds)
              %c = Gather(%p, %places)
              %d = Add(%a, %b)
              %e = Add(%c, %d)
              %z = RMSNormalization(%e, %g)
              return %z
            }
            """,
                """
            graph main(%words: i64[n,m], %kinds: i64[n,m], %places: i64[1,m], %g: f32[2]) {
              %w = const f32[3,2] {1, 2, 3, 5, -1, 2}
              %k = const f32[2,2] {0.5, 2, 0.25, 8}
              %p = const f32[4,2] {1, 2, 3, 4, 5, 7, 7, 8}
              %z = dev.tenon.SumNormalization<norm="RMSNormalization">(%g, _, %w, %words, %k, %kinds, %p, %places)
              return %z
            }
            """,
                Tensor.of(new long[] {0, 1, 2, 2, 1, 0}, 2, 3),
                Tensor.of(new long[] {0, 1, 1, 1, 0, 0}, 2, 3),
                Tensor.of(new long[] {3, 1, 0}, 1, 3),
                floats(2));
    }

    @Test
    void rowsThatAreUsedElsewhereAreReadApart() {
        becomes("""
            graph main(%i: i64[n], %x: f32[n,2], %g: f32[2]) {
              %w = const f32[3,2] {1, 2, 3, 5, -1, 2}
              %a = Gather(%w, %i)
              %s = Add(%a, %x)
              %z = LayerNormalization(%s, %g)
              return %z, %a
            }
            """, """
            graph main(%i: i64[n], %x: f32[n,2], %g: f32[2]) {
              %w = const f32[3,2] {1, 2, 3, 5, -1, 2}
              %a = Gather(%w, %i)
              %z = dev.tenon.SumNormalization<norm="LayerNormalization">(%g, _, %a, _, %x, _)
              return %z, %a
            }
            """, Tensor.of(new long[] {0, 2}, 2), floats(2, 2), floats(2));
    }

    @Test
    void ofTwoNormalisationsTheFirstOneComputesTheSum() {
        becomes("""
            graph main(%x: f32[n,3], %y: f32[n,3], %g: f32[3], %b: f32[3]) {
              %s = Add(%x, %y)
              %z = LayerNormalization(%s, %g)
              %u = LayerNormalization(%s, %b)
              return %z, %u
            }
            """, """
            graph main(%x: f32[n,3], %y: f32[n,3], %g: f32[3], %b: f32[3]) {
              %z, %s = dev.tenon.SumNormalization<norm="LayerNormalization">(%g, _, %x, _, %y, _)
              %u = LayerNormalization(%s, %b)
              return %z, %u
            }
            """, floats(2, 3), floats(2, 3), floats(3), floats(3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            along with %p      | %p = MatMul(%x, %w); %s = Add(%p, %y); %z = LayerNormalization(%s, %g)
            along with %p      | %p = Mul(%x, %x); %s = Add(%p, %y); %z = LayerNormalization(%s, %g)
            or not one row     | %s = Add(%x, %y); %h = Neg(%g); %z = LayerNormalization(%s, %h)
            or not one row     | %s = Add(%x, %y); %h = const f32[] {2}; %z = LayerNormalization(%s, %h)
            such rows          | %h = const f32[1] {2}; %s = Add(%x, %h); %z = LayerNormalization(%s, %g)
            statistics         | %s = Add(%x, %y); %z, %m = LayerNormalization(%s, %g); %u = Add(%z, %m)
            not f32            | %d = Cast<to=11>(%x); %h = const f64[3] {1, 2, 3}; %s = Add(%d, %d); %z = LayerNormalization(%s, %h)
            """)
    void othersAreRefused(String reason, String nodes) {
        Graph graph = Graphs.parse("graph main(%x: f32[n,3], %y: f32[n,3], %w: f32[3,3], %g: f32[3]) {\n"
                + nodes.replace("; ", "\n") + "\nreturn %z\n}");
        RewriteTrace trace = new RewriteTrace();
        assertThat(PASS.apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).singleElement().satisfies(m -> {
            assertThat(m.rule()).isEqualTo(SumNormalizationFusion.RULE);
            assertThat(m.reason()).contains(reason);
        });
    }
}
