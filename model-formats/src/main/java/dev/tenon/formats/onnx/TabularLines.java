package dev.tenon.formats.onnx;

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
 * The lines of the {@link OnnxTable} for the domain {@code ai.onnx.ml}. Its versions are counted apart from the main
 * domain's.
 */
final class TabularLines {
    static final String DOMAIN = "ai.onnx.ml";

    /** The newest version of the domain. */
    static final int NEWEST = 5;

    private static final String STRINGS = "classlabels_strings";

    private TabularLines() {}

    static void add(LineList list) {
        list.same(1, "ArrayFeatureExtractor", "Binarizer", "CastMap", "CategoryMapper", "DictVectorizer");
        list.same(1, "FeatureVectorizer", "Imputer", "Normalizer", "OneHotEncoder", "Scaler", "ZipMap");
        if (list.asks("LabelEncoder")) {
            list.line(1, 1, TabularLines::labelsByPosition);
            list.line(2, 3, TabularLines::labelsOfFirstKeys);
            list.line(4, NodeLowering::unchanged);
        }
        list.same(1, "LinearRegressor", "SVMRegressor", "TreeEnsembleRegressor");
        list.same(5, "TreeEnsemble");
        classifier(list, "LinearClassifier", "classlabels_ints");
        classifier(list, "SVMClassifier", "classlabels_ints");
        classifier(list, "TreeEnsembleClassifier", "classlabels_int64s");
    }

    /** A classifier with labels that are strings: one whose labels are their places, and the strings by those. */
    private static void classifier(LineList list, String name, String integers) {
        if (list.asks(name))
            list.line(1, node -> {
                List<String> strings = node.attributes().strings(STRINGS, null);
                Attributes own = name.equals("LinearClassifier") ? ofColumns(node, integers) : node.attributes();
                if (strings == null || strings.size() < 2 || node.outputs() == 0) {
                    return node.with(own);
                }
                long[] places = LongStream.range(0, strings.size()).toArray();
                Attributes a = Lowerings.without(own, STRINGS).with(integers, places);
                List<Value> both = node.addAll(node.op(DOMAIN, name, a), node.inputs(), 2);
                Value labels = node.constant(Tensor.of(strings.toArray(String[]::new), strings.size()));
                Value chosen = node.output(0, "Gather", Attributes.none(), labels, both.get(0));
                return node.outputs() == 1 ? Collections.singletonList(chosen) : Arrays.asList(chosen, both.get(1));
            });
    }

    /**
     * A linear classifier's attributes with as many coefficients as the columns of its operand ask for: widespread
     * runtimes go by those and leave what is behind unread.
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

    /** Strings become their positions in a list, or positions the strings. */
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

    /** Of equal keys the first one holds, as widespread runtimes have it before version 4; NaN equals nothing. */
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
