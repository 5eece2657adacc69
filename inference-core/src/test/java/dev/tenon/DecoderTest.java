package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Node;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An exported layer of a decoder. It has a KV cache, rotary embeddings of queries and keys, keys that several queries
 * share, and a causal mask.
 */
@Tag("tiers")
class DecoderTest {
    private static final String LAYER = """
        graph decoder(%x: f32[batch,seq,32], %past_k: f32[batch,2,past,16], %past_v: f32[batch,2,past,16]) {
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %half = const i64[1] {8}
          %far = const i64[1] {9223372036854775807}
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %two = const i64[] {2}
          %low = const f32[] {-3.4028235E38}
          %none = const f32[] {0}
          %wq = const f32[32,64] @w32x64
          %wk = const f32[32,32] @w32x32
          %wt = const f32[32,32] @v32x32
          %wv = Transpose<perm=[1, 0]>(%wt)
          %wo = const f32[64,32] @w64x32
          %frequencies = const f32[8] {1, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01, 0.005}
          %xs = Shape(%x)
          %ps = Shape(%past_k)
          %seq = Gather(%xs, %one)
          %past = Gather(%ps, %two)
          %total = Add(%past, %seq)
          %batch = Gather(%xs, %zero)
          %bu = Unsqueeze(%batch, %i0)
          %tu = Unsqueeze(%total, %i0)
          %rows = Range(%past, %total, %one)
          %columns = Range(%zero, %total, %one)
          %r = Unsqueeze(%rows, %i1)
          %visible = LessOrEqual(%columns, %r)
          %m2 = Where(%visible, %none, %low)
          %i01 = const i64[2] {0, 1}
          %mask = Unsqueeze(%m2, %i01)
          %positions = Cast<to=1>(%r)
          %angles = Mul(%positions, %frequencies)
          %both = Concat<axis=-1>(%angles, %angles)
          %c2 = Cos(%both)
          %s2 = Sin(%both)
          %cos = Unsqueeze(%c2, %i01)
          %sin = Unsqueeze(%s2, %i01)
          %q = MatMul(%x, %wq)
          %k = MatMul(%x, %wk)
          %v = MatMul(%x, %wv)
          %h4 = const i64[4] {0, 0, 4, 16}
          %h2 = const i64[4] {0, 0, 2, 16}
          %q4 = Reshape(%q, %h4)
          %k4 = Reshape(%k, %h2)
          %v4 = Reshape(%v, %h2)
          %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
          %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
          %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
          %qc = Mul(%qt, %cos)
          %q1 = Slice(%qt, %i0, %half, %i3)
          %q2 = Slice(%qt, %half, %far, %i3)
          %qn = Neg(%q2)
          %qr = Concat<axis=-1>(%qn, %q1)
          %qs = Mul(%qr, %sin)
          %qe = Add(%qc, %qs)
          %kc = Mul(%kt, %cos)
          %k1 = Slice(%kt, %i0, %half, %i3)
          %k2 = Slice(%kt, %half, %far, %i3)
          %kn = Neg(%k2)
          %kr = Concat<axis=-1>(%kn, %k1)
          %ks = Mul(%kr, %sin)
          %ke = Add(%kc, %ks)
          %keys = Concat<axis=2>(%past_k, %ke)
          %values = Concat<axis=2>(%past_v, %vt)
          %n2 = const i64[1] {2}
          %n4 = const i64[1] {4}
          %n16 = const i64[1] {16}
          %wide = Concat<axis=0>(%bu, %n2, %n2, %tu, %n16)
          %flat = Concat<axis=0>(%bu, %n4, %tu, %n16)
          %ku = Unsqueeze(%keys, %i2)
          %kx = Expand(%ku, %wide)
          %ka = Reshape(%kx, %flat)
          %vu = Unsqueeze(%values, %i2)
          %vx = Expand(%vu, %wide)
          %va = Reshape(%vx, %flat)
          %kz = Transpose<perm=[0, 1, 3, 2]>(%ka)
          %p = MatMul(%qe, %kz)
          %f = const f32[] {0.25}
          %pf = Mul(%p, %f)
          %pm = Add(%pf, %mask)
          %prob = Softmax<axis=-1>(%pm)
          %o = MatMul(%prob, %va)
          %ot = Transpose<perm=[0, 2, 1, 3]>(%o)
          %h64 = const i64[3] {0, 0, 64}
          %j = Reshape(%ot, %h64)
          %y = MatMul(%j, %wo)
          return %y, %keys, %values
        }
        """;

    private static Tensor part(Tensor x, int from, int to) {
        Tensor t = Tensor.allocate(DType.FLOAT32, x.dim(0), to - from, x.dim(2));
        for (long i = 0; i < t.size(); i++) {
            long row = t.dim(1) * t.dim(2);
            t.setDouble(i, x.getDouble(i / row * x.dim(1) * x.dim(2) + from * x.dim(2) + i % row));
        }
        return t;
    }

    /** The accuracy of all operators together. */
    private static Numerics numerics(Model model) {
        double terms = 0;
        for (Node node : model.graph().nodes()) {
            terms += node.op().numerics().terms() + node.op().numerics().ulps();
        }
        return new Numerics(0, terms, 8);
    }

    private static Map<String, Tensor> inputs(Tensor x, Tensor keys, Tensor values) {
        return Map.of("x", x, "past_k", keys, "past_v", values);
    }

    @Test
    void itIsOneAttentionWhoseOutputsAreTheNextPast() {
        Model model = SmallModels.model(LAYER);
        Session session = model.session();
        Session plain = model.session(SessionOptions.standard().optimize(false));
        assertThat(session.inspect().explain())
                .contains("rewrite attention-past fired 1 time", "rewrite attention-causal fired 1 time")
                .contains("rewrite attention-grouped fired 1 time", "rewrite rotary fired 2 times")
                .contains("rewrite qkv-rotary-products fired 1 time");
        Tensor x = SmallModels.random(2, 7, 32);
        Tensor none = Tensor.allocate(DType.FLOAT32, 2, 2, 0, 16);
        assertThat(session.inspect().explain(inputs(x, none, none)))
                .contains("QkvAttention", "attention_f32", "QkvRotaryEmbedding", "rotary_f32")
                .doesNotContain("Softmax", "Concat", "reference");
        Outputs whole = plain.predict(inputs(x, none, none));
        Outputs all = session.predict(inputs(x, none, none));
        for (String name : session.inspect().graph().outputNames()) {
            Closeness.check(name, all.tensor(name), whole.tensor(name), null, numerics(model));
        }
        Outputs step = session.predict(inputs(part(x, 0, 4), none, none));
        for (int i = 4; i < 7; i++) {
            Tensor next = part(x, i, i + 1);
            step = session.predict(inputs(next, step.tensor("keys"), step.tensor("values")));
            Closeness.check("y of " + i, step.tensor("y"), part(whole.tensor("y"), i, i + 1), null, numerics(model));
        }
        Closeness.check("keys", step.tensor("keys"), whole.tensor("keys"), null, numerics(model));
        Closeness.check("values", step.tensor("values"), whole.tensor("values"), null, numerics(model));
    }
}
