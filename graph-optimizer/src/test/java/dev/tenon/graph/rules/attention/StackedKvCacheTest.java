package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers of GPT-2 whose cache of keys and values is one tensor, as older exporters write it. */
class StackedKvCacheTest {
    private static final String LAYER = """
        graph gpt2(%x: f32[batch,seq,6], %past: f32[2,batch,2,past,3]) {
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %i0 = const i64[1] {0}
          %ones = const i64[2] {1, 1}
          %heads = const i64[4] {0, 0, 2, 3}
          %whole = const i64[3] {0, 0, 6}
          %w = R(6,18)
          %c = R(18)
          %m = MatMul(%x, %w)
          %qkv = Add(%m, %c)
          %sizes = const i64[3] {6, 6, 6}
          %q, %k, %v = Split<axis=2>(%qkv, %sizes)
          %q4 = Reshape(%q, %heads)
          %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
          %k4 = Reshape(%k, %heads)
          %v4 = Reshape(%v, %heads)
          %vh = Transpose<perm=[0, 2, 1, 3]>(%v4)
          PAST
          %values = Concat<axis=-2>(%pv, %vh)
          %scores = MatMul(%qt, %kt)
          %root = const f32[] {1.7320508}
          %scaled = Div(%scores, %root)
          %p = Softmax<axis=3>(%scaled)
          %o = MatMul(%p, %values)
          %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
          %y = Reshape(%ot, %whole)
          PRESENT
          return %y, %present
        }
        """;

    private static String layer(String past, String present) {
        return ExportedAttentionTest.drawn(
                LAYER.replace("PAST", past.replace("; ", "\n")).replace("PRESENT", present.replace("; ", "\n")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %pk = Gather(%past, %zero); %pv = Gather(%past, %one); %kh = Transpose<perm=[0, 2, 1, 3]>(%k4); %keys = Concat<axis=-2>(%pk, %kh); %kt = Transpose<perm=[0, 1, 3, 2]>(%keys) | %ku = Unsqueeze(%keys, %i0); %vu = Unsqueeze(%values, %i0); %present = Concat<axis=0>(%ku, %vu)
        %pks, %pvs = Split(%past, %ones); %pk = Squeeze(%pks, %i0); %pv = Squeeze(%pvs, %i0); %kh = Transpose<perm=[0, 2, 1, 3]>(%k4); %keys = Concat<axis=-2>(%pk, %kh); %kt = Transpose<perm=[0, 1, 3, 2]>(%keys) | %ku = Unsqueeze(%keys, %i0); %vu = Unsqueeze(%values, %i0); %present = Concat<axis=0>(%ku, %vu)
        %pk = Gather(%past, %zero); %pv = Gather(%past, %one); %pt = Transpose<perm=[0, 1, 3, 2]>(%pk); %kh = Transpose<perm=[0, 2, 3, 1]>(%k4); %kt = Concat<axis=-1>(%pt, %kh) | %keys = Transpose<perm=[0, 1, 3, 2]>(%kt); %ku = Unsqueeze(%keys, %i0); %vu = Unsqueeze(%values, %i0); %present = Concat<axis=0>(%ku, %vu)
        """)
    void aStackedPastIsTakenByAttention(String past, String present) {
        Graph result = ExportedAttentionTest.optimised(layer(past, present));
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .containsSubsequence("Fused", "QkvAttention", "Unsqueeze", "Unsqueeze", "Concat")
                .doesNotContain("MatMul", "Softmax", "Transpose", "Reshape");
        assertThat(result.toString())
                .contains(": f32[batch,2,past+seq,3], %values: f32[batch,2,past+seq,3]"
                        + " = dev.tenon.QkvAttention<kv_num_heads=2, q_num_heads=2, scale=0.57735026f>"
                        + "(%qkv, _, %pk, %pv)")
                .containsOnlyOnce(" = Concat");
    }
}
