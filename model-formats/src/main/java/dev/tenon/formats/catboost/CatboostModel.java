package dev.tenon.formats.catboost;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.DataReader.Kind;
import java.util.ArrayList;
import java.util.List;

/** The content of a file. */
final class CatboostModel {
    private static final String CURE = "train with numeric features, or encode the others before";

    /** The ways in which a feature's missing values are compared. */
    enum Missing {
        /** Above all borders. */
        ABOVE,
        /** Below all borders. */
        BELOW
    }

    /** A numeric feature. */
    record Feature(String name, int column, Missing missing) {}

    /** A test {@code x > border}. */
    record Split(int feature, float border) {}

    /** A tree whose nodes at one depth have the same test. Bit i of a leaf's number is the result of test i. */
    record Oblivious(List<Split> splits, double[] weights) {}

    /** A node of any tree: a split with two children, or a leaf. */
    record Node(Split split, Node left, Node right, double[] weights) {}

    private final List<Feature> features = new ArrayList<>();
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
                        m.refuseAny(in, "statistics of categories ('ctr_data')");
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }
        m.checkSplits(in);
        return m;
    }

    private void refuseAny(DataReader in, String what) {
        if (in.kind() == Kind.OBJECT) {
            in.beginObject();
            if (in.nextName() == null) {
                return;
            }
        } else {
            in.beginArray();
            if (!in.nextElement()) {
                return;
            }
        }
        throw new UnsupportedModelException(in.file(), what, "numeric features", CURE);
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
                case "categorical_features" -> refuseAny(in, "categorical features");
                case "text_features" -> refuseAny(in, "text features");
                case "embedding_features" -> refuseAny(in, "embedding features");
                case "ctrs" -> refuseAny(in, "statistics of categories ('ctrs')");
                default -> in.skip();
            }
        }
    }

    private void readFeature(DataReader in) {
        int index = -1;
        int column = -1;
        String id = "";
        Missing missing = Missing.BELOW;
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "feature_index" -> index = in.integer(0, Integer.MAX_VALUE - 1);
                case "flat_feature_index" -> column = in.integer(0, Integer.MAX_VALUE - 1);
                case "feature_id", "feature_name" -> id = in.scalar();
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
        features.add(new Feature(id, column, missing));
    }

    /** Looks for the loss function and the version. */
    private void readInfo(DataReader in, String parent) {
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
        float border = Float.NaN;
        String type = "FloatFeature";
        in.countRecord();
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "float_feature_index" -> feature = in.integer(0, Integer.MAX_VALUE - 1);
                case "border" -> border = in.float32();
                case "split_type" -> type = in.text();
                default -> in.skip();
            }
        }
        if (!type.equals("FloatFeature")) {
            throw new UnsupportedModelException(
                    in.file(), "a split of type " + DataReader.shown(type), "FloatFeature", CURE);
        }
        if (feature < 0 || Float.isNaN(border)) {
            throw in.malformed("a split without feature or border", "both");
        }
        return new Split(feature, border);
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

    /** Checks that splits test features that are there. */
    private void checkSplits(DataReader in) {

        for (Oblivious tree : oblivious) {
            tree.splits().forEach(s -> check(in, s));
        }
        trees.forEach(t -> check(in, t));
    }

    private void check(DataReader in, Node node) {
        if (node.split() != null) {
            check(in, node.split());
            check(in, node.left());
            check(in, node.right());
        }
    }

    private void check(DataReader in, Split split) {
        if (split.feature() >= features.size()) {
            throw in.malformed("a split of feature " + split.feature(), "features 0 to " + (features.size() - 1));
        }
    }

    List<Feature> features() {
        return features;
    }

    Feature feature(Split split) {
        return features.get(split.feature());
    }
}
