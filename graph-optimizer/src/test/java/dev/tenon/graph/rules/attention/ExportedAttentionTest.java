package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Small layers of decoders in the form in which they are exported, with the shape arithmetic around them. */
class ExportedAttentionTest {
    private static final Pattern DRAWN = Pattern.compile("R\\(([0-9,]+)\\)");

    /** A layer with a cache, a mask for each sequence, and a table with the causal mask. */
    private static final String GPT2 = """
        graph gpt2(%x: f32[batch,seq,6], %past_k: f32[batch,2,past,3], %past_v: f32[batch,2,past,3], %attention: i64[batch,past+seq]) {
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %minus1 = const i64[] {-1}
          %minus2 = const i64[] {-2}
          %i0 = const i64[1] {0}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %i12 = const i64[2] {1, 2}
          %low = const f32[] {-3.4028235e38}
          %table = const bool[1,1,6,6] {true, false, false, false, false, false, true, true, false, false, false, false, true, true, true, false, false, false, true, true, true, true, false, false, true, true, true, true, true, false, true, true, true, true, true, true}
          %m1 = Unsqueeze(%attention, %i12)
          %m2 = Cast<to=1>(%m1)
          %f1 = const f32[] {1}
          %m3 = Sub(%f1, %m2)
          %bias = Mul(%m3, %low)
          %xs = Shape(%x)
          %b = Gather(%xs, %zero)
          %s = Gather(%xs, %one)
          %flat_target = const i64[2] {-1, 6}
          %flat = Reshape(%x, %flat_target)
          %w = R(6,18)
          %c = R(18)
          %p = Gemm(%flat, %w, %c)
          %bu = Unsqueeze(%b, %i0)
          %su = Unsqueeze(%s, %i0)
          %w18 = const i64[1] {18}
          %t1 = Concat<axis=0>(%bu, %su, %w18)
          %qkv = Reshape(%p, %t1)
          %sizes = const i64[3] {6, 6, 6}
          %q, %k, %v = Split<axis=2>(%qkv, %sizes)
          %two = const i64[1] {2}
          %three = const i64[1] {3}
          %t2 = Concat<axis=0>(%bu, %su, %two, %three)
          %q4 = Reshape(%q, %t2)
          %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
          %k4 = Reshape(%k, %t2)
          %kh = Transpose<perm=[0, 2, 1, 3]>(%k4)
          %v4 = Reshape(%v, %t2)
          %vh = Transpose<perm=[0, 2, 1, 3]>(%v4)
          %keys = Concat<axis=-2>(%past_k, %kh)
          %values = Concat<axis=-2>(%past_v, %vh)
          %kt = Transpose<perm=[0, 1, 3, 2]>(%keys)
          %scores = MatMul(%qt, %kt)
          %vs = Shape(%values)
          %width = Gather(%vs, %minus1)
          %width_f = Cast<to=1>(%width)
          %root = Sqrt(%width_f)
          %scaled = Div(%scores, %root)
          %qs = Shape(%qt)
          %rows = Gather(%qs, %minus2)
          %ks = Shape(%keys)
          %total = Gather(%ks, %minus2)
          %before = Sub(%total, %rows)
          %from = Unsqueeze(%before, %i0)
          %end = Unsqueeze(%total, %i0)
          %tr = Slice(%table, %from, %end, %i2)
          %tc = Slice(%tr, %i0, %end, %i3)
          %causal = Where(%tc, %scaled, %low)
        MASKED
          %probabilities = Softmax<axis=3>(%masked)
          %o = MatMul(%probabilities, %values)
          %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
          %t3 = Concat<axis=0>(%bu, %su, %w6)
          %y = Reshape(%ot, %t3)
          return %y, %keys, %values
        }
        """;

    private static String gpt2(String masked) {
        return drawn(GPT2.replace("MASKED", masked).replace("%t3 =", "%w6 = const i64[1] {6}\n%t3 ="));
    }

    /** A text with random tensors in the place of {@code R(2,3)}. */
    static String drawn(String text) {
        SplittableRandom random = new SplittableRandom(3);
        Matcher m = DRAWN.matcher(text);
        return m.replaceAll(r -> {
            long count = Tensor.allocate(DType.FLOAT32, dims(r.group(1))).size();
            StringBuilder all = new StringBuilder("const f32[" + r.group(1) + "] {");
            for (long i = 0; i < count; i++) {
                all.append(i == 0 ? "" : ", ").append((float) random.nextDouble(-1, 1));
            }
            return all.append('}').toString();
        });
    }

    private static long[] dims(String text) {
        return Pattern.compile(",")
                .splitAsStream(text)
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** The optimised graph, after a check that it gives the same results. */
    static Graph optimised(String text) {
        Graph graph = Graphs.parse(text);
        RewriteTrace trace = new RewriteTrace();
        Graph result = Pipeline.standard().apply(graph, trace);
        GraphVerifier.verify(result);
        for (int seed = 0; seed < 4; seed++) {
            List<Datum> inputs = new ArrayList<>(Rewrites.random(graph, seed));
            if (graph.inputs().getLast().name().equals("attention")) {
                Tensor x = (Tensor) inputs.get(0);
                long past = ((Tensor) inputs.get(1)).dim(2);
                inputs.set(3, Tensor.allocate(DType.INT64, x.dim(0), past + x.dim(1)));
                ((Tensor) inputs.get(3)).setLong(0, seed);
                ((Tensor) inputs.get(3)).setLong(x.dim(1), 1);
            }
            for (Datum d : inputs) {
                Tensor t = (Tensor) d;
                for (long i = 0; t.dtype() == DType.INT64 && i < t.size(); i++) {
                    t.setLong(i, t.getLong(i) % 2);
                }
            }
            Rewrites.requireEqual(graph, result, inputs, false);
        }
        return result;
    }

    @Test
    void gptWithAPastAndTheMaskOfABatchIsOneAttention() {
        Graph result = optimised(gpt2("%masked = Add(%causal, %bias)"));
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .endsWith("QkvAttention")
                .doesNotContain("Softmax", "MatMul");
        assertThat(result.toString())
                .contains("%y: f32[batch,seq,6], %keys: f32[batch,2,past+seq,3], %values: f32[batch,2,past+seq,3]"
                        + " = dev.tenon.QkvAttention<kv_num_heads=2, q_num_heads=2, scale=0.57735026f>"
                        + "(%qkv, %Add, %past_k, %past_v)");
    }

    @Test
    void theMaskOfABatchMayHaveALengthOfItsOwnName() {
        Graph result = optimised(gpt2("%masked = Add(%causal, %bias)")
                .replace("%attention: i64[batch,past+seq]", "%attention: i64[batch,n]"));
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .endsWith("Expand", "QkvAttention")
                .doesNotContain("Softmax", "MatMul");
        assertThat(result.toString()).contains("(%qkv, %Expand, %past_k, %past_v)");
    }

    /** The layer with the causal mask of the first GPT-2: a table of factors for the scores. */
    private static String firstGpt2() {
        return gpt2("%masked = Identity(%causal)")
                .replace("const bool[1,1,6,6]", "const f32[1,1,6,6]")
                .replace("true", "1")
                .replace("false", "0")
                .replace("%causal = Where(%tc, %scaled, %low)", """
                    %kept = Mul(%scaled, %tc)
                    %rest = Sub(%f1, %tc)
                    %most = const f32[] {10000}
                    %taken = Mul(%rest, %most)
                    %causal = Sub(%kept, %taken)
                    """);
    }

    private static String withoutPast(String layer) {
        return layer.replace("%keys = Concat<axis=-2>(%past_k, %kh)", "%keys = Identity(%kh)")
                .replace("%values = Concat<axis=-2>(%past_v, %vh)", "%values = Identity(%vh)")
                .replace("return %y, %keys, %values", "return %y");
    }

    private static String byWhere() {
        return gpt2("%masked = Identity(%causal)")
                .replace("%low = const f32[] {-3.4028235e38}", "%low = const f32[] {-1e4}");
    }

    @Test
    void theFirstSpellingsOfGptWithAPastAreOneCausalAttention() {
        for (String layer : List.of(firstGpt2(), byWhere())) {
            Graph result = optimised(layer);
            assertThat(Rewrites.operators(result))
                    .as(result.toString())
                    .endsWith("QkvAttention")
                    .doesNotContain("Softmax", "MatMul");
            assertThat(result.toString())
                    .contains(" = dev.tenon.QkvAttention<is_causal=1, kv_num_heads=2, q_num_heads=2, scale=0.57735026f>"
                            + "(%qkv, _, %past_k, %past_v)");
        }
    }

    @Test
    void theFirstSpellingsOfGptWithoutPastAreOneCausalAttention() {
        for (String layer : List.of(firstGpt2(), byWhere())) {
            Graph result = optimised(withoutPast(layer));
            assertThat(Rewrites.operators(result))
                    .as(result.toString())
                    .endsWith("QkvAttention")
                    .doesNotContain("Softmax", "MatMul");
            assertThat(result.toString())
                    .contains(" = dev.tenon.QkvAttention<is_causal=1, kv_num_heads=2, q_num_heads=2, scale=0.57735026f>"
                            + "(%qkv)");
        }
    }

    @Test
    void gptWithAPastAloneIsOneCausalAttention() {
        Graph result = optimised(gpt2("%masked = Identity(%causal)"));
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .endsWith("QkvAttention")
                .doesNotContain("Softmax", "MatMul");
        assertThat(result.toString())
                .contains("%y: f32[batch,seq,6], %keys: f32[batch,2,past+seq,3], %values: f32[batch,2,past+seq,3]"
                        + " = dev.tenon.QkvAttention<is_causal=1, kv_num_heads=2, q_num_heads=2, scale=0.57735026f>"
                        + "(%qkv, _, %past_k, %past_v)");
    }

    @Test
    void llamaWithAPastIsOneProductOneRotationAndOneAttentionOfGroups() {
        Graph result = optimised(llama());
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .containsSubsequence("MatMul", "QkvRotaryEmbedding", "QkvAttention", "MatMul")
                .doesNotContain("Softmax", "Reshape", "Slice", "Neg");
        assertThat(result.toString())
                .contains("%keys: f32[batch,2,past+seq,4], %values: f32[batch,2,past+seq,4]"
                        + " = dev.tenon.QkvAttention<kv_num_heads=2, q_num_heads=4, scale=0.5f>(")
                .contains("dev.tenon.QkvRotaryEmbedding<num_heads=6, v_num_heads=2>(")
                .containsOnlyOnce("QkvRotaryEmbedding<");
    }

    /** Rotated queries and keys, grouped heads, a mask from positions. */
    private static final String LLAMA = """
        graph llama(%x: f32[batch,seq,8], %past_k: f32[batch,2,past,4], %past_v: f32[batch,2,past,4], %mask: f32[batch,1,seq,past+seq], %position_ids: i64[batch,seq]) {
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %half = const i64[1] {2}
          %far = const i64[1] {9223372036854775807}
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %two = const i64[] {2}
          %xs = Shape(%x)
          %b = Gather(%xs, %zero)
          %s = Gather(%xs, %one)
          %bu = Unsqueeze(%b, %i0)
          %su = Unsqueeze(%s, %i0)
          %wq = R(8,16)
          %wk = R(8,8)
          %wv = R(8,8)
          %wo = R(16,8)
          %q = MatMul(%x, %wq)
          %k = MatMul(%x, %wk)
          %v = MatMul(%x, %wv)
          %c4 = const i64[1] {4}
          %c2 = const i64[1] {2}
          %tq = Concat<axis=0>(%bu, %su, %c4, %c4)
          %tk = Concat<axis=0>(%bu, %su, %c2, %c4)
          %q4 = Reshape(%q, %tq)
          %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
          %k4 = Reshape(%k, %tk)
          %kh = Transpose<perm=[0, 2, 1, 3]>(%k4)
          %v4 = Reshape(%v, %tk)
          %vh = Transpose<perm=[0, 2, 1, 3]>(%v4)
          %frequencies = const f32[1,2,1] {1, 0.1}
          %pids = Shape(%position_ids)
          %pb = Gather(%pids, %zero)
          %pbu = Unsqueeze(%pb, %i0)
          %minus1 = const i64[1] {-1}
          %fs = Concat<axis=0>(%pbu, %minus1, %i1)
          %ones = const i64[3] {1, 1, 1}
          %f1 = Expand(%frequencies, %ones)
          %target = Concat<axis=0>(%pbu, %c2, %i1)
          %f2 = Expand(%f1, %target)
          %p1 = Unsqueeze(%position_ids, %i1)
          %p2 = Cast<to=1>(%p1)
          %angles = MatMul(%f2, %p2)
          %turned = Transpose<perm=[0, 2, 1]>(%angles)
          %both = Concat<axis=-1>(%turned, %turned)
          %cos = Cos(%both)
          %sin = Sin(%both)
          %cu = Unsqueeze(%cos, %i1)
          %sn = Unsqueeze(%sin, %i1)
          %qc = Mul(%qt, %cu)
          %q1 = Slice(%qt, %i0, %half, %i3, %i1)
          %q2 = Slice(%qt, %half, %far, %i3, %i1)
          %qn = Neg(%q2)
          %qr = Concat<axis=-1>(%qn, %q1)
          %qm = Mul(%qr, %sn)
          %qe = Add(%qc, %qm)
          %kc = Mul(%kh, %cu)
          %k1 = Slice(%kh, %i0, %half, %i3, %i1)
          %k2 = Slice(%kh, %half, %far, %i3, %i1)
          %kn = Neg(%k2)
          %kr = Concat<axis=-1>(%kn, %k1)
          %km = Mul(%kr, %sn)
          %ke = Add(%kc, %km)
          %keys = Concat<axis=-2>(%past_k, %ke)
          %values = Concat<axis=-2>(%past_v, %vh)
          %ks = Shape(%keys)
          %total = Gather(%ks, %two)
          %tu = Unsqueeze(%total, %i0)
          %groups = Concat<axis=0>(%bu, %c2, %c2, %tu, %c4)
          %all = Concat<axis=0>(%bu, %c4, %tu, %c4)
          %ku = Unsqueeze(%keys, %i2)
          %kx = Expand(%ku, %groups)
          %ka = Reshape(%kx, %all)
          %vu = Unsqueeze(%values, %i2)
          %vx = Expand(%vu, %groups)
          %va = Reshape(%vx, %all)
          %kt = Transpose<perm=[0, 1, 3, 2]>(%ka)
          %scores = MatMul(%qe, %kt)
          %factor = const f32[] {0.5}
          %scaled = Mul(%scores, %factor)
          %masked = Add(%scaled, %mask)
          %probabilities = Softmax<axis=-1>(%masked)
          %o = MatMul(%probabilities, %va)
          %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
          %w16 = const i64[1] {-1}
          %t3 = Concat<axis=0>(%bu, %su, %w16)
          %j = Reshape(%ot, %t3)
          %y = MatMul(%j, %wo)
          return %y, %keys, %values
        }
        """;

    /** A layer of GPT-J: a part of each head is rotated in pairs, before heads move in front of positions. */
    private static final String GPT_J_HEAD = """
        graph gptj(%x: f32[batch,seq,12], %position_ids: i64[batch,seq]) {
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %i4 = const i64[1] {4}
          %i6 = const i64[1] {6}
          %m1 = const i64[1] {-1}
          %far = const i64[1] {9223372036854775807}
          %xs = Shape(%x)
          %b = Gather(%xs, %zero)
          %s = Gather(%xs, %one)
          %bu = Unsqueeze(%b, %i0)
          %su = Unsqueeze(%s, %i0)
          %split = Concat<axis=0>(%bu, %su, %i2, %i6)
          %table = R(9,4)
          %sincos = Gather(%table, %position_ids)
          %two = const i64[2] {2, 2}
          %sin, %cos = Split<axis=-1>(%sincos, %two)
          %tile = const i64[5] {1, 1, 1, 1, 2}
        """;

    private static final String GPT_J_ANGLES = """
        %NAMEu = Unsqueeze(%NAME, %i2)
        %NAMEa = Unsqueeze(%NAMEu, %i4)
        %NAMEt = Tile(%NAMEa, %tile)
        %NAMEn = Shape(%NAMEt)
        %NAMEf = Slice(%NAMEn, %i0, %i3, %i0)
        %NAMEm = Concat<axis=0>(%NAMEf, %m1)
        %NAMEr = Reshape(%NAMEt, %NAMEm)
        """;

    private static final String GPT_J_PROJECTION = """
        %wNAME = R(12,12)
        %NAME = MatMul(%x, %wNAME)
        %NAME4 = Reshape(%NAME, %split)
        """;

    private static final String GPT_J_ROTATION = """
        %NAMEa = Slice(%NAME4, %i0, %i4, %i3, %i1)
        %NAMEb = Slice(%NAME4, %i4, %far, %i3, %i1)
        %NAME1 = Slice(%NAMEa, %i0, %far, %i3, %i2)
        %NAME2 = Slice(%NAMEa, %i1, %far, %i3, %i2)
        %NAMEn = Neg(%NAME2)
        %NAMEnu = Unsqueeze(%NAMEn, %m1)
        %NAME1u = Unsqueeze(%NAME1, %m1)
        %NAMEst = Concat<axis=-1>(%NAMEnu, %NAME1u)
        %NAMEss = Shape(%NAMEst)
        %NAMEsf = Slice(%NAMEss, %i0, %i3, %i0)
        %NAMEsm = Concat<axis=0>(%NAMEsf, %m1)
        %NAMEt = Reshape(%NAMEst, %NAMEsm)
        %NAMEc = Mul(%NAMEa, %cosr)
        %NAMEd = Mul(%NAMEt, %sinr)
        %NAMEe = Add(%NAMEc, %NAMEd)
        %NAMEh = Concat<axis=-1>(%NAMEe, %NAMEb)
        """;

    private static final String GPT_J_TAIL = """
          %qh2 = Transpose<perm=[0, 2, 1, 3]>(%qh)
          %kh2 = Transpose<perm=[0, 2, 3, 1]>(%kh)
          %vh2 = Transpose<perm=[0, 2, 1, 3]>(%v4)
          %scores = MatMul(%qh2, %kh2)
          %root = const f32[] {2.4494898}
          %scaled = Div(%scores, %root)
          %p = Softmax<axis=-1>(%scaled)
          %o = MatMul(%p, %vh2)
          %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
          %joined = Concat<axis=0>(%bu, %su, %m1)
          %y = Reshape(%ot, %joined)
          return %y
        }
        """;

    private static String gptJ() {
        StringBuilder text = new StringBuilder(GPT_J_HEAD);
        for (String name : List.of("sin", "cos")) {
            text.append(GPT_J_ANGLES.replace("NAME", name));
        }
        for (String name : List.of("q", "k", "v")) {
            text.append(GPT_J_PROJECTION.replace("NAME", name));
        }
        for (String name : List.of("q", "k")) {
            text.append(GPT_J_ROTATION.replace("NAME", name));
        }
        return drawn(text + GPT_J_TAIL);
    }

    @Test
    void gptJRotatesPackedHeads() {
        Graph result = optimised(gptJ());
        assertThat(Rewrites.operators(result))
                .as(result.toString())
                .containsExactly("Gather", "Split", "MatMul", "QkvRotaryEmbedding", "QkvAttention");
        assertThat(result.toString())
                .contains("QkvRotaryEmbedding<interleaved=1, num_heads=4, rotary_embedding_dim=4, v_num_heads=2>(")
                .contains("QkvAttention<kv_num_heads=2, q_num_heads=2, scale=0.40824828f>(");
    }

    private static String llama() {
        return drawn(LLAMA);
    }
}
