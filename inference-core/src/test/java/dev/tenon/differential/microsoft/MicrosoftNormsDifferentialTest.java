package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Normalisations of sums, the forms of the main domain that only this runtime has, and embeddings. */
@Tag("tiers")
class MicrosoftNormsDifferentialTest extends Family {
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "SkipLayerNormalization", (draw, name) -> skip(draw, name, true));
        put(all, "SkipSimplifiedLayerNormalization", (draw, name) -> skip(draw, name, false));
        put(all, "EmbedLayerNormalization", MicrosoftNormsDifferentialTest::embedding);
        put(all, "BiasSoftmax", MicrosoftNormsDifferentialTest::softmax);
        put(all, "SimplifiedLayerNormalization", (draw, name) -> rootMeanSquare(draw, of(name)));
        // The runtime has both in the main domain, in versions of it that did not have them.
        all.put(
                "SimplifiedLayerNormalization",
                draw -> rootMeanSquare(draw, OperatorModel.of("SimplifiedLayerNormalization"))
                        .version(draw.between(8, 23)));
        all.put("LayerNormalization#early", MicrosoftNormsDifferentialTest::early);
        return all;
    }

    private static Float epsilon(Draw draw) {
        return draw.pick(null, 1e-5f, 1e-3f, 0.1f);
    }

    private static OperatorModel skip(Draw draw, String name, boolean centred) {
        DType type = draw.type(TYPES);
        long hidden = draw.between(1, 70);
        long batch = draw.between(1, 3);
        long length = draw.chance(5) ? 0 : draw.between(1, 5);
        boolean flat = draw.chance(20);
        long[] dims = flat ? new long[] {length, hidden} : new long[] {batch, length, hidden};
        long[] skip = flat || draw.chance(70)
                ? dims
                : draw.chance(50) ? new long[] {1, length, hidden} : new long[] {length, hidden};
        Tensor x = draw.summands(type, dims);
        Tensor other = draw.tame(type, skip);
        Tensor gamma = draw.tame(type, hidden);
        Tensor bias = Microsoft.unless(draw, 50, draw.tame(type, hidden));
        OperatorModel model = centred
                ? Generators.operands(
                        draw, of(name), x, other, gamma, Microsoft.unless(draw, 50, draw.tame(type, hidden)), bias)
                : Generators.operands(draw, of(name), x, other, gamma, bias);
        boolean sum = draw.chance(40);
        // The outputs in between are for training. The runtime does not compute them on a CPU.
        if (sum) {
            model.results(Arrays.asList("y0", "", "", "y3"), Arrays.asList("y0", "y3"));
        }
        return model.attribute("epsilon", epsilon(draw));
    }

    private static OperatorModel rootMeanSquare(Draw draw, OperatorModel model) {
        DType type = draw.type(TYPES);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.chance(60) ? -1 : draw.axis(dims.length);
        long[] row = Arrays.copyOfRange(dims, (int) Math.floorMod(axis, (long) dims.length), dims.length);
        return Generators.operands(draw, model, draw.summands(type, dims), draw.tame(type, row))
                .attribute("axis", axis == -1 ? draw.pick(null, -1L) : Long.valueOf(axis))
                .attribute("epsilon", epsilon(draw))
                .attribute("stash_type", draw.pick(null, 1L));
    }

    private static OperatorModel early(Draw draw) {
        DType type = draw.type(TYPES);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.chance(60) ? -1 : draw.axis(dims.length);
        long[] row = Arrays.copyOfRange(dims, (int) Math.floorMod(axis, (long) dims.length), dims.length);
        return Generators.operands(
                        draw,
                        OperatorModel.of("LayerNormalization").version(draw.between(8, 16)),
                        draw.summands(type, dims),
                        draw.tame(type, row),
                        Microsoft.unless(draw, 40, draw.tame(type, row)))
                .attribute("axis", axis == -1 ? draw.pick(null, -1L) : Long.valueOf(axis))
                .attribute("epsilon", epsilon(draw))
                .attribute("stash_type", draw.pick(null, 1L));
    }

    private static OperatorModel embedding(Draw draw, String name) {
        DType type = DType.FLOAT32;
        long batch = draw.between(1, 3);
        long length = draw.between(1, 6);
        long hidden = draw.between(1, 40);
        int words = draw.between(1, 20);
        int segments = draw.between(1, 3);
        int places = (int) length + draw.between(0, 4);
        boolean segmented = draw.chance(70);
        Tensor mask = Microsoft.unless(draw, 50, draw.whole(DType.INT32, 0, 1, batch, length));
        long[] positions = draw.chance(50) ? new long[] {batch, length} : new long[] {1, length};
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.whole(DType.INT32, 0, words - 1, batch, length),
                segmented ? draw.whole(DType.INT32, 0, segments - 1, batch, length) : null,
                draw.tame(type, words, hidden),
                draw.tame(type, places, hidden),
                segmented ? draw.tame(type, segments, hidden) : null,
                draw.tame(type, hidden),
                draw.tame(type, hidden),
                mask,
                Microsoft.unless(draw, 50, draw.whole(DType.INT32, 0, places - 1, positions)));
        boolean sum = draw.chance(40);
        // Without a mask the second output is undefined.
        if (mask == null) {
            model.results(
                    sum ? Arrays.asList("y0", "", "y2") : Arrays.asList("y0", ""),
                    sum ? Arrays.asList("y0", "y2") : Arrays.asList("y0"));
        } else {
            model.outputs(sum ? 3 : 2);
        }
        return model.attribute("epsilon", epsilon(draw));
    }

    private static OperatorModel softmax(Draw draw, String name) {
        DType type = Microsoft.real(draw);
        long[] dims = draw.fullDims(2, 4);
        int axis = draw.between(1, dims.length - 1);
        boolean inner = draw.chance(50);
        long[] bias = dims.clone();
        // Broadcast over the axes before the normalised one, or over the first of them.
        for (int i = 0; i < axis; i++) {
            bias[i] = inner || i == 0 ? 1 : dims[i];
        }
        return Generators.operands(draw, of(name), draw.tame(type, dims), draw.tame(type, bias))
                .attribute("axis", axis == 1 ? draw.pick(null, 1L) : Long.valueOf(axis))
                .attribute("is_inner_broadcast", inner ? 1L : 0L);
    }
}
