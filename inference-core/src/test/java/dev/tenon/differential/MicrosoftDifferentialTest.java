package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Operators of the domain {@code com.microsoft} that are read as several of the standard's. */
@Tag("tiers")
class MicrosoftDifferentialTest extends Family {
    private static final String DOMAIN = "com.microsoft";
    private static final DType[] BYTES = {DType.UINT8, DType.INT8};

    @Override
    Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(
                all,
                "QuickGelu",
                (draw, name) ->
                        of(name).input(floats(draw, draw.fullDims(1, 4))).attribute("alpha", draw.pick(null, 1.5f)));
        put(all, "FastGelu", MicrosoftDifferentialTest::biased);
        put(all, "BiasGelu", MicrosoftDifferentialTest::biased);
        put(all, "FusedMatMul", MicrosoftDifferentialTest::product);
        put(all, "SkipLayerNormalization", MicrosoftDifferentialTest::skip);
        put(all, "SkipSimplifiedLayerNormalization", MicrosoftDifferentialTest::skip);
        put(all, "QLinearAdd", MicrosoftDifferentialTest::binary);
        put(all, "QLinearMul", MicrosoftDifferentialTest::binary);
        put(all, "QLinearGlobalAveragePool", MicrosoftDifferentialTest::pool);
        put(all, "QLinearLeakyRelu", (draw, name) -> unary(draw, name).attribute("alpha", draw.pick(null, 0.25f)));
        put(all, "QLinearSigmoid", MicrosoftDifferentialTest::unary);
        put(all, "MatMulIntegerToFloat", MicrosoftDifferentialTest::integers);
        put(all, "FusedConv", MicrosoftDifferentialTest::convolution);
        put(all, "MultiHeadAttention", MicrosoftDifferentialTest::attention);
        put(all, "RotaryEmbedding", MicrosoftDifferentialTest::rotary);
        put(all, "QLinearConcat", MicrosoftDifferentialTest::concat);
        put(all, "MatMulNBits", MicrosoftDifferentialTest::blocks);
        return all;
    }

    @FunctionalInterface
    private interface Named {
        Sketch sketch(Draw draw, String name);
    }

    private static void put(Map<String, Generator> all, String name, Named generator) {
        all.put(DOMAIN + "." + name, draw -> generator.sketch(draw, name));
    }

    private static Sketch of(String name) {
        return Sketch.of(DOMAIN, name);
    }

    private static Tensor floats(Draw draw, long... dims) {
        return draw.tame(DType.FLOAT32, dims);
    }

    private static Sketch biased(Draw draw, String name) {
        long[] dims = draw.fullDims(1, 4);
        boolean without = name.equals("FastGelu") && draw.chance(40);
        return Generators.operands(
                draw, of(name), floats(draw, dims), without ? null : floats(draw, dims[dims.length - 1]));
    }

    private static Sketch product(Draw draw, String name) {
        long m = draw.positive();
        long n = draw.positive();
        long k = draw.positive();
        boolean turnA = draw.chance(40);
        boolean turnB = draw.chance(40);
        return Generators.operands(
                        draw,
                        of(name),
                        floats(draw, turnA ? k : m, turnA ? m : k),
                        floats(draw, turnB ? n : k, turnB ? k : n))
                .attribute("transA", turnA ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("transB", turnB ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("alpha", draw.pick(null, 0.5f, -2f));
    }

    private static Sketch skip(Draw draw, String name) {
        long hidden = draw.between(3, 70);
        long[] dims = {draw.between(1, 3), draw.between(1, 5), hidden};
        boolean centred = name.equals("SkipLayerNormalization");
        Tensor x = floats(draw, dims);
        Tensor skip = floats(draw, dims);
        Tensor gamma = floats(draw, hidden);
        Tensor bias = draw.chance(50) ? null : floats(draw, hidden);
        Sketch sketch = centred
                ? Generators.operands(
                        draw, of(name), x, skip, gamma, draw.chance(50) ? null : floats(draw, hidden), bias)
                : Generators.operands(draw, of(name), x, skip, gamma, bias);
        return sketch.attribute("epsilon", draw.pick(1e-5f, 1e-3f));
    }

    private static Tensor scale(Draw draw) {
        return draw.real(DType.FLOAT32, 0.05, 0.9);
    }

    private static Tensor zero(Draw draw, DType type) {
        return draw.whole(type, -5, 7);
    }

    private static Sketch binary(Draw draw, String name) {
        DType type = draw.pick(BYTES);
        long[] dims = draw.fullDims(1, 4);
        return Generators.operands(
                draw,
                of(name),
                draw.wild(type, dims),
                scale(draw),
                zero(draw, type),
                draw.wild(type, draw.chance(50) ? dims : draw.partOf(dims)),
                scale(draw),
                zero(draw, type),
                scale(draw),
                zero(draw, type));
    }

    private static Sketch unary(Draw draw, String name) {
        DType type = draw.pick(BYTES);
        return of(name).input(draw.wild(type, draw.fullDims(1, 4)))
                .constant(scale(draw))
                .constant(zero(draw, type))
                .constant(scale(draw))
                .constant(zero(draw, type));
    }

    private static Sketch pool(Draw draw, String name) {
        DType type = draw.pick(BYTES);
        return of(name).input(draw.wild(type, draw.fullDims(4, 4)))
                .input(scale(draw))
                .input(zero(draw, type))
                .input(scale(draw))
                .input(zero(draw, type))
                .attribute("channels_last", draw.pick(null, 0L, 1L));
    }

    private static Sketch integers(Draw draw, String name) {
        DType type = draw.pick(BYTES);
        // The peer has no signed bytes times unsigned ones.
        DType weights = type == DType.INT8 ? type : draw.pick(BYTES);
        long k = draw.between(1, 40);
        long n = draw.between(1, 20);
        return Generators.operands(
                draw,
                of(name),
                draw.wild(type, draw.between(1, 6), k),
                draw.wild(weights, k, n),
                scale(draw),
                scale(draw),
                draw.chance(40) ? null : zero(draw, type),
                draw.chance(40) ? null : zero(draw, weights),
                draw.chance(50) ? null : floats(draw, n));
    }

    private static Sketch convolution(Draw draw, String name) {
        long in = draw.between(1, 5);
        long out = draw.between(1, 6);
        long size = draw.between(1, 3);
        return Generators.operands(
                        draw,
                        of(name),
                        floats(draw, draw.between(1, 2), in, draw.between(4, 12), draw.between(4, 12)),
                        floats(draw, out, in, size, size),
                        draw.chance(50) ? null : floats(draw, out))
                .attribute("activation", "Relu")
                .attribute("strides", draw.chance(30) ? new long[] {2, 2} : null)
                .attribute("pads", draw.chance(40) ? new long[] {1, 1, 1, 1} : null);
    }

    private static Sketch attention(Draw draw, String name) {
        long batch = draw.between(1, 3);
        long heads = draw.between(1, 4);
        long size = draw.between(1, 9);
        long length = draw.between(1, 6);
        long keys = draw.between(1, 9);
        long hidden = heads * size;
        return Generators.operands(
                        draw,
                        of(name),
                        floats(draw, batch, length, hidden),
                        floats(draw, batch, keys, hidden),
                        floats(draw, batch, keys, hidden),
                        draw.chance(50) ? null : floats(draw, 3 * hidden),
                        draw.chance(60) ? null : draw.whole(DType.INT32, 1, 1, batch, keys),
                        draw.chance(50) ? null : floats(draw, batch, heads, length, keys))
                .attribute("num_heads", heads)
                .attribute("scale", draw.pick(null, 0.5f));
    }

    private static Sketch rotary(Draw draw, String name) {
        long batch = draw.between(1, 3);
        long heads = draw.between(1, 4);
        long length = draw.between(1, 6);
        long half = draw.between(1, 8);
        return Generators.operands(
                        draw,
                        of(name),
                        floats(draw, batch, heads, length, 2 * half),
                        draw.whole(DType.INT64, 0, 9, batch, length),
                        draw.real(DType.FLOAT32, -1, 1, 10, half),
                        draw.real(DType.FLOAT32, -1, 1, 10, half))
                .attribute("interleaved", draw.pick(null, 0L, 1L));
    }

    private static Sketch concat(Draw draw, String name) {
        DType type = draw.pick(BYTES);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        Sketch sketch =
                of(name).constant(scale(draw)).constant(zero(draw, type)).attribute("axis", axis);
        for (int i = draw.between(1, 3); i > 0; i--) {
            long[] part = dims.clone();
            part[(int) Math.floorMod(axis, (long) dims.length)] = draw.between(1, 5);
            sketch.input(draw.wild(type, part)).constant(scale(draw)).constant(zero(draw, type));
        }
        return sketch;
    }

    private static Sketch blocks(Draw draw, String name) {
        long k = draw.between(1, 80);
        long n = draw.between(1, 20);
        long block = draw.pick(16L, 32L, 64L);
        long bits = draw.pick(4L, 8L);
        long blocks = Math.ceilDiv(k, block);
        Sketch sketch = of(name).input(floats(draw, draw.between(1, 5), k))
                .constant(draw.whole(DType.UINT8, 0, 255, n, blocks, block * bits / 8))
                .constant(draw.real(DType.FLOAT32, 0.05, 0.5, n * blocks));
        if (draw.chance(50)) {
            sketch.constant(draw.whole(DType.UINT8, 0, 255, n * Math.ceilDiv(blocks * bits, 8)));
        }
        return sketch.attribute("K", k)
                .attribute("N", n)
                .attribute("bits", bits)
                .attribute("block_size", block)
                .attribute("accuracy_level", draw.pick(null, 0L, 1L));
    }
}
