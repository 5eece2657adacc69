package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Encoders of features and labels: tables of keys, imputation, scaling, one-hot encoding. */
class EncodersDifferentialTest extends Family {
    private static final String DOMAIN = "ai.onnx.ml";
    private static final String[] WORDS = {"", "a", "b", "B", "7", "π"};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = new LinkedHashMap<>();
        all.put("ArrayFeatureExtractor", EncodersDifferentialTest::columns);
        all.put("Binarizer", EncodersDifferentialTest::binarizer);
        all.put("CategoryMapper", EncodersDifferentialTest::categories);
        all.put("FeatureVectorizer", EncodersDifferentialTest::join);
        all.put("Imputer", EncodersDifferentialTest::imputer);
        all.put("LabelEncoder", EncodersDifferentialTest::labels);
        all.put("Normalizer", EncodersDifferentialTest::normalizer);
        all.put("OneHotEncoder", EncodersDifferentialTest::oneHot);
        all.put("Scaler", EncodersDifferentialTest::scaler);
        return all;
    }

    private static OperatorModel model(String operator) {
        return OperatorModel.of(DOMAIN, operator);
    }

    private static DType number(Draw draw) {
        return draw.type(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32);
    }

    private static OperatorModel columns(Draw draw) {
        DType type = draw.type(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32, DType.STRING);
        long[] dims = draw.fullDims(1, 4);
        Tensor positions = draw.whole(DType.INT64, 0, dims[dims.length - 1] - 1, draw.fullDims(1, draw.between(1, 2)));
        OperatorModel s = model("ArrayFeatureExtractor").input(draw.tensor(type, dims));
        return draw.chance(50) ? s.constant(positions) : s.input(positions);
    }

    private static OperatorModel binarizer(Draw draw) {
        Float threshold = draw.pick(null, 0f, -1f, 2f);
        return model("Binarizer")
                .input(draw.whole(DType.FLOAT32, -3, 3, draw.dims(0, 4)))
                .attribute("threshold", threshold);
    }

    private static Tensor texts(Draw draw, long... dims) {
        Tensor t = Tensor.allocate(DType.STRING, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setString(i, draw.pick(WORDS));
        }
        return t;
    }

    private static OperatorModel categories(Draw draw) {
        int[] order = draw.permutation(WORDS.length);
        int count = draw.between(1, WORDS.length);
        String[] strings = new String[count];
        long[] integers = new long[count];
        for (int i = 0; i < count; i++) {
            strings[i] = WORDS[order[i]];
            integers[i] = 3L * order[i] - 5;
        }
        long[] dims = draw.dims(1, 3);
        return model("CategoryMapper")
                .input(draw.chance(50) ? texts(draw, dims) : draw.whole(DType.INT64, -6, 12, dims))
                .attribute("cats_strings", strings)
                .attribute("cats_int64s", integers)
                .attribute("default_int64", draw.pick(-1L, 77L))
                .attribute("default_string", draw.pick("_Unused", "none"));
    }

    private static OperatorModel join(Draw draw) {
        int count = draw.between(1, 4);
        DType type = number(draw);
        long rows = draw.chance(20) ? 1 : draw.between(1, 9);
        boolean vectors = rows == 1 && draw.chance(50);
        OperatorModel s = model("FeatureVectorizer");
        long[] widths = new long[count];
        for (int i = 0; i < count; i++) {
            long own = draw.between(1, 5);
            widths[i] = draw.chance(70) ? own : draw.between(1, 5);
            Tensor x = vectors ? draw.tame(type, own) : draw.tame(type, rows, own);
            s.input(x);
        }
        return s.attribute("inputdimensions", widths);
    }

    private static OperatorModel imputer(Draw draw) {
        boolean floats = draw.chance(60);
        long[] dims = draw.fullDims(1, 2);
        int columns = (int) (draw.chance(50) ? 1 : dims[dims.length - 1]);
        Tensor x = draw.whole(floats ? DType.FLOAT32 : DType.INT64, -2, 2, dims);
        OperatorModel s = model("Imputer");
        if (!floats) {
            return s.input(x)
                    .attribute(
                            "imputed_value_int64s",
                            draw.whole(DType.INT64, 5, 9, columns).toLongArray())
                    .attribute("replaced_value_int64", draw.pick(0L, 1L, 7L));
        }
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, draw.chance(20) ? Double.NaN : draw.chance(20) ? -0.0 : x.getDouble(i));
        }
        return s.input(x)
                .attribute(
                        "imputed_value_floats",
                        draw.tame(DType.FLOAT32, columns).toFloatArray())
                .attribute("replaced_value_float", draw.pick(Float.NaN, 0f, 1f));
    }

    /** Each key once, because the peer keeps another one of equal keys. */
    private static OperatorModel labels(Draw draw) {
        int count = draw.between(1, 6);
        String from = draw.pick("strings", "int64s", "floats");
        String to = draw.pick("strings", "int64s", "floats");
        long version = draw.pick(2L, 4L);
        long[] dims = draw.dims(0, 3);
        Object[] keys = {
            Arrays.copyOf(WORDS, count),
            LongStream.range(-2, count - 2).toArray(),
            Arrays.copyOf(new float[] {0, Float.NaN, 1, -2, 2, 3}, count)
        };
        Tensor floats = draw.whole(DType.FLOAT32, -2, 3, dims);
        for (long i = 0; i < floats.size(); i++) {
            floats.setDouble(i, draw.chance(20) ? Double.NaN : draw.chance(10) ? -0.0 : floats.getDouble(i));
        }
        List<String> kinds = List.of("strings", "int64s", "floats");
        Tensor[] inputs = {texts(draw, dims), draw.whole(DType.INT64, -3, 5, dims), floats};
        Object[] values = {
            Arrays.copyOf(new String[] {"x", "y", "", "z", "u", "v"}, count),
            draw.whole(DType.INT64, -99, 99, count).toLongArray(),
            draw.tame(DType.FLOAT32, count).toFloatArray()
        };
        OperatorModel s = model("LabelEncoder")
                .domainVersion(version)
                .input(inputs[kinds.indexOf(from)])
                .attribute("keys_" + from, keys[kinds.indexOf(from)])
                .attribute("values_" + to, values[kinds.indexOf(to)]);
        if (draw.chance(50)) {
            Object[] other = {"other", 1234L, 0.5f};
            s.attribute("default_" + kinds.get(kinds.indexOf(to)).replaceAll("s$", ""), other[kinds.indexOf(to)]);
        }
        return s;
    }

    private static OperatorModel normalizer(Draw draw) {
        return model("Normalizer")
                .input(draw.tame(number(draw), draw.fullDims(1, 2)))
                .attribute("norm", draw.pick("MAX", "L1", "L2"));
    }

    private static OperatorModel oneHot(Draw draw) {
        long[] dims = draw.fullDims(1, 2);
        OperatorModel s = model("OneHotEncoder");
        if (draw.chance(40)) {
            return s.input(texts(draw, dims))
                    .attribute("cats_strings", Arrays.copyOf(WORDS, draw.between(1, WORDS.length)));
        }
        DType type = draw.type(DType.FLOAT32, DType.FLOAT64, DType.INT64);
        return s.input(type == DType.INT64 ? draw.whole(type, -3, 9, dims) : draw.real(type, -3, 9, dims))
                .attribute(
                        "cats_int64s", LongStream.range(-1, draw.between(1, 9)).toArray())
                .attribute("zeros", 1L);
    }

    private static OperatorModel scaler(Draw draw) {
        long[] dims = draw.fullDims(1, 2);
        long columns = draw.chance(40) ? 1 : dims[dims.length - 1];
        return model("Scaler")
                .input(draw.tensor(number(draw), dims))
                .attribute("offset", draw.tame(DType.FLOAT32, columns).toFloatArray())
                .attribute("scale", draw.tame(DType.FLOAT32, columns).toFloatArray());
    }
}
