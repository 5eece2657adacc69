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

/**
 * Attention of one new token to the tokens before it, in buffers with free space. The runtime writes into its operands.
 * Therefore they come from another node, which negates the inputs.
 */
@Tag("tiers")
class MicrosoftDecoderDifferentialTest extends Family {
    private static final DType TYPE = DType.FLOAT32;

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "DecoderMaskedMultiHeadAttention", MicrosoftDecoderDifferentialTest::separate);
        put(all, "DecoderMaskedSelfAttention", MicrosoftDecoderDifferentialTest::projected);
        return all;
    }

    /** Sizes of a call. */
    private record Sizes(long batch, long heads, long size, long past, long longest) {
        static Sizes of(Draw draw) {
            long past = draw.between(1, 5);
            return new Sizes(
                    draw.between(1, 4), draw.between(1, 3), draw.between(1, 9), past, past + draw.between(1, 4));
        }

        long hidden() {
            return heads * size;
        }
    }

    private static OperatorModel input(OperatorModel model, Tensor t) {
        return t == null ? model.none() : model.input(t);
    }

    /** An operand that is a buffer. */
    private static OperatorModel buffer(OperatorModel model, Tensor t) {
        String given = model.give(t, false);
        model.before("Neg", List.of(given), List.of("minus_" + given), Map.of());
        return model.use("minus_" + given);
    }

    private static Tensor mask(Draw draw, long batch, long total) {
        Tensor t = draw.whole(DType.INT32, 0, 1, batch, total);
        for (long b = 0; b < batch; b++) {
            t.setLong(b * total, 1);
        }
        return t;
    }

    /**
     * The width of a beam, and for each of its rows the row with its KV cache. The batch is a multiple of the width.
     */
    private static void beams(Draw draw, OperatorModel model, Sizes z) {
        if (draw.chance(50)) {
            return;
        }
        long width = z.batch % 2 == 0 ? 2 : z.batch == 3 ? 3 : 1;
        model.input(Tensor.of(new int[] {(int) width}, 1))
                .input(draw.whole(DType.INT32, 0, width - 1, z.batch / width, width, z.longest));
    }

    private static OperatorModel named(Draw draw, OperatorModel model, Sizes z) {
        return model.attribute("num_heads", z.heads)
                .attribute("past_present_share_buffer", 1L)
                .attribute("scale", draw.pick(null, 0.5f))
                .attribute("mask_filter_value", draw.pick(null, -1000f));
    }

    private static OperatorModel separate(Draw draw, String name) {
        Sizes z = Sizes.of(draw);
        long total = z.past + 1;
        boolean crossing = draw.chance(30);
        long keys = crossing ? draw.between(1, 6) : 1;
        OperatorModel model = of(name).input(draw.tame(TYPE, z.batch, 1, z.hidden()));
        for (int i = 0; i < 2; i++) {
            model.input(
                    crossing
                            ? draw.tame(TYPE, z.batch, z.heads, keys, z.size)
                            : draw.tame(TYPE, z.batch, 1, z.hidden()));
        }
        input(model, unless(draw, 50, mask(draw, z.batch, crossing ? keys : total)));
        // The runtime infers two types for the scores, the fourth result.
        named(draw, model, z).attribute("output_qk", draw.pick(null, 0L));
        if (crossing) {
            return model;
        }
        input(model, unless(draw, 60, draw.tame(TYPE, 1, z.heads, 1, total)));
        buffer(model, draw.tame(TYPE, z.batch, z.heads, z.longest, z.size));
        buffer(model, draw.tame(TYPE, z.batch, z.heads, z.longest, z.size));
        model.input(Tensor.of(new int[] {(int) z.past}, 1));
        beams(draw, model, z);
        return model.outputs(3);
    }

    private static OperatorModel projected(Draw draw, String name) {
        Sizes z = Sizes.of(draw);
        long total = z.past + 1;
        long in = draw.between(1, 9);
        OperatorModel model = of(name).input(draw.tame(TYPE, z.batch, 1, in))
                .input(draw.real(TYPE, -1, 1, in, 3 * z.hidden()))
                .input(draw.tame(TYPE, 3 * z.hidden()));
        input(model, unless(draw, 50, mask(draw, z.batch, total)));
        buffer(model, draw.tame(TYPE, 2, z.batch, z.heads, z.longest, z.size));
        input(model, unless(draw, 60, draw.tame(TYPE, 1, z.heads, 1, total)));
        model.input(Tensor.of(new int[] {(int) z.past}, 1));
        beams(draw, model, z);
        return named(draw, model, z).outputs(2);
    }
}
