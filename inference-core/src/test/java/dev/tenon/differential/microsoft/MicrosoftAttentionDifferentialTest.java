package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;
import static dev.tenon.differential.microsoft.Microsoft.unless;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Attention with and without its projection, with quantised operands, and with rotary embeddings. */
@Tag("tiers")
class MicrosoftAttentionDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "Attention", MicrosoftAttentionDifferentialTest::projected);
        put(all, "QAttention", MicrosoftAttentionDifferentialTest::quantised);
        put(all, "MultiHeadAttention", MicrosoftAttentionDifferentialTest::separate);
        put(all, "RotaryEmbedding", MicrosoftAttentionDifferentialTest::rotary);
        return all;
    }

    /** Sizes of a call. */
    private record Sizes(long batch, long heads, long size, long valueSize, long length, long keys, long past) {
        static Sizes of(Draw draw, boolean self) {
            long length = draw.between(1, 6);
            long size = draw.between(1, 9);
            return new Sizes(
                    draw.between(1, 3),
                    draw.between(1, 4),
                    size,
                    draw.chance(70) ? size : draw.between(1, 9),
                    length,
                    self ? length : draw.between(1, 9),
                    draw.chance(35) ? draw.between(1, 4) : 0);
        }

        long total() {
            return past + keys;
        }

        Sizes withOneSize() {
            return new Sizes(batch, heads, size, size, length, keys, past);
        }
    }

    /** A mask in one of the forms for self-attention. Each row allows at least one key. */
    private static Tensor mask(Draw draw, Sizes z) {
        return switch (draw.between(0, 4)) {
            case 0 -> draw.whole(DType.INT32, 1, z.total(), z.batch);
            case 1 -> {
                // Ends, then starts.
                Tensor t = Tensor.allocate(DType.INT32, 2 * z.batch);
                for (long b = 0; b < z.batch; b++) {
                    long start = draw.longBetween(0, z.total() - 1);
                    t.setLong(b, draw.longBetween(start + 1, z.total()));
                    t.setLong(z.batch + b, start);
                }
                yield t;
            }
            case 2 -> allowing(draw, z.total(), z.batch, z.total());
            case 3 -> allowing(draw, z.total(), z.batch, z.length, z.total());
            default -> {
                long longest = z.total() + draw.between(0, 2);
                yield allowing(draw, longest, z.batch, 1, longest, longest);
            }
        };
    }

    private static Tensor allowing(Draw draw, long row, long... dims) {
        Tensor t = draw.whole(DType.INT32, 0, 1, dims);
        for (long i = 0; i < t.size(); i += row) {
            t.setLong(i, 1);
        }
        return t;
    }

    /** The bias of the scores, which may be broadcast over the batch or the heads. */
    private static Tensor bias(Draw draw, DType type, Sizes z) {
        return draw.tame(type, draw.pick(1L, z.batch, z.batch), draw.pick(1L, z.heads, z.heads), z.length, z.total());
    }

    private static OperatorModel named(Draw draw, OperatorModel model, Sizes z) {
        return model.attribute("num_heads", z.heads)
                .attribute("scale", draw.pick(null, null, 0.5f))
                .attribute("mask_filter_value", draw.pick(null, null, -1000f))
                .attribute("unidirectional", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel projected(Draw draw, String name) {
        DType type = DType.FLOAT32;
        Sizes drawn = Sizes.of(draw, true);
        Sizes z = drawn.past > 0 ? drawn.withOneSize() : drawn;
        long in = draw.between(1, 12);
        long hidden = z.heads * z.size;
        long values = z.heads * z.valueSize;
        boolean sized = z.valueSize != z.size || draw.chance(30);
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.tame(type, z.batch, z.length, in),
                draw.real(type, -1, 1, in, 2 * hidden + values),
                draw.chance(85) ? draw.tame(type, 2 * hidden + values) : null,
                unless(draw, 50, mask(draw, z)),
                z.past == 0 ? null : draw.tame(type, 2, z.batch, z.heads, z.past, z.size),
                z.past > 0 ? null : unless(draw, 60, bias(draw, type, z)));
        boolean present = z.past > 0 || z.valueSize == z.size && draw.chance(30);
        return named(draw, model, z)
                .outputs(present ? 2 : 1)
                .attribute("qkv_hidden_sizes", sized ? new long[] {hidden, hidden, values} : null);
    }

    private static OperatorModel quantised(Draw draw, String name) {
        DType x = draw.chance(80) ? DType.UINT8 : DType.INT8;
        DType w = draw.pick(Microsoft.BYTES);
        Sizes z = Sizes.of(draw, true).withOneSize();
        long in = draw.between(1, 12);
        long all = 3 * z.heads * z.size;
        long[] columns = draw.chance(30) ? new long[] {all} : new long[0];
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.bytes(x, z.batch, z.length, in),
                draw.bytes(w, in, all),
                draw.tame(DType.FLOAT32, all),
                draw.real(DType.FLOAT32, 0.01, 0.1),
                draw.real(DType.FLOAT32, 0.01, 0.1, columns),
                unless(draw, 50, mask(draw, z)),
                unless(draw, 30, Microsoft.zero(draw, x)),
                unless(draw, 30, Microsoft.zero(draw, w, columns)),
                z.past == 0 ? null : draw.tame(DType.FLOAT32, 2, z.batch, z.heads, z.past, z.size));
        return named(draw, model, z).outputs(z.past > 0 || draw.chance(30) ? 2 : 1);
    }

    /** A mask in one of the forms for separate keys. */
    private static Tensor padding(Draw draw, Sizes z) {
        return switch (draw.between(0, 2)) {
            case 0 -> draw.whole(DType.INT32, 1, z.total(), z.batch);
            case 1 -> allowing(draw, z.total(), z.batch, z.total());
            default -> allowing(draw, z.total(), z.batch, z.length, z.total());
        };
    }

    private static OperatorModel separate(Draw draw, String name) {
        DType type = DType.FLOAT32;
        int form = draw.pick(0, 0, 0, 1, 2, 3);
        Sizes drawn = Sizes.of(draw, form == 1);
        boolean one = form > 0 || drawn.past > 0;
        Sizes z = form == 0
                ? drawn
                : new Sizes(drawn.batch, drawn.heads, drawn.size, drawn.valueSize, drawn.length, drawn.keys, 0);
        if (one) {
            z = z.withOneSize();
        }
        long hidden = z.heads * z.size;
        long values = z.heads * z.valueSize;
        Tensor q = form == 1
                ? draw.tame(type, z.batch, z.length, z.heads, 3, z.size)
                : draw.tame(type, z.batch, z.length, hidden);
        Tensor k = null;
        Tensor v = null;
        switch (form) {
            case 0 -> {
                k = draw.tame(type, z.batch, z.keys, hidden);
                v = draw.tame(type, z.batch, z.keys, values);
            }
            case 2 -> k = draw.tame(type, z.batch, z.keys, z.heads, 2, z.size);
            case 3 -> {
                // Keys and values of another sequence need no cache.
                k = draw.tame(type, z.batch, z.heads, z.keys, z.size);
                v = draw.tame(type, z.batch, z.heads, z.keys, z.valueSize);
            }
            default -> {}
        }
        boolean biased = form != 1 && form != 2 && draw.chance(50);
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                q,
                k,
                v,
                biased ? draw.tame(type, 2 * hidden + values) : null,
                unless(draw, 60, padding(draw, z)),
                unless(draw, 50, bias(draw, type, z)),
                z.past == 0 ? null : draw.tame(type, z.batch, z.heads, z.past, z.size),
                z.past == 0 ? null : draw.tame(type, z.batch, z.heads, z.past, z.valueSize));
        named(draw, model, z);
        // The runtime infers no type for the scores, the fourth result.
        return form == 0 && (z.past > 0 || draw.chance(30)) ? model.outputs(3) : model;
    }

    private static OperatorModel rotary(Draw draw, String name) {
        DType type = draw.chance(70) ? DType.FLOAT32 : draw.pick(DType.FLOAT16, DType.BFLOAT16);
        long batch = draw.between(1, 3);
        long heads = draw.between(1, 4);
        long length = draw.between(1, 6);
        long half = draw.between(1, 8);
        boolean flat = draw.chance(50);
        long turned = flat && draw.chance(30) ? draw.between(1, (int) half) : half;
        boolean partial = turned < half;
        int longest = (int) length + draw.between(0, 5);
        Tensor positions = draw.chance(30)
                ? draw.whole(DType.INT64, 0, longest - length, 1)
                : draw.whole(DType.INT64, 0, longest - 1L, batch, length);
        boolean counted = partial || flat && draw.chance(50);
        return Generators.operands(
                        draw,
                        of(name),
                        flat
                                ? draw.tame(type, batch, length, heads * 2 * half)
                                : draw.tame(type, batch, heads, length, 2 * half),
                        positions,
                        draw.real(type, -1, 1, longest, turned),
                        draw.real(type, -1, 1, longest, turned))
                .attribute("interleaved", draw.pick(null, 0L, 1L))
                .attribute("scale", draw.pick(null, 1f))
                .attribute("num_heads", counted ? Long.valueOf(heads) : null)
                .attribute("rotary_embedding_dim", partial ? Long.valueOf(2 * turned) : draw.pick(null, 0L));
    }
}
