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
import java.util.Map;
import net.jqwik.api.Tag;

/** Weights that are quantised in blocks to few bits. */
@Tag("tiers")
class MicrosoftWeightsDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "MatMulNBits", MicrosoftWeightsDifferentialTest::product);
        put(all, "GatherBlockQuantized", MicrosoftWeightsDifferentialTest::gather);
        return all;
    }

    private static OperatorModel product(Draw draw, String name) {
        DType type = draw.chance(75) ? DType.FLOAT32 : DType.FLOAT16;
        long k = draw.between(1, 80);
        long n = draw.between(1, 20);
        long block = draw.pick(16L, 32L, 64L, 128L);
        long bits = draw.pick(2L, 4L, 4L, 8L);
        long blocks = Math.ceilDiv(k, block);
        long[] a = draw.fullDims(1, 3);
        a[a.length - 1] = k;
        Tensor zero =
                switch (draw.between(0, 3)) {
                    case 0 -> draw.whole(DType.UINT8, 0, 255, n * Math.ceilDiv(blocks * bits, 8));
                    case 1 -> draw.whole(DType.UINT8, 0, 255, n, Math.ceilDiv(blocks * bits, 8));
                    case 2 -> draw.chance(30) ? draw.real(type, 0, 15, n, blocks) : null;
                    default -> null;
                };
        OperatorModel model = of(name).input(draw.tame(type, a))
                .constant(draw.whole(DType.UINT8, 0, 255, n, blocks, block * bits / 8))
                .constant(
                        draw.chance(50)
                                ? draw.real(type, 0.05, 0.5, n * blocks)
                                : draw.real(type, -0.5, 0.5, n, blocks));
        if (zero == null) {
            model.none();
        } else {
            model.constant(zero);
        }
        boolean grouped = draw.chance(10);
        if (grouped) {
            model.constant(draw.whole(DType.INT32, 0, blocks - 1, k));
        } else {
            model.none();
        }
        if (draw.chance(30)) {
            model.input(draw.tame(type, n));
        }
        return model.attribute("K", k)
                .attribute("N", n)
                .attribute("bits", bits == 4 ? draw.pick(null, 4L) : Long.valueOf(bits))
                .attribute("block_size", block)
                // At lower accuracy levels the runtime rounds the operand to fewer bits.
                .attribute("accuracy_level", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel gather(Draw draw, String name) {
        DType real = draw.chance(75) ? DType.FLOAT32 : DType.FLOAT16;
        DType type = draw.pick(DType.UINT4, DType.INT4, DType.UINT8);
        long bits = type == DType.UINT8 ? draw.pick(4L, 8L) : 4;
        long packed = type == DType.UINT8 ? 8 / bits : 1;
        long block = draw.pick(16L, 32L, 64L);
        int rank = draw.between(2, 3);
        int last = rank - 1;
        // Bytes hold the elements of the last axis, along which the blocks are.
        int quantised = type == DType.UINT8 ? last : draw.between(0, last);
        int gathered = type == DType.UINT8 ? 0 : (quantised + draw.between(1, rank - 1)) % rank;
        long[] dims = new long[rank];
        long[] scales = new long[rank];
        for (int i = 0; i < rank; i++) {
            boolean blocks = i == quantised;
            dims[i] = blocks ? packed * draw.between(1, (int) (80 / packed)) : draw.between(1, 5);
            scales[i] = blocks ? Math.ceilDiv(dims[i], block) : dims[i];
        }
        long rows = dims[gathered];
        long[] data = dims.clone();
        data[last] /= packed;
        DType index = draw.pick(DType.INT32, DType.INT64);
        Tensor zero = null;
        if (draw.chance(50)) {
            long[] own = scales.clone();
            if (packed > 1) {
                own[last] = Math.ceilDiv(own[last], packed);
            }
            zero = type == DType.UINT8 ? draw.whole(type, 0, 255, own) : draw.wild(type, own);
        }
        OperatorModel model = of(name).constant(
                        type == DType.UINT8 ? draw.whole(type, 0, 255, data) : draw.wild(type, data))
                .input(draw.whole(index, -rows, rows - 1, draw.dims(0, 2)))
                .constant(draw.real(real, -0.5, 0.5, scales));
        if (zero != null) {
            model.constant(zero);
        }
        return model.attribute("bits", bits == 4 ? draw.pick(null, 4L) : Long.valueOf(bits))
                .attribute("block_size", block)
                .attribute("gather_axis", gathered == 0 ? draw.pick(null, 0L, (long) -rank) : Long.valueOf(gathered))
                .attribute("quantize_axis", quantised == 1 && draw.chance(40) ? null : Long.valueOf(quantised));
    }
}
