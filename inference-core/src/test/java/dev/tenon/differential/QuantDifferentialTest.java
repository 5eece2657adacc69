package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Quantisation, and products and windows of quantised operands. */
@Tag("tiers")
class QuantDifferentialTest extends Family {
    private static final Set<DType> FLOAT8 =
            EnumSet.of(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ);
    private static final DType[] REAL = {DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16};
    private static final DType[] BYTES = {DType.UINT8, DType.INT8};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("QuantizeLinear", QuantDifferentialTest::quantize);
        all.put("DequantizeLinear", QuantDifferentialTest::dequantize);
        all.put(
                "DynamicQuantizeLinear",
                draw -> OperatorModel.of("DynamicQuantizeLinear")
                        .input(
                                draw.chance(20)
                                        ? draw.real(DType.FLOAT32, 1, 5, draw.fullDims(0, 4))
                                        : draw.tame(DType.FLOAT32, draw.fullDims(0, 4)))
                        .outputs(3));
        all.put("MatMulInteger", QuantDifferentialTest::matMulInteger);
        all.put("QLinearMatMul", QuantDifferentialTest::matMul);
        all.put("ConvInteger", QuantDifferentialTest::convInteger);
        all.put("QLinearConv", QuantDifferentialTest::conv);
        return all;
    }

    private static DType quantised(Draw draw) {
        DType common = draw.pick(DType.UINT8, DType.INT8, DType.UINT16, DType.INT16);
        return draw.chance(60) ? common : draw.chance(50) ? draw.pick(DType.INT4, DType.UINT4) : draw.type(FLOAT8);
    }

    private static Tensor scale(Draw draw, DType type, long... dims) {
        if (draw.chance(50)) {
            Tensor t = Tensor.allocate(type, dims);
            for (long i = 0; i < t.size(); i++) {
                t.setDouble(i, draw.pick(0.25, 0.5, 1.0, 2.0));
            }
            return t;
        }
        return draw.real(type, 0.01, 0.7, dims);
    }

    private static Tensor zero(Draw draw, DType type, long... dims) {
        return FLOAT8.contains(type) ? Tensor.allocate(type, dims) : draw.whole(type, -5, 7, dims);
    }

    /** The dimensions of a scale for the tensor, for an axis, or for blocks along it. */
    private static long[] granularity(Draw draw, OperatorModel model, long... dims) {
        int kind = dims.length == 0 ? 0 : draw.between(0, dims.length == 1 ? 1 : 2);
        if (kind == 0) {
            return new long[0];
        }
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        model.attribute("axis", axis);
        if (kind == 1) {
            return new long[] {dims[at]};
        }
        long block = draw.between(1, (int) dims[at]);
        long[] blocks = dims.clone();
        blocks[at] = Math.ceilDiv(dims[at], block);
        // Only this block size gives this number of blocks.
        if (Math.ceilDiv(dims[at], blocks[at]) > block) {
            blocks[at] = Math.ceilDiv(dims[at], ++block);
        }
        model.attribute("block_size", block);
        return blocks;
    }

    private static OperatorModel quantize(Draw draw) {
        DType real = draw.type(REAL);
        DType type = quantised(draw);
        long[] dims = draw.fullDims(0, 4);
        OperatorModel model = OperatorModel.of("QuantizeLinear");
        long[] scales = granularity(draw, model, dims);
        Tensor x = draw.chance(30) ? draw.whole(real, -400, 400, dims) : draw.real(real, -20, 20, dims);
        boolean hasZero = draw.chance(70);
        if (!hasZero && (type != DType.UINT8 || draw.chance(50))) {
            model.attribute("output_dtype", (long) Tensors.number(type));
        }
        return Generators.operands(draw, model, x, scale(draw, real, scales), hasZero ? zero(draw, type, scales) : null)
                .attribute("saturate", FLOAT8.contains(type) ? draw.pick(null, 0L, 1L) : null);
    }

    private static OperatorModel dequantize(Draw draw) {
        DType real = draw.type(REAL);
        DType type = draw.chance(10) ? DType.INT32 : quantised(draw);
        long[] dims = draw.fullDims(0, 4);
        OperatorModel model = OperatorModel.of("DequantizeLinear");
        long[] scales = granularity(draw, model, dims);
        Tensor zero = type == DType.INT32 || draw.chance(30) ? null : zero(draw, type, scales);
        Tensor x = FLOAT8.contains(type) ? draw.tame(type, dims) : draw.wild(type, dims);
        return Generators.operands(draw, model, x, scale(draw, real, scales), zero);
    }

    private static long[][] matrices(Draw draw) {
        long k = draw.chance(20) ? draw.between(30, 150) : draw.positive();
        long[] a = {draw.positive(), k};
        long[] b = {k, draw.positive()};
        if (draw.chance(30)) {
            long batch = draw.between(1, 3);
            a = new long[] {draw.pick(1L, batch), a[0], k};
            b = draw.chance(30) ? b : new long[] {batch, k, b[1]};
        }
        return new long[][] {a, b};
    }

    private static OperatorModel matMulInteger(Draw draw) {
        DType left = draw.pick(BYTES);
        DType right = draw.pick(BYTES);
        long[][] dims = matrices(draw);
        long rows = dims[0][dims[0].length - 2];
        boolean ofRows = dims[0].length == 2 && draw.chance(10);
        boolean ofColumns = dims[1].length == 2 && draw.chance(30);
        return Generators.operands(
                draw,
                OperatorModel.of("MatMulInteger"),
                draw.bytes(left, dims[0]),
                draw.bytes(right, dims[1]),
                draw.chance(40) ? null : ofRows ? zero(draw, left, rows) : zero(draw, left),
                draw.chance(40) ? null : ofColumns ? zero(draw, right, dims[1][1]) : zero(draw, right));
    }

    private static OperatorModel matMul(Draw draw) {
        DType left = draw.pick(BYTES);
        DType right = draw.pick(BYTES);
        DType result = draw.chance(80) ? left : draw.pick(BYTES);
        long[][] dims = matrices(draw);
        boolean ofColumns = dims[1].length == 2 && draw.chance(30);
        long[] columns = ofColumns ? new long[] {dims[1][1]} : new long[0];
        return Generators.operands(
                draw,
                OperatorModel.of("QLinearMatMul"),
                draw.bytes(left, dims[0]),
                draw.real(DType.FLOAT32, 0.01, 0.7),
                zero(draw, left),
                draw.bytes(right, dims[1]),
                draw.real(DType.FLOAT32, 0.01, 0.7, columns),
                zero(draw, right, columns),
                draw.real(DType.FLOAT32, 0.5, 9),
                zero(draw, result));
    }

    private static long[] image(Draw draw, long channels, int axes) {
        long[] dims = Arrays.copyOf(new long[] {draw.between(1, 2), channels}, 2 + axes);
        for (int i = 0; i < axes; i++) {
            dims[2 + i] = draw.between(5, axes == 1 ? 40 : 12);
        }
        return dims;
    }

    private static long[] weights(Draw draw, long out, long each, int axes) {
        long[] dims = Arrays.copyOf(new long[] {out, each}, 2 + axes);
        for (int i = 0; i < axes; i++) {
            dims[2 + i] = draw.between(1, 3);
        }
        return dims;
    }

    private static OperatorModel windows(Draw draw, OperatorModel model, int axes, long group) {
        return model.attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("strides", draw.chance(60) ? draw.each(axes, 1, 3) : null)
                .attribute("dilations", draw.chance(30) ? draw.each(axes, 1, 2) : null)
                .attribute("pads", draw.chance(60) ? draw.each(2 * axes, 0, 2) : null);
    }

    private static OperatorModel convInteger(Draw draw) {
        DType x = draw.chance(70) ? DType.UINT8 : DType.INT8;
        DType w = draw.chance(70) ? DType.UINT8 : DType.INT8;
        int axes = draw.between(1, 3);
        long group = draw.between(1, 3);
        long each = draw.between(1, 4);
        OperatorModel model = Generators.operands(
                draw,
                OperatorModel.of("ConvInteger"),
                draw.bytes(x, image(draw, group * each, axes)),
                draw.bytes(w, weights(draw, group * draw.between(1, 4), each, axes)),
                draw.chance(40) ? null : zero(draw, x),
                draw.chance(40) ? null : zero(draw, w));
        return windows(draw, model, axes, group);
    }

    private static OperatorModel conv(Draw draw) {
        DType x = draw.pick(BYTES);
        DType w = draw.pick(BYTES);
        int axes = draw.between(1, 3);
        long group = draw.between(1, 3);
        long each = draw.between(1, 4);
        long out = group * draw.between(1, 4);
        long[] channels = draw.chance(40) ? new long[] {out} : new long[0];
        OperatorModel model = Generators.operands(
                draw,
                OperatorModel.of("QLinearConv"),
                draw.bytes(x, image(draw, group * each, axes)),
                draw.real(DType.FLOAT32, 0.01, 0.7),
                zero(draw, x),
                draw.bytes(w, weights(draw, out, each, axes)),
                draw.real(DType.FLOAT32, 0.01, 0.7, channels),
                w == DType.INT8 ? Tensor.allocate(w, channels) : constant(draw.between(0, 9), w, channels),
                draw.real(DType.FLOAT32, 0.5, 9),
                zero(draw, x),
                draw.chance(50) ? draw.whole(DType.INT32, -500, 500, out) : null);
        return windows(draw, model, axes, group);
    }

    private static Tensor constant(long value, DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, value);
        }
        return t;
    }
}
