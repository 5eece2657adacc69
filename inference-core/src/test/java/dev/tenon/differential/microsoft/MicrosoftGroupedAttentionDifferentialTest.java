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
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Grouped-query causal attention with a KV cache: prompts and the tokens after them. */
@Tag("tiers")
class MicrosoftGroupedAttentionDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "GroupQueryAttention", MicrosoftGroupedAttentionDifferentialTest::attention);
        return all;
    }

    private static OperatorModel attention(Draw draw, String name) {
        DType type = draw.chance(70) ? DType.FLOAT32 : DType.FLOAT16;
        boolean prompt = draw.chance(50);
        long length = prompt ? draw.between(1, 7) : draw.chance(80) ? 1 : draw.between(2, 4);
        // Several queries after a prompt are only allowed for one sequence.
        long batch = prompt || length == 1 ? draw.between(1, 3) : 1;
        long shared = draw.between(1, 3);
        long heads = shared * draw.between(1, 3);
        boolean rotary = draw.chance(40);
        // The runtime supports rotary embeddings only for widths that are multiples of 16.
        long size = rotary ? draw.pick(16L, 32L) : 8L * draw.between(1, 3);
        long past = prompt ? 0 : draw.between(1, 6);
        long total = past + length;
        boolean cached = !prompt || draw.chance(40);
        long room = past + (draw.chance(60) ? length + draw.between(0, 4) : 0);
        boolean packed = draw.chance(40);
        // Prompts of different lengths are padded at the end. The tokens after a prompt have one length in all rows of
        // the batch.
        Tensor lengths = Tensor.allocate(DType.INT32, batch);
        for (long b = 0; b < batch; b++) {
            boolean whole = b == 0 || !prompt && length > 1;
            lengths.setLong(b, whole ? total - 1 : draw.longBetween(prompt ? 0 : length - 1, total - 1));
        }
        long width = heads * size;
        long narrow = shared * size;
        long angles = size / 2;
        int longest = (int) total + draw.between(0, 4);
        Tensor empty = Tensor.allocate(type, batch, shared, 0, size);
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.tame(type, batch, length, packed ? width + 2 * narrow : width),
                packed ? null : draw.tame(type, batch, length, narrow),
                packed ? null : draw.tame(type, batch, length, narrow),
                cached ? room == 0 ? empty : draw.tame(type, batch, shared, room, size) : null,
                cached ? room == 0 ? empty.copy() : draw.tame(type, batch, shared, room, size) : null,
                lengths,
                Tensor.scalar((int) total),
                rotary ? draw.real(type, -1, 1, longest, angles) : null,
                rotary ? draw.real(type, -1, 1, longest, angles) : null,
                rotary && draw.chance(20) ? positions(draw, prompt, batch, length, longest) : null,
                unless(draw, 75, draw.tame(type, draw.pick(1L, batch), draw.pick(1L, heads), length, total)),
                unless(draw, 80, draw.tame(type, heads)));
        boolean sink = model.operands().size() > 11;
        return shown(model, lengths, batch, length, prompt)
                .attribute("num_heads", heads)
                .attribute("kv_num_heads", shared)
                .attribute("do_rotary", rotary ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("rotary_interleaved", rotary ? draw.pick(null, 0L, 1L) : null)
                .attribute("scale", draw.pick(null, null, 0.5f))
                .attribute("softcap", draw.pick(null, null, 0f, 2f))
                .attribute("smooth_softmax", sink ? null : draw.pick(null, null, 0L, 1L))
                .attribute("local_window_size", draw.pick(null, null, -1L, 1L, 3L));
    }

    /** Without the padding rows of a prompt, whose results are undefined. */
    private static OperatorModel shown(OperatorModel model, Tensor lengths, long batch, long length, boolean prompt) {
        Tensor real = Tensor.allocate(DType.BOOL, batch, length, 1);
        for (long i = 0; i < real.size(); i++) {
            real.setBoolean(i, !prompt || i % length <= lengths.getLong(i / length));
        }
        DType type = model.operand(0).dtype();
        String which = model.give(real, true);
        String nothing = model.give(Tensor.allocate(type), true);
        return model.after("Where", List.of(which, "y0", nothing), List.of("z"), Map.of())
                .results(List.of("y0", "y1", "y2"), List.of("z", "y1", "y2"));
    }

    /** The runtime only reads the first position of a prompt, and counts on from it. */
    private static Tensor positions(Draw draw, boolean prompt, long batch, long length, int longest) {
        return prompt
                ? draw.whole(DType.INT64, 0, longest - length, batch, length)
                : draw.whole(DType.INT64, 0, longest - 1L, batch, length);
    }
}
