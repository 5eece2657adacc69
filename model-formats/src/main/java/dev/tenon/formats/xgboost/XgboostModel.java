package dev.tenon.formats.xgboost;

import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.DataReader.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The content of a file. */
final class XgboostModel {
    private static final int MOST_VERSION = 1 << 20;

    final StringJoiner version = new StringJoiner(".");
    final Map<String, String> attributes = new LinkedHashMap<>();
    List<String> featureNames = List.of();
    List<String> featureTypes = List.of();
    int features;
    int classes;
    int targets = 1;
    float[] baseScore = {};
    String objective = "";
    String booster = "";
    final List<XgboostTree> trees = new ArrayList<>();
    int[] treeTargets = {};
    float[] treeWeights = {};

    /** The number of trees before each iteration, and of all trees. Empty in files of versions before 2. */
    int[] iterations = {};

    int parallelTrees = 1;
    float[] linearWeights;

    /** The texts of the categories of each column; null for columns without. Empty if the file has none. */
    final List<List<String>> categories = new ArrayList<>();

    static XgboostModel read(DataReader in) {
        XgboostModel m = new XgboostModel();
        boolean learner = false;
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "learner" -> {
                    learner = true;
                    m.readLearner(in);
                }
                case "version" -> {
                    for (int part : in.integers()) {
                        m.version.add(Integer.toString(Math.clamp(part, 0, MOST_VERSION)));
                    }
                }
                default -> in.skip();
            }
        }
        if (!learner) {
            throw in.malformed("no object 'learner'", "a model that XGBoost saved");
        }
        return m;
    }

    private void readLearner(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "attributes" -> readAttributes(in);
                case "feature_names" -> featureNames = in.texts();
                case "feature_types" -> featureTypes = in.texts();
                case "learner_model_param" -> readParameters(in);
                case "objective" -> readObjective(in);
                case "gradient_booster" -> readBooster(in);
                default -> in.skip();
            }
        }
    }

    private void readAttributes(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            in.countRecord();
            if (in.kind() == Kind.TEXT) {
                attributes.put(name, in.text());
            } else {
                in.skip();
            }
        }
    }

    private void readParameters(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "num_feature" -> features = whole(in, Integer.MAX_VALUE);
                case "num_class" -> classes = whole(in, Integer.MAX_VALUE);
                case "num_target" -> targets = Math.max(1, whole(in, Integer.MAX_VALUE));
                case "base_score" -> baseScore = floats(in);
                default -> in.skip();
            }
        }
    }

    /** A whole number, which the file has as a text or a number. */
    static int whole(DataReader in, int most) {
        String text = in.scalar();
        try {
            int value = Integer.parseInt(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw in.malformed("the number " + DataReader.shown(text), "0 to " + most);
        }
        throw in.malformed("the number " + text, "0 to " + most);
    }

    /** A number or a list of numbers: as such, as a text, or as a text in brackets. */
    private static float[] floats(DataReader in) {
        if (in.kind() == Kind.ARRAY) {
            return in.floats();
        }
        if (in.kind() == Kind.NUMBER) {
            return new float[] {in.float32()};
        }
        String text = in.text();
        String list = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        String[] parts = list.split(",", -1);
        float[] all = new float[parts.length];
        try {
            for (int i = 0; i < all.length; i++) {
                all[i] = Float.parseFloat(parts[i].strip());
            }
        } catch (NumberFormatException e) {
            throw in.malformed("base_score " + DataReader.shown(text), "a number, or numbers in brackets");
        }
        return all;
    }

    private void readObjective(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("name")) {
                objective = in.text();
            } else {
                in.skip();
            }
        }
    }

    private void readBooster(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> {
                    String own = in.text();
                    booster = booster.equals("dart") ? booster : own;
                }
                case "gbtree" -> {
                    readBooster(in);
                    booster = "dart";
                }
                case "weight_drop" -> treeWeights = in.floats();
                case "model" -> readModel(in);
                default -> in.skip();
            }
        }
    }

    private void readModel(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "tree_info" -> treeTargets = in.integers();
                case "weight_drop" -> treeWeights = in.floats();
                case "iteration_indptr" -> iterations = in.integers();
                case "gbtree_model_param" -> readTreeParameters(in);
                case "weights" -> linearWeights = in.floats();
                case "cats" -> readCategories(in);
                case "trees" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        trees.add(XgboostTree.read(in));
                    }
                }
                default -> in.skip();
            }
        }
    }

    private void readTreeParameters(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("num_parallel_tree")) {
                parallelTrees = Math.max(1, whole(in, Integer.MAX_VALUE));
            } else {
                in.skip();
            }
        }
    }

    private void readCategories(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (!name.equals("enc")) {
                in.skip();
                continue;
            }
            in.beginArray();
            while (in.nextElement()) {
                categories.add(readCategoriesOfColumn(in));
            }
        }
    }

    /** Texts are UTF-8 bytes one after the other, with the offset of each. Numbers are listed. */
    private static List<String> readCategoriesOfColumn(DataReader in) {
        int[] offsets = null;
        double[] values = {};
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "offsets" -> offsets = in.integers();
                case "values" -> values = in.doubles();
                default -> in.skip();
            }
        }
        List<String> texts = new ArrayList<>();
        if (offsets == null) {
            for (double v : values) {
                in.countRecord();
                texts.add(v == Math.rint(v) && Math.abs(v) < 1L << 53 ? Long.toString((long) v) : Double.toString(v));
            }
            return texts;
        }
        for (int i = 0; i + 1 < offsets.length; i++) {
            if (offsets[i] < 0 || offsets[i] > offsets[i + 1] || offsets[i + 1] > values.length) {
                throw in.malformed(
                        "a category from " + offsets[i] + " to " + offsets[i + 1], "a part of " + values.length);
            }
            byte[] utf8 = new byte[offsets[i + 1] - offsets[i]];
            for (int k = 0; k < utf8.length; k++) {
                utf8[k] = (byte) (int) values[offsets[i] + k];
            }
            in.countRecord();
            texts.add(new String(utf8, StandardCharsets.UTF_8));
        }
        return texts;
    }

    /** The number of margins of a row. */
    int outputs() {
        return Math.max(1, Math.max(classes, targets));
    }
}
