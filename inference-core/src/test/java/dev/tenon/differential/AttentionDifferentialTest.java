package dev.tenon.differential;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Attention and rotary embeddings. */
@Tag("tiers")
class AttentionDifferentialTest extends Family {
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT16, DType.FLOAT64, DType.BFLOAT16};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Attention", AttentionDifferentialTest::attention);
        all.put("RotaryEmbedding", AttentionDifferentialTest::rotary);
        all.put("ai.onnx.preview.FlexAttention", AttentionDifferentialTest::flexible);
        return all;
    }

    private static OperatorModel attention(Draw draw) {
        DType type = draw.type(TYPES);
        long batch = draw.between(1, 3);
        long kvHeads = draw.between(1, 3);
        long heads = kvHeads * draw.between(1, 2);
        long length = draw.chance(20) ? draw.between(9, 20) : draw.between(1, 6);
        long keys = draw.chance(40) ? length : draw.between(1, 20);
        long size = draw.between(1, 9);
        long valueSize = draw.chance(70) ? size : draw.between(1, 9);
        boolean packed = draw.chance(50);
        long past = draw.chance(30) ? draw.between(1, 5) : 0;
        Tensor q = draw.tame(type, operand(packed, batch, heads, length, size));
        Tensor k = draw.tame(type, operand(packed, batch, kvHeads, keys, size));
        Tensor v = draw.tame(type, operand(packed, batch, kvHeads, keys, valueSize));
        Tensor mask = draw.chance(50) ? null : mask(draw, type, batch, heads, length, past + keys);
        int shown = draw.chance(30) ? draw.between(0, 3) : -1;
        OperatorModel model = Generators.operands(
                draw,
                OperatorModel.of("Attention").version(23),
                q,
                k,
                v,
                mask,
                past == 0 ? null : draw.tame(type, batch, kvHeads, past, size),
                past == 0 ? null : draw.tame(type, batch, kvHeads, past, valueSize));
        if (packed) {
            model.attribute("q_num_heads", heads).attribute("kv_num_heads", kvHeads);
        }
        return model.outputs(shown >= 0 ? 4 : past > 0 ? 3 : draw.pick(1, 3))
                .attribute("is_causal", draw.pick(null, null, 0L, 1L))
                .attribute("scale", draw.pick(null, 0.5f, 1f))
                .attribute("softcap", draw.chance(25) ? Float.valueOf(2) : null)
                .attribute("qk_matmul_output_mode", shown < 0 ? null : Long.valueOf(shown));
    }

    /** With graphs that change the scores and the probabilities, or without. */
    private static OperatorModel flexible(Draw draw) {
        DType type = draw.type(TYPES);
        long batch = draw.between(1, 3);
        long kvHeads = draw.between(1, 3);
        long heads = kvHeads * draw.between(1, 2);
        long keys = draw.between(1, 9);
        long size = draw.between(1, 9);
        OperatorModel model = Generators.operands(
                draw,
                OperatorModel.of("ai.onnx.preview", "FlexAttention").version(24),
                draw.tame(type, batch, heads, draw.between(1, 6), size),
                draw.tame(type, batch, kvHeads, keys, size),
                draw.tame(type, batch, kvHeads, keys, draw.between(1, 9)));
        DType precision = type == DType.FLOAT64 ? type : DType.FLOAT32;
        return model.attribute("scale", draw.pick(null, 0.5f, 2f))
                .attribute("score_mod", draw.chance(50) ? body(precision, "Tanh") : null)
                .attribute("prob_mod", draw.chance(30) ? body(precision, "Neg") : null);
    }

    private static OnnxFile body(DType type, String operator) {
        String text = type == DType.FLOAT64 ? "f64" : "f32";
        return OnnxFile.graph("mod")
                .input("x", text + "[?,?,?,?]")
                .node(operator, List.of("x"), List.of("y"))
                .output("y", text + "[?,?,?,?]");
    }

    private static long[] operand(boolean packed, long batch, long heads, long length, long size) {
        return packed ? new long[] {batch, length, heads * size} : new long[] {batch, heads, length, size};
    }

    /** A mask of rank 2 to 4. It has numbers, or booleans that allow at least one key in each row. */
    private static Tensor mask(Draw draw, DType type, long batch, long heads, long length, long total) {
        long[] dims = draw.pick(
                new long[] {length, total},
                new long[] {1, length, total},
                new long[] {batch, 1, length, total},
                new long[] {batch, heads, length, total});
        if (draw.chance(50)) {
            return draw.tame(type, dims);
        }
        Tensor t = draw.tame(DType.BOOL, dims);
        for (long i = 0; i < t.size(); i += total) {
            t.setBoolean(i, true);
        }
        return t;
    }

    private static OperatorModel rotary(Draw draw) {
        DType type = draw.type(TYPES);
        long batch = draw.between(1, 3);
        long heads = draw.between(1, 4);
        long length = draw.between(1, 6);
        long half = draw.between(1, 9);
        boolean partial = draw.chance(30);
        long width = partial ? draw.between(1, (int) half) : half;
        boolean packed = draw.chance(50);
        boolean byPosition = draw.chance(60);
        long most = draw.between(6, 12);
        long[] cache = byPosition ? new long[] {most, width} : new long[] {batch, length, width};
        return Generators.operands(
                        draw,
                        OperatorModel.of("RotaryEmbedding"),
                        draw.tame(type, operand(packed, batch, heads, length, 2 * half)),
                        draw.real(type, -1, 1, cache),
                        draw.real(type, -1, 1, cache),
                        byPosition ? draw.whole(DType.INT64, 0, most - 1, batch, length) : null)
                .attribute("num_heads", packed ? Long.valueOf(heads) : null)
                .attribute("rotary_embedding_dim", partial ? Long.valueOf(2 * width) : draw.pick(null, 0L))
                .attribute("interleaved", draw.pick(null, 0L, 1L));
    }
}
