package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/** Attributes and operand types that models of the other families seldom use. */
@Tag("tiers")
class AttributesDifferentialTest extends Family {
    private static final String TABLES = "ai.onnx.ml";
    private static final DType[] REAL = {DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16};
    private static final DType[] FEW_BITS = {DType.INT2, DType.UINT2, DType.FLOAT4E2M1, DType.INT4, DType.UINT4};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Attention#cache", AttributesDifferentialTest::cache);
        all.put("BatchNormalization#types", draw -> batch(draw, draw.type(Draw.FLOATS)));
        all.put("BatchNormalization#training", AttributesDifferentialTest::training);
        for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            all.put(name + "#types", draw -> {
                long[] dims = draw.fullDims(1, 4);
                return OperatorModel.of(name)
                        .input(draw.tame(draw.type(Draw.FLOATS), dims))
                        .attribute("axis", draw.axis(dims.length));
            });
        }
        all.put(
                "Cast#e8m0",
                draw -> OperatorModel.of("Cast")
                        .version(25)
                        .input(draw.real(draw.pick(REAL), 0.01, 40, draw.dims(0, 3)))
                        .attribute("to", (long) Tensors.number(DType.FLOAT8E8M0))
                        .attribute("saturate", draw.pick(null, 0L, 1L))
                        .attribute("round_mode", draw.pick(null, "up", "down", "nearest")));
        all.put(
                "CastLike#e8m0",
                draw -> OperatorModel.of("CastLike")
                        .version(25)
                        .input(draw.real(draw.pick(REAL), 0.01, 40, draw.dims(0, 3)))
                        .input(draw.real(DType.FLOAT8E8M0, 1, 2, 1))
                        .attribute("round_mode", draw.pick(null, "up", "down", "nearest")));
        all.put("QuantizeLinear#few", AttributesDifferentialTest::quantize);
        all.put("QuantizeLinear#integers", AttributesDifferentialTest::quantizeIntegers);
        all.put("DequantizeLinear#few", AttributesDifferentialTest::dequantize);
        all.put("QLinearMatMul#types", AttributesDifferentialTest::product);
        all.put("ConvInteger#same", AttributesDifferentialTest::convInteger);
        all.put("QLinearConv#same", AttributesDifferentialTest::quantisedConv);
        all.put("DFT#older", AttributesDifferentialTest::transform);
        all.put("GroupNormalization#stash", draw -> {
            DType type = draw.pick(REAL);
            long groups = draw.between(1, 3);
            long channels = groups * draw.between(1, 3);
            return OperatorModel.of("GroupNormalization")
                    .input(draw.tame(type, draw.between(1, 3), channels, draw.between(1, 9)))
                    .input(draw.tame(type, channels))
                    .input(draw.tame(type, channels))
                    .attribute("num_groups", groups)
                    .attribute("stash_type", 1L);
        });
        all.put("Range#stash", draw -> {
            DType type = draw.pick(REAL);
            return OperatorModel.of("Range")
                    .version(27)
                    .input(draw.whole(type, -9, 9))
                    .input(draw.whole(type, -30, 30))
                    .input(draw.whole(type, 1, 4))
                    .attribute("stash_type", draw.pick(null, 1L));
        });
        sequences(all);
        tables(all);
        others(all);
        return all;
    }

    private static void others(Map<String, Generator> all) {
        all.put(
                "OneHot#depth",
                draw -> OperatorModel.of("OneHot")
                        .input(draw.whole(draw.type(Draw.NUMBERS), -4, 4, draw.dims(1, 3)))
                        .input(draw.whole(draw.type(Draw.NUMBERS), 3, 6))
                        .input(draw.tame(draw.type(Draw.NUMBERS), 2)));
        all.put(
                "Optional#none",
                draw -> OperatorModel.of("Optional")
                        .attribute(
                                "type",
                                new TensorType(
                                        draw.type(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32),
                                        Shape.unknownRank()))
                        .after("OptionalHasElement", List.of("y0"), List.of("z"), Map.of())
                        .results(List.of("y0"), List.of("z")));
    }

    /** Indices of 32 bits. */
    private static void sequences(Map<String, Generator> all) {
        for (String name : List.of("SequenceAt", "SequenceInsert", "SequenceErase")) {
            all.put(name + "#narrow", draw -> {
                OperatorModel model = OperatorModel.of(name);
                int n = draw.between(1, 3);
                String[] names = new String[n];
                for (int i = 0; i < n; i++) {
                    names[i] = model.give(draw.tame(DType.INT64, draw.fullDims(0, 2)), false);
                }
                model.before("SequenceConstruct", List.of(names), List.of("s"), Map.of())
                        .use("s");
                if (name.equals("SequenceInsert")) {
                    model.input(draw.tame(DType.INT64, draw.fullDims(0, 2)));
                }
                model.constant(draw.whole(DType.INT32, -n, n - 1));
                return name.equals("SequenceErase")
                        ? model.after("SequenceLength", List.of("y0"), List.of("z"), Map.of())
                                .results(List.of("y0"), List.of("z"))
                        : model;
            });
        }
        all.put("SplitToSequence#narrow", draw -> {
            long first = draw.between(0, 4);
            long second = draw.between(1, 4);
            Tensor parts = draw.chance(50)
                    ? Tensors.convert(Tensor.scalar(second), DType.INT32)
                    : Tensors.convert(Tensor.of(new long[] {first, second}), DType.INT32);
            return OperatorModel.of("SplitToSequence")
                    .input(draw.tame(DType.FLOAT32, 2, first + second))
                    .input(parts)
                    .attribute("axis", 1L);
        });
    }

    private static void tables(Map<String, Generator> all) {
        Set<DType> numbers = Set.of(DType.FLOAT64, DType.INT32, DType.INT64, DType.FLOAT32);
        all.put(
                "Binarizer#types",
                draw -> OperatorModel.of(TABLES, "Binarizer")
                        .input(draw.whole(draw.type(numbers), -3, 3, draw.dims(0, 3)))
                        .attribute("threshold", draw.pick(null, 1f, -1f)));
        all.put("Imputer#types", draw -> {
            long columns = draw.between(1, 4);
            boolean real = draw.chance(60);
            OperatorModel s = OperatorModel.of(TABLES, "Imputer")
                    .input(draw.whole(real ? DType.FLOAT64 : DType.INT32, -1, 1, draw.between(1, 5), columns));
            return real
                    ? s.attribute(
                                    "imputed_value_floats",
                                    draw.whole(DType.FLOAT32, 2, 9, columns).toFloatArray())
                            .attribute("replaced_value_float", draw.pick(0f, 1f))
                    : s.attribute(
                                    "imputed_value_int64s",
                                    draw.whole(DType.INT64, 2, 9, columns).toLongArray())
                            .attribute("replaced_value_int64", draw.pick(0L, 1L));
        });
        all.put(
                "OneHotEncoder#types",
                draw -> OperatorModel.of(TABLES, "OneHotEncoder")
                        .input(draw.whole(draw.type(numbers), -1, 3, draw.fullDims(1, 2)))
                        .attribute("cats_int64s", new long[] {0, 1, 3})
                        .attribute("zeros", draw.pick(null, 1L)));
        all.put("LabelEncoder#tensors", AttributesDifferentialTest::labels);
    }

    /** Keys and values as tensors, also of types without an attribute. */
    private static OperatorModel labels(Draw draw) {
        DType from = draw.pick(DType.INT64, DType.INT16, DType.INT32, DType.FLOAT32, DType.FLOAT64, DType.STRING);
        DType to = draw.pick(DType.INT64, DType.INT16, DType.FLOAT32, DType.FLOAT64, DType.STRING);
        int count = draw.between(1, 5);
        Tensor keys = Tensor.allocate(from, count);
        for (int i = 0; i < count; i++) {
            if (from == DType.STRING) {
                keys.setString(i, Integer.toString(i));
            } else {
                keys.setLong(i, i);
            }
        }
        return OperatorModel.of(TABLES, "LabelEncoder")
                .domainVersion(4)
                .input(draw.whole(from, 0, 6, draw.dims(0, 3)))
                .attribute("keys_tensor", keys)
                .attribute("values_tensor", draw.whole(to, 0, 99, count))
                .attribute("default_tensor", draw.whole(to, 0, 99, 1));
    }

    /** A KV cache with free space, a window, and a mask that is shorter than the keys. */
    private static OperatorModel cache(Draw draw) {
        DType type = draw.type(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16);
        long batch = draw.between(1, 3);
        long kvHeads = draw.between(1, 2);
        long heads = kvHeads * draw.between(1, 2);
        long length = draw.between(1, 5);
        long keys = draw.between(1, 12);
        long size = draw.between(1, 6);
        boolean windows = draw.chance(60);
        boolean lengths = draw.chance(60);
        boolean past = !lengths && draw.chance(50);
        long before = past ? draw.between(1, 4) : 0;
        long shown = draw.chance(50) ? before + keys : draw.longBetween(1, before + keys);
        Tensor mask = draw.chance(50) ? null : draw.tame(draw.pick(DType.BOOL, type), length, shown);
        Tensor valid = lengths ? draw.whole(DType.INT64, 1, mask == null ? keys : Math.min(shown, keys), batch) : null;
        return Generators.operands(
                        draw,
                        OperatorModel.of("Attention").version(windows ? 25 : 24),
                        draw.tame(type, batch, heads, length, size),
                        draw.tame(type, batch, kvHeads, keys, size),
                        draw.tame(type, batch, kvHeads, keys, size),
                        mask,
                        past ? draw.tame(type, batch, kvHeads, before, size) : null,
                        past ? draw.tame(type, batch, kvHeads, before, size) : null,
                        valid)
                .outputs(past ? 3 : 1)
                .attribute("is_causal", draw.pick(null, 1L))
                .attribute("softmax_precision", type == DType.FLOAT16 ? draw.pick(null, 1L) : null)
                .attribute("left_window_size", windows ? draw.pick(null, -1L, 0L, 2L) : null)
                .attribute("right_window_size", windows ? draw.pick(null, 0L, 1L, 3L) : null);
    }

    private static OperatorModel batch(Draw draw, DType type) {
        long[] dims = draw.fullDims(2, 4);
        return Generators.operands(
                        draw,
                        OperatorModel.of("BatchNormalization"),
                        draw.tame(type, dims),
                        draw.tame(type, dims[1]),
                        draw.tame(type, dims[1]),
                        draw.tame(type, dims[1]),
                        draw.real(type, 0.1, 3, dims[1]))
                .attribute("epsilon", draw.pick(null, 1e-3f))
                .attribute("momentum", draw.pick(null, 0.5f));
    }

    /** Training mode: the statistics of the batch are used, and the running statistics move towards them. */
    private static OperatorModel training(Draw draw) {
        long[] dims = draw.fullDims(2, 4);
        dims[0] = Math.max(2, dims[0]);
        return OperatorModel.of("BatchNormalization")
                .input(draw.tame(DType.FLOAT32, dims))
                .input(draw.tame(DType.FLOAT32, dims[1]))
                .input(draw.tame(DType.FLOAT32, dims[1]))
                .input(draw.tame(DType.FLOAT32, dims[1]))
                .input(draw.real(DType.FLOAT32, 0.1, 3, dims[1]))
                .outputs(3)
                .attribute("training_mode", 1L)
                .attribute("momentum", draw.pick(null, 0.5f, 0.1f));
    }

    private static Tensor halves(Draw draw, DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, draw.pick(0.25, 0.5, 1.0, 2.0));
        }
        return t;
    }

    private static OperatorModel quantize(Draw draw) {
        DType type = draw.pick(FEW_BITS);
        long[] dims = draw.fullDims(2, 3);
        boolean blocks = draw.chance(50);
        long n = dims[dims.length - 1];
        long[] scales = dims.clone();
        scales[dims.length - 1] = Math.ceilDiv(n, 2);
        OperatorModel model = OperatorModel.of("QuantizeLinear").version(25);
        boolean zero = draw.chance(50);
        model.input(draw.real(DType.FLOAT32, -9, 9, dims))
                .input(blocks ? halves(draw, DType.FLOAT32, scales) : halves(draw, DType.FLOAT32));
        if (zero) {
            model.constant(Tensor.allocate(type, blocks ? scales : new long[0]));
        } else {
            model.attribute("output_dtype", (long) Tensors.number(type));
        }
        return model.attribute("axis", blocks ? Long.valueOf(-1) : null)
                .attribute("block_size", blocks ? Long.valueOf(2) : null)
                .attribute("precision", draw.pick(null, 1L));
    }

    /** Integers, and scales that are integers or powers of two. */
    private static OperatorModel quantizeIntegers(Draw draw) {
        DType type = draw.pick(DType.INT8, DType.UINT8);
        boolean whole = draw.chance(50);
        return OperatorModel.of("QuantizeLinear")
                .version(25)
                .input(draw.whole(whole ? DType.INT32 : DType.FLOAT32, -500, 500, draw.fullDims(0, 3)))
                .input(whole ? draw.real(DType.FLOAT32, 0.5, 9) : halves(draw, DType.FLOAT8E8M0))
                .input(draw.whole(type, 0, 5))
                .attribute("precision", draw.pick(null, 1L));
    }

    private static OperatorModel dequantize(Draw draw) {
        DType type = draw.chance(70) ? draw.pick(FEW_BITS) : draw.pick(DType.INT8, DType.UINT8, DType.INT32);
        boolean power = draw.chance(40);
        DType real = draw.pick(REAL);
        Tensor zero = type == DType.INT32 || draw.chance(50) ? null : Tensor.allocate(type);
        if (zero != null && type.isInteger()) {
            zero.setLong(0, 1);
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of("DequantizeLinear").version(25),
                        type.isFloating() ? draw.tame(type, draw.fullDims(0, 3)) : draw.wild(type, draw.fullDims(0, 3)),
                        halves(draw, power ? DType.FLOAT8E8M0 : real),
                        zero)
                .attribute("output_dtype", power ? Long.valueOf(Tensors.number(real)) : null);
    }

    private static OperatorModel product(Draw draw) {
        DType real = draw.pick(DType.FLOAT16, DType.BFLOAT16);
        boolean eights = draw.chance(40);
        DType type = eights ? draw.pick(DType.FLOAT8E4M3FN, DType.FLOAT8E5M2) : draw.pick(DType.INT8, DType.UINT8);
        DType scales = eights ? DType.FLOAT32 : real;
        long k = draw.between(1, 9);
        Tensor none = eights ? Tensor.allocate(type) : draw.whole(type, 0, 4);
        return OperatorModel.of("QLinearMatMul")
                .version(21)
                .input(draw.whole(type, -9, 9, draw.between(1, 5), k))
                .input(halves(draw, scales))
                .input(none)
                .input(draw.whole(type, -9, 9, k, draw.between(1, 5)))
                .input(halves(draw, scales))
                .input(none)
                .input(halves(draw, scales))
                .input(none);
    }

    private static OperatorModel slide(Draw draw, OperatorModel model, long... kernel) {
        return model.attribute("auto_pad", draw.pick(null, "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"))
                .attribute("kernel_shape", draw.chance(60) ? kernel : null)
                .attribute("strides", draw.pick(null, new long[] {2, 1}, new long[] {2, 2}));
    }

    private static OperatorModel convInteger(Draw draw) {
        long[] kernel = {draw.between(1, 3), draw.between(1, 3)};
        return slide(
                draw,
                Generators.operands(
                        draw,
                        OperatorModel.of("ConvInteger"),
                        draw.wild(DType.UINT8, 1, 2, draw.between(3, 9), draw.between(3, 9)),
                        draw.wild(DType.UINT8, 3, 2, kernel[0], kernel[1]),
                        draw.whole(DType.UINT8, 0, 200)),
                kernel);
    }

    private static OperatorModel quantisedConv(Draw draw) {
        long[] kernel = {draw.between(1, 3), draw.between(1, 3)};
        return slide(
                draw,
                Generators.operands(
                        draw,
                        OperatorModel.of("QLinearConv"),
                        draw.wild(DType.UINT8, 1, 2, draw.between(3, 9), draw.between(3, 9)),
                        draw.real(DType.FLOAT32, 0.01, 0.7),
                        draw.whole(DType.UINT8, 0, 200),
                        draw.wild(DType.INT8, 3, 2, kernel[0], kernel[1]),
                        draw.real(DType.FLOAT32, 0.01, 0.7),
                        Tensor.allocate(DType.INT8),
                        draw.real(DType.FLOAT32, 0.5, 9),
                        draw.whole(DType.UINT8, 0, 200)),
                kernel);
    }

    /** The axis as an attribute, as before version 20. */
    private static OperatorModel transform(Draw draw) {
        int axis = draw.between(1, 2);
        return OperatorModel.of("DFT")
                .version(draw.pick(17, 19))
                .input(draw.tame(draw.pick(DType.FLOAT32, DType.FLOAT64), draw.between(1, 3), 8, 5, draw.between(1, 2)))
                .attribute("axis", axis == 1 ? draw.pick(null, 1L) : Long.valueOf(axis))
                .attribute("inverse", draw.pick(null, 1L));
    }
}
