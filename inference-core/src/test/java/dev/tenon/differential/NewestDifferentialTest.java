package dev.tenon.differential;

import dev.tenon.tensor.DType;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Operators that the peer does not have, compared with {@link NewestDefinitions}. */
@Tag("tiers")
class NewestDifferentialTest extends Family {
    private static final int NEWEST = 28;

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("SwiGLU", draw -> {
            DType type = draw.type(Generators.types("SwiGLU", 0));
            long[] dims = draw.dims(0, 4);
            return Generators.operands(
                            draw,
                            OperatorModel.of("SwiGLU").version(NEWEST),
                            draw.summands(type, dims),
                            draw.summands(type, dims))
                    .attribute("alpha", draw.pick(null, 1f, 0.5f, 1.702f));
        });
        all.put("CausalConvWithState", NewestDifferentialTest::causal);
        all.put("LinearAttention", NewestDifferentialTest::attention);
        all.put("TensorScatter", NewestDifferentialTest::scatter);
        all.put("BitCast", draw -> {
            DType[][] widths = {
                {DType.INT8, DType.UINT8, DType.FLOAT8E4M3FN, DType.FLOAT8E5M2},
                {DType.INT16, DType.UINT16, DType.FLOAT16, DType.BFLOAT16},
                {DType.INT32, DType.UINT32, DType.FLOAT32},
                {DType.INT64, DType.UINT64, DType.FLOAT64}
            };
            DType[] same = draw.pick(widths);
            return OperatorModel.of("BitCast")
                    .version(NEWEST)
                    .input(draw.tensor(draw.pick(same), draw.dims(0, 4)))
                    .attribute("to", (long) Tensors.number(draw.pick(same)));
        });
        all.put("com.microsoft.DynamicTimeWarping", draw -> {
            long rows = draw.between(1, 9);
            long columns = draw.between(1, 9);
            return OperatorModel.of("com.microsoft", "DynamicTimeWarping")
                    .input(
                            draw.chance(50)
                                    ? draw.whole(DType.FLOAT32, 0, 5, rows, columns)
                                    : draw.tame(DType.FLOAT32, 1, rows, columns));
        });
        return all;
    }

    private static OperatorModel causal(Draw draw) {
        DType type = draw.type(Generators.types("CausalConvWithState", 0));
        long batch = draw.between(1, 3);
        long channels = draw.between(1, 5);
        long k = draw.between(1, 5);
        long length = draw.chance(20) ? draw.between(30, 60) : draw.between(1, 7);
        return Generators.operands(
                        draw,
                        OperatorModel.of("CausalConvWithState").version(NEWEST),
                        draw.tame(type, batch, channels, length),
                        draw.tame(type, channels, 1, k),
                        draw.chance(50) ? draw.tame(type, channels) : null,
                        draw.chance(50) ? draw.tame(type, batch, channels, k - 1) : null)
                .attribute("activation", draw.pick(null, "none", "silu", "swish"))
                .outputs(draw.between(1, 2));
    }

    private static OperatorModel attention(Draw draw) {
        DType type = draw.type(Generators.types("LinearAttention", 0));
        String rule = draw.pick(null, "linear", "gated", "delta", "gated_delta");
        boolean gated = rule == null || rule.startsWith("gated");
        boolean delta = rule == null || rule.endsWith("delta");
        long heads = draw.between(1, 3);
        long queries = heads * draw.between(1, 2);
        long keySize = draw.between(1, 6);
        long valueSize = draw.between(1, 6);
        long batch = draw.between(1, 2);
        long length = draw.between(1, 6);
        return Generators.operands(
                        draw,
                        OperatorModel.of("LinearAttention").version(NEWEST),
                        draw.real(type, -1, 1, batch, length, queries * keySize),
                        draw.real(type, -1, 1, batch, length, heads * keySize),
                        draw.real(type, -1, 1, batch, length, heads * valueSize),
                        draw.chance(50) ? draw.real(type, -1, 1, batch, heads, keySize, valueSize) : null,
                        gated ? draw.real(type, -1, 0, batch, length, draw.chance(50) ? heads : heads * keySize) : null,
                        delta ? draw.real(type, 0, 1, batch, length, draw.chance(50) ? heads : 1) : null)
                .attribute("update_rule", rule)
                .attribute("q_num_heads", queries)
                .attribute("kv_num_heads", heads)
                .attribute("scale", draw.pick(null, 0f, 0.5f))
                .attribute("chunk_size", draw.pick(null, 1L, 16L))
                .outputs(draw.between(1, 2));
    }

    private static OperatorModel scatter(Draw draw) {
        DType type = draw.type(Draw.PLAIN);
        long[] cache = draw.fullDims(2, 4);
        int axis = draw.between(1, cache.length - 1);
        boolean circular = draw.chance(50);
        long[] update = cache.clone();
        update[axis] = draw.longBetween(0, cache[axis]);
        long last = circular ? cache[axis] - 1 : cache[axis] - update[axis];
        boolean standard = axis == cache.length - 2 && draw.chance(50);
        return Generators.operands(
                        draw,
                        OperatorModel.of("TensorScatter").version(NEWEST),
                        draw.tensor(type, cache),
                        draw.tensor(type, update),
                        draw.chance(70) ? draw.whole(DType.INT64, 0, last, cache[0]) : null)
                .attribute("axis", standard ? null : Long.valueOf(draw.chance(50) ? axis : axis - cache.length))
                .attribute("mode", circular ? "circular" : draw.pick(null, "linear"));
    }

    /** The names of the operators of this family. */
    static List<String> lacking() {
        return List.of(
                "SwiGLU",
                "CausalConvWithState",
                "LinearAttention",
                "TensorScatter",
                "BitCast",
                "com.microsoft.DynamicTimeWarping");
    }
}
