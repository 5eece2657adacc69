package dev.tenon.formats.catboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.DataReader.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The content of a file. */
final class CatboostModel {
    private static final String ALLOWED =
            "numeric features, and categorical features whose splits test for one category each";
    private static final String CURE =
            "train with a one_hot_max_size of at least the number of categories, or encode the features before";
    private static final int MOST_CATEGORIES = 1 << 24;

    /** The ways in which a feature's missing values are compared. */
    enum Missing {
        /** Above all borders. */
        ABOVE,
        /** Below all borders. */
        BELOW
    }

    /** A numeric feature. */
    record Feature(String name, int column, Missing missing) {}

    /**
     * A categorical feature. The number of a category is the place of its hash among those that splits test for.
     *
     * @param hashes the hashes in the order of their numbers
     * @param numbers the number of each hash
     * @param texts the texts of the categories; empty if the file has the hashes only
     */
    record CategoricalFeature(
            String name, int column, List<Integer> hashes, Map<Integer, Integer> numbers, List<String> texts) {}

    /** A test {@code x > border} of a numeric feature, or {@code hash(x) == value} of a categorical one. */
    record Split(boolean isCategorical, int feature, float border, int value) {
        static Split numeric(int feature, float border) {
            return new Split(false, feature, border, 0);
        }

        static Split categorical(int feature, int value) {
            return new Split(true, feature, 0, value);
        }
    }

    /** A tree whose nodes at one depth have the same test. Bit i of a leaf's number is the result of test i. */
    record Oblivious(List<Split> splits, double[] weights) {}

    /** A node of any tree: a split with two children, or a leaf. */
    record Node(Split split, Node left, Node right, double[] weights) {}

    private final List<Feature> features = new ArrayList<>();
    private final Map<Integer, CategoricalFeature> categorical = new LinkedHashMap<>();

    /** The categorical feature whose statistics the model needs; negative if there is none. */
    private int statisticsOf = -1;

    private boolean refuseStatistics;

    final List<Oblivious> oblivious = new ArrayList<>();
    final List<Node> trees = new ArrayList<>();
    double scale = 1;
    double[] bias = {};
    String loss = "";
    String version = "";

    static CatboostModel read(DataReader in) {
        CatboostModel m = new CatboostModel();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "features_info" -> m.readFeatures(in);
                case "model_info" -> m.readInfo(in, "");
                case "oblivious_trees" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        m.oblivious.add(readOblivious(in));
                    }
                }
                case "trees" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        m.trees.add(readNode(in));
                    }
                }
                case "scale_and_bias" -> m.readScale(in);
                case "ctr_data" -> {
                    if (in.kind() == Kind.OBJECT) {
                        m.refuseStatistics |= hasAny(in);
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }
        m.check(in.file());
        return m;
    }

    private void readFeatures(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "float_features" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        readFeature(in);
                    }
                }
                case "categorical_features" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        readCategorical(in);
                    }
                }
                case "text_features" -> refuseAny(in, "text feature");
                case "embedding_features" -> refuseAny(in, "embedding feature");
                case "ctrs" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        readStatistics(in);
                    }
                }
                default -> in.skip();
            }
        }
    }

    private void readFeature(DataReader in) {
        int index = -1;
        int column = -1;
        String id = "";
        boolean hasMissing = true;
        Missing missing = Missing.BELOW;
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "feature_index" -> index = in.integer(0, Integer.MAX_VALUE - 1);
                case "flat_feature_index" -> column = in.integer(0, Integer.MAX_VALUE - 1);
                case "feature_id", "feature_name" -> id = in.scalar();
                case "has_nans" -> hasMissing = in.truth();
                case "nan_value_treatment" -> {
                    String way = in.text();
                    missing = switch (way) {
                        case "AsTrue" -> Missing.ABOVE;
                        case "AsFalse", "AsIs" -> Missing.BELOW;
                        default -> throw in.malformed(DataReader.shown(way), "AsIs, AsFalse, AsTrue");
                    };
                }
                default -> in.skip();
            }
        }
        if (index != features.size() || column < 0) {
            throw in.malformed("a feature of index " + index + " and column " + column, "index " + features.size());
        }
        // CatBoost compares the missing values of a feature that had none in training as they are.
        features.add(new Feature(id, column, hasMissing ? missing : Missing.BELOW));
    }

    private void readCategorical(DataReader in) {
        int index = -1;
        int column = -1;
        String id = "";
        int[] values = {};
        List<String> texts = List.of();
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "feature_index" -> index = in.integer(0, Integer.MAX_VALUE - 1);
                case "flat_feature_index" -> column = in.integer(0, Integer.MAX_VALUE - 1);
                case "feature_id", "feature_name" -> id = in.scalar();
                case "values" -> values = in.integers();
                case "string_values" -> texts = in.texts();
                default -> in.skip();
            }
        }
        if (column < 0) {
            throw in.malformed("a categorical feature without a column", "'flat_feature_index'");
        }
        for (int i = 0; i < values.length; i++) {
            in.countRecord();
        }
        addCategorical(in.file(), index, column, id);
        addCategories(in.file(), index, values, texts);
    }

    void addCategorical(String file, int index, int column, String name) {
        if (index < 0
                || column < 0
                || categorical.put(index, new CategoricalFeature(name, column, List.of(), Map.of(), List.of()))
                        != null) {
            throw malformed(
                    file, "a categorical feature of index " + index + " and column " + column, "each index once");
        }
    }

    /** Adds the categories of a feature that is there. */
    void addCategories(String file, int index, int[] values, List<String> texts) {
        CategoricalFeature feature = categorical.get(index);
        if (feature == null) {
            throw malformed(file, "categories of feature " + index, "one of the categorical features");
        }
        if (values.length > MOST_CATEGORIES || !texts.isEmpty() && texts.size() != values.length) {
            throw malformed(
                    file,
                    values.length + " categories and " + texts.size() + " texts",
                    "a text for each, and at most " + MOST_CATEGORIES);
        }
        Map<Integer, Integer> numbers = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            numbers.putIfAbsent(values[i], i);
        }
        List<Integer> hashes = Arrays.stream(values).boxed().toList();
        categorical.put(index, new CategoricalFeature(feature.name(), feature.column(), hashes, numbers, texts));
    }

    /** Looks for the first categorical feature that statistics are of. */
    private void readStatistics(DataReader in) {
        refuseStatistics = true;
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("elements") && in.kind() == Kind.ARRAY) {
                in.beginArray();
                while (in.nextElement()) {
                    readElement(in);
                }
            } else {
                in.skip();
            }
        }
    }

    private void readElement(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("cat_feature_index") && statisticsOf < 0) {
                statisticsOf = in.integer(0, Integer.MAX_VALUE - 1);
            } else {
                in.skip();
            }
        }
    }

    /** Notes that the model needs the statistics of a categorical feature, negative if it is not known of which. */
    void statistics(int feature) {
        refuseStatistics = true;
        statisticsOf = feature;
    }

    /** Refuses the first feature of a list. */
    private static void refuseAny(DataReader in, String kind) {
        in.beginArray();
        while (in.nextElement()) {
            String id = "";
            in.beginObject();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (name.equals("feature_id")) {
                    id = in.scalar();
                } else {
                    in.skip();
                }
            }
            throw unsupported(in.file(), kind, id);
        }
    }

    static UnsupportedModelException unsupported(String file, String kind, String name) {
        return new UnsupportedModelException(file, "the " + kind + ' ' + DataReader.shown(name), ALLOWED, CURE);
    }

    /** Whether an object has anything in it. */
    private static boolean hasAny(DataReader in) {
        boolean any = false;
        in.beginObject();
        while (in.nextName() != null) {
            in.skip();
            any = true;
        }
        return any;
    }

    /** Looks for the loss function and the version. */
    void readInfo(DataReader in, String parent) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("catboost_version_info") && in.kind() == Kind.TEXT) {
                version = in.text();
            } else if (parent.equals("loss_function") && name.equals("type")) {
                loss = in.text();
            } else if (in.kind() == Kind.OBJECT && (name.equals("params") || name.equals("loss_function"))) {
                readInfo(in, name);
            } else {
                in.skip();
            }
        }
    }

    private void readScale(DataReader in) {
        in.beginArray();
        for (int i = 0; in.nextElement(); i++) {
            if (i == 0) {
                scale = in.float64();
            } else if (i == 1) {
                bias = in.kind() == Kind.ARRAY ? in.doubles() : new double[] {in.float64()};
            } else {
                in.skip();
            }
        }
    }

    private static Split readSplit(DataReader in) {
        int feature = -1;
        int category = -1;
        float border = Float.NaN;
        int value = 0;
        String type = "FloatFeature";
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "float_feature_index" -> feature = in.integer(0, Integer.MAX_VALUE - 1);
                case "border" -> border = in.float32();
                case "cat_feature_index" -> category = in.integer(0, Integer.MAX_VALUE - 1);
                case "value" -> value = in.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "split_type" -> type = in.text();
                default -> in.skip();
            }
        }
        if (type.equals("OneHotFeature")) {
            return Split.categorical(category, value);
        }
        if (!type.equals("FloatFeature")) {
            throw new UnsupportedModelException(
                    in.file(), "a split of type " + DataReader.shown(type), "FloatFeature, OneHotFeature", CURE);
        }
        if (feature < 0 || Float.isNaN(border)) {
            throw in.malformed("a split without feature or border", "both");
        }
        return Split.numeric(feature, border);
    }

    private static Oblivious readOblivious(DataReader in) {
        List<Split> splits = new ArrayList<>();
        double[] weights = {};
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "leaf_values" -> weights = in.doubles();
                case "splits" -> {
                    if (in.kind() == Kind.NULL) {
                        in.skip();
                        continue;
                    }
                    in.beginArray();
                    while (in.nextElement()) {
                        splits.add(readSplit(in));
                    }
                }
                default -> in.skip();
            }
        }
        if (weights.length == 0 || splits.size() > 30 || weights.length % (1 << splits.size()) != 0) {
            throw in.malformed(
                    weights.length + " leaf values and " + splits.size() + " splits",
                    "as many for each of 2^splits leaves");
        }
        return new Oblivious(splits, weights);
    }

    private static Node readNode(DataReader in) {
        Split split = null;
        Node left = null;
        Node right = null;
        double[] weights = null;
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "split" -> split = readSplit(in);
                case "left" -> left = readNode(in);
                case "right" -> right = readNode(in);
                case "value" -> weights = in.kind() == Kind.ARRAY ? in.doubles() : new double[] {in.float64()};
                default -> in.skip();
            }
        }
        boolean inner = split != null && left != null && right != null;
        if (!inner && (weights == null || weights.length == 0 || split != null)) {
            throw in.malformed("a node that is neither complete nor a leaf", "split, left and right, or value");
        }
        return inner ? new Node(split, left, right, null) : new Node(null, null, null, weights);
    }

    /** Checks that splits test features and categories that are there, and that nothing more is needed. */
    void check(String file) {
        if (refuseStatistics) {
            CategoricalFeature feature = categorical.get(statisticsOf);
            if (feature == null) {
                throw new UnsupportedModelException(file, "statistics (CTR) of categories", ALLOWED, CURE);
            }
            throw unsupported(
                    file,
                    "statistics (CTR) of the categorical feature",
                    feature.name().isEmpty() ? Integer.toString(statisticsOf) : feature.name());
        }
        for (Oblivious tree : oblivious) {
            tree.splits().forEach(s -> check(file, s));
        }
        trees.forEach(t -> check(file, t));
    }

    private void check(String file, Node node) {
        if (node.split() != null) {
            check(file, node.split());
            check(file, node.left());
            check(file, node.right());
        }
    }

    private void check(String file, Split split) {
        if (split.isCategorical()) {
            CategoricalFeature feature = categorical.get(split.feature());
            if (feature == null || !feature.numbers().containsKey(split.value())) {
                throw malformed(
                        file,
                        "a split of categorical feature " + split.feature() + " for " + split.value(),
                        "a feature and one of its values");
            }
        } else if (split.feature() >= features.size()) {
            throw malformed(file, "a split of feature " + split.feature(), "features 0 to " + (features.size() - 1));
        }
    }

    static MalformedModelException malformed(String file, String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "save the model again");
    }

    List<Feature> features() {
        return features;
    }

    Feature feature(Split split) {
        return features.get(split.feature());
    }

    Collection<CategoricalFeature> categoricalFeatures() {
        return categorical.values();
    }

    CategoricalFeature categorical(Split split) {
        return categorical.get(split.feature());
    }
}
