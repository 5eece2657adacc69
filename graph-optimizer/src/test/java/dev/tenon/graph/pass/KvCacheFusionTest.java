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

/** The attentions that are fused with the Concats of their cache, with the same bits, and those that are not. */
class KvCacheFusionTest {
    private static final Pass PASS = new KvCacheFusion();

    private static final String HEAD = """
        graph main(%q: f32[b,4,s,3], %k: f32[b,2,s,3], %v: f32[b,2,s,3], %pk: f32[b,2,p,3], %pv: f32[b,2,p,3]) {
        """;

    private static Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * 7 % 11 - 5) / 3.0);
        }
        return t;
    }

    private static Tensor[] inputs() {
        return new Tensor[] {
            floats(2, 4, 3, 3), floats(2, 2, 3, 3), floats(2, 2, 3, 3), floats(2, 2, 5, 3), floats(2, 2, 5, 3)
        };
    }

    private static void becomes(String before, String after, Tensor... inputs) {
        Graph graph = Graphs.parse(before);
        RewriteTrace trace = new RewriteTrace();
        Graph result = PASS.apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).isEqualTo(GraphText.print(Graphs.parse(after)));
        assertThat(trace.count(KvCacheFusion.RULE)).isEqualTo(1);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        Rewrites.checkNearMisses(PASS::apply, PASS.name(), graph, true);
        assertThat(PASS.apply(result)).as("a second time").isSameAs(result);
    }

    @Test
    void theExtendedCacheIsAnOutputOfTheAttention() {
        becomes(HEAD + """
              %keys = Concat<axis=-2>(%pk, %k)
              %values = Concat<axis=2>(%pv, %v)
              %y = Attention<scale=0.5f>(%q, %keys, %values) "attention"
              return %y, %keys, %values
            }
            """, HEAD + """
              %y, %keys, %values = Attention<scale=0.5f>(%q, %k, %v, _, %pk, %pv) "attention"
              return %y, %keys, %values
            }
            """, inputs());
    }

    @Test
    void sizesAreReadFromTheParts() {
        becomes(HEAD + """
              %one = const i64[] {1}
              %keys = Concat<axis=-2>(%pk, %k)
              %values = Concat<axis=2>(%pv, %v)
              %sizes = Shape(%keys)
              %numbers = Cast<to=1>(%sizes)
              %at = const i64[] {2}
              %mask = Gather(%numbers, %at)
              %axes = const i64[2] {0, 1}
              %m = Unsqueeze(%mask, %axes)
              %zero = const i64[1] {0}
              %added_sizes = Shape(%pk)
              %y = Attention<scale=0.5f>(%q, %keys, %values)
              return %y, %keys, %sizes, %m, %added_sizes
            }
            """, HEAD + """
              %const = const i64[4] {0, 0, 1, 0}
              %at = const i64[] {2}
              %axes = const i64[2] {0, 1}
              %past_sizes = Shape(%pk)
              %added_sizes_1 = Shape(%k)
              %added_length = Mul(%added_sizes_1, %const)
              %sizes = Add(%past_sizes, %added_length)
              %numbers = Cast<to=1>(%sizes)
              %mask = Gather(%numbers, %at)
              %m = Unsqueeze(%mask, %axes)
              %added_sizes = Shape(%pk)
              %y, %keys, %values = Attention<scale=0.5f>(%q, %k, %v, _, %pk, %pv)
              return %y, %keys, %sizes, %m, %added_sizes
            }
            """, inputs());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        return %y
        %n = Shape(%y); return %y, %n
        """)
    void theAttentionSplitsAndJoinsHeadsItself(String rest) {
        String end = rest.replace("; ", "\n") + "\n}\n";
        String head = """
            graph main(%q: f32[b,s,12], %k: f32[b,s,6], %v: f32[b,s,6], %pk: f32[b,2,p,3], %pv: f32[b,2,p,3]) {
            """;
        becomes(
                head + """
              %four = const i64[4] {0, 0, 4, 3}
              %two = const i64[4] {0, 0, 2, 3}
              %joined = const i64[3] {0, 0, 12}
              %q4 = Reshape(%q, %four)
              %k4 = Reshape(%k, %two)
              %v4 = Reshape(%v, %two)
              %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
              %keys = Concat<axis=-2>(%pk, %kt)
              %values = Concat<axis=-2>(%pv, %vt)
              %o = Attention<scale=0.5f>(%qt, %keys, %values)
              %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%ot, %joined)
            """ + end,
                head + """
              %four = const i64[4] {0, 0, 4, 3}
              %two = const i64[4] {0, 0, 2, 3}
              %q4 = Reshape(%q, %four)
              %k4 = Reshape(%k, %two)
              %v4 = Reshape(%v, %two)
              %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
              %y = Attention<q_num_heads=4, kv_num_heads=2, scale=0.5f>(%q, %k, %v, _, %pk, %pv)
            """ + end,
                floats(2, 3, 12),
                floats(2, 3, 6),
                floats(2, 3, 6),
                floats(2, 2, 5, 3),
                floats(2, 2, 5, 3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        only one of keys      | %keys = Concat<axis=2>(%pk, %k); %y = Attention(%q, %keys, %vs)
        are the values        | %keys = Concat<axis=2>(%pk, %k); %y = Attention(%q, %keys, %keys)
        the past as part        | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention<is_causal=1>(%q, %keys, %values)
        or more outputs       | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y, %a, %b = Attention(%q, %keys, %values)
        are joined            | %keys = Concat<axis=2>(%k, %pk); %values = Concat<axis=2>(%pv, %v); %y = Attention(%q, %keys, %values)
        only one of keys      | %values = Concat<axis=2>(%pv, %v); %y = Attention(%q, %vs, %values)
        only one of keys      | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v, %ve); %y = Attention(%q, %keys, %values)
        only one of keys      | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=1>(%vh, %vh); %y = Attention(%q, %keys, %values)
        or more outputs       | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention(%q, %keys, %values, _, _, _, %valid)
        the past as part      | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention<left_window_size=0>(%q, %keys, %values)
        the past as part      | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention<right_window_size=0>(%q, %keys, %values)
        are used before it    | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention(%keys, %keys, %values)
        are used before it    | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention(%q, %keys, %values, %values)
        are used before it    | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %n = Neg(%keys); %m = Transpose<perm=[0, 1, 3, 2]>(%n); %s = MatMul(%q, %m); %y = Attention(%q, %keys, %values, %s)
        are used before it    | %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %i = const i64[1] {-1}; %r = ReduceMax(%keys, %i); %p = Transpose<perm=[0, 1, 3, 2]>(%r); %y = Attention(%q, %keys, %values, %p)
        """)
    void othersAreRefused(String reason, String nodes) {
        String head = HEAD.replace(
                        ") {", ", %vs: f32[b,2,p+s,3], %ve: f32[b,2,0,3], %vh: f32[b,1,p+s,3], %valid: i64[b]) {")
                .replace("%q: f32[b,4,s,3]", "%q: f32[b,2,s,3]");
        Graph graph = Graphs.parse(head + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        RewriteTrace trace = new RewriteTrace();
        assertThat(PASS.apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).singleElement().satisfies(m -> {
            assertThat(m.rule()).isEqualTo(KvCacheFusion.RULE);
            assertThat(m.reason()).contains(reason);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %y = Attention(%q, %k, %v)
        %keys = Concat<axis=2>(%pk, %k); %values = Concat<axis=2>(%pv, %v); %y = Attention(%q, %keys, %values, _, %pk, %pv)
        """)
    void othersAreNotLookedAt(String nodes) {
        Graph graph = Graphs.parse(HEAD + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        RewriteTrace trace = new RewriteTrace();
        assertThat(PASS.apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).isEmpty();
    }

    @Test
    void ofTwoAttentionsTheFirstOneExtendsTheCache() {
        Graph graph = Graphs.parse(HEAD + """
              %keys = Concat<axis=2>(%pk, %k)
              %values = Concat<axis=2>(%pv, %v)
              %y = Attention<scale=0.5f>(%q, %keys, %values)
              %z = Attention<scale=0.25f>(%q, %keys, %values)
              return %y, %z
            }
            """);
        RewriteTrace trace = new RewriteTrace();
        Graph result = PASS.apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(trace.count(KvCacheFusion.RULE)).isEqualTo(1);
        assertThat(trace.nearMisses())
                .singleElement()
                .satisfies(m -> assertThat(m.reason()).contains("another attention"));
        Graphs.requireEqual(Graphs.run(result, inputs()), Graphs.run(graph, inputs()));
    }
}
