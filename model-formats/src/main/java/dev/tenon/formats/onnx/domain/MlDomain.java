package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OperatorTable;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The operators of the domain {@code ai.onnx.ml}, and the lowerings of their older versions. The domain counts versions
 * of its own.
 */
public final class MlDomain {
    /** The name of the domain. */
    public static final String NAME = "ai.onnx.ml";

    /** The newest version of the domain. */
    public static final int NEWEST = 5;

    private static final String STRINGS = "classlabels_strings";

    private MlDomain() {}

    /**
     * Adds the rows of the operators to a table.
     *
     * @param t the table
     */
    public static void rows(OperatorTable t) {
        t.same(1, "ArrayFeatureExtractor", "Binarizer", "CastMap", "CategoryMapper", "DictVectorizer");
        t.same(1, "FeatureVectorizer", "Imputer", "Normalizer", "OneHotEncoder", "Scaler", "ZipMap");
        t.same(1, "LinearRegressor", "SVMRegressor", "TreeEnsembleRegressor");
        t.same(5, "TreeEnsemble");
        t.lowered(1, 1, "LabelEncoder", MlDomain::labelsByPosition);
        t.lowered(2, 3, "LabelEncoder", MlDomain::labelsOfFirstKeys);
        t.same(4, "LabelEncoder");
        t.lowered(1, "LinearClassifier", MlDomain::linearClassifier);
        t.lowered(1, "SVMClassifier", node -> classifier(node, node.attributes(), "classlabels_ints"));
        t.lowered(1, "TreeEnsembleClassifier", node -> classifier(node, node.attributes(), "classlabels_int64s"));
    }

    private static List<Value> linearClassifier(NodeLowering node) {
        String integers = "classlabels_ints";
        return classifier(node, ofColumns(node, integers), integers);
    }

    /**
     * A classifier whose labels are strings becomes one whose labels are their positions, and the strings are gathered
     * by these.
     */
    private static List<Value> classifier(NodeLowering node, Attributes a, String integers) {
        List<String> strings = a.strings(STRINGS, null);
        if (strings == null || strings.size() < 2 || node.outputs() == 0) {
            return node.with(a);
        }
        long[] positions = LongStream.range(0, strings.size()).toArray();
        Attributes numbered = OnnxAttributes.without(a, STRINGS).with(integers, positions);
        List<Value> both = node.addAll(node.op(NAME, node.operator(), numbered), node.inputs(), 2);
        Value labels = node.constant(Tensor.of(strings.toArray(String[]::new), strings.size()));
        Value chosen = node.output(0, "Gather", Attributes.none(), labels, both.get(0));
        return node.outputs() == 1 ? Collections.singletonList(chosen) : Arrays.asList(chosen, both.get(1));
    }

    /**
     * The attributes of a linear classifier with as many coefficients as the columns of its operand need. Files may
     * have more, and ONNX Runtime ignores the rest.
     */
    private static Attributes ofColumns(NodeLowering node, String integers) {
        Attributes a = node.attributes();
        List<Float> coefficients = a.reals("coefficients", null);
        List<?> scores = Stream.of(a.reals("intercepts", null), a.strings(STRINGS, null), a.integers(integers, null))
                .filter(list -> list != null && !list.isEmpty())
                .findFirst()
                .orElse(List.of());
        Shape x = node.shape(0);
        if (coefficients == null || !x.hasRank() || x.rank() == 0) {
            return a;
        }
        Dim columns = x.dim(x.rank() - 1);
        if (!columns.isKnown() || columns.value() == 0 || scores.isEmpty()) {
            return a;
        }
        boolean more = columns.value() < coefficients.size() / scores.size();
        return more ? a.with("coefficients", coefficients.subList(0, (int) columns.value() * scores.size())) : a;
    }

    /** LabelEncoder-1 turns strings into their positions in a list, or positions into the strings. */
    private static List<Value> labelsByPosition(NodeLowering node) {
        List<String> strings = node.attributes().strings("classes_strings", null);
        List<Long> positions = LongStream.range(0, strings == null ? 0 : strings.size())
                .boxed()
                .toList();
        boolean forth = node.dtype(0) == DType.STRING;
        Attributes a = Attributes.none()
                .with(forth ? "keys_strings" : "values_strings", strings)
                .with(forth ? "values_int64s" : "keys_int64s", positions)
                .with("default_string", node.attributes().string("default_string", null))
                .with("default_int64", node.attributes().integer("default_int64", -1));
        return node.with(a);
    }

    /** LabelEncoder before version 4: the first one of equal keys counts, as in ONNX Runtime. NaN equals no key. */
    private static List<Value> labelsOfFirstKeys(NodeLowering node) {
        Attributes a = node.attributes();
        String keys = a.names().stream()
                .filter(n -> n.startsWith("keys_"))
                .findFirst()
                .orElse("keys_*");
        String values = a.names().stream()
                .filter(n -> n.startsWith("values_"))
                .findFirst()
                .orElse("values_*");
        if (!(a.get(keys).orElse(null) instanceof List<?> k)
                || !(a.get(values).orElse(null) instanceof List<?> v)
                || k.size() != v.size()) {
            throw node.error(keys + " and " + values, "lists of keys and values, as many of each", null);
        }
        Map<Object, Object> table = new LinkedHashMap<>();
        for (int i = 0; i < k.size(); i++) {
            Object key = k.get(i) instanceof Float f ? Float.valueOf(f + 0f) : k.get(i);
            if (!(key instanceof Float f && f.isNaN())) {
                table.putIfAbsent(key, v.get(i));
            }
        }
        return node.with(a.with(keys, List.copyOf(table.keySet())).with(values, List.copyOf(table.values())));
    }
}
