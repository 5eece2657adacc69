package dev.tenon.formats.trees;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.TreeSelection;
import dev.tenon.formats.catboost.CatboostReader;
import dev.tenon.formats.lightgbm.LightgbmReader;
import dev.tenon.formats.xgboost.XgboostReader;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.fuzz.FlatWriter;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Small models in the formats of trees, written by hand. */
final class TreeFiles {
    /** Two trees on two columns, the second one categorical, and a leaf as third tree. */
    static final String XGBOOST = xgboost("5E-1", "binary:logistic");

    static final String LIGHTGBM = """
            tree
            version=v4
            num_class=1
            num_tree_per_iteration=1
            label_index=0
            max_feature_idx=1
            objective=binary sigmoid:1
            feature_names=a b
            feature_infos=[-1:1] 0:1:2:33
            tree_sizes=1 1 1

            Tree=0
            num_leaves=3
            num_cat=1
            split_feature=0 1
            threshold=0.25 0
            decision_type=10 1
            left_child=1 -1
            right_child=-3 -2
            leaf_value=1 2 4
            cat_boundaries=0 2
            cat_threshold=5 2
            is_linear=0
            shrinkage=1


            Tree=1
            num_leaves=2
            num_cat=0
            split_feature=0
            threshold=-0.5
            decision_type=6
            left_child=-1
            right_child=-2
            leaf_value=0.125 0.25
            is_linear=0
            shrinkage=1


            Tree=2
            num_leaves=1
            num_cat=0
            leaf_value=0.5
            is_linear=0
            shrinkage=1


            end of trees

            feature_importances:
            a=2

            parameters:
            [boosting: gbdt]
            end of parameters

            pandas_categorical:[["x", "y", 7]]
            """;

    static final String LINEAR = """
            tree
            version=v4
            num_class=1
            num_tree_per_iteration=1
            label_index=0
            max_feature_idx=1
            objective=regression
            feature_names=a b
            feature_infos=[-1:1] [-1:1]

            Tree=0
            num_leaves=2
            num_cat=0
            split_feature=0
            threshold=0
            decision_type=2
            left_child=-1
            right_child=-2
            leaf_value=10 20
            is_linear=1
            leaf_const=1 2
            num_features=2 0
            leaf_features=0 1
            leaf_coeff=0.5 0.25
            shrinkage=1

            end of trees
            """;

    static final String CATBOOST = """
            {"features_info":{"float_features":[
            {"feature_id":"a","feature_index":0,"flat_feature_index":0,"has_nans":true,"nan_value_treatment":"AsTrue","borders":[0.5]},
            {"feature_id":"b","feature_index":1,"flat_feature_index":1,"has_nans":false,"nan_value_treatment":"AsIs","borders":[1]}]},
            "model_info":{"catboost_version_info":"1.2","params":{"loss_function":{"type":"Logloss"}}},
            "oblivious_trees":[{"leaf_values":[1,2,3,4],"leaf_weights":[1,1,1,1],"splits":[
            {"border":0.5,"float_feature_index":0,"split_index":0,"split_type":"FloatFeature"},
            {"border":1,"float_feature_index":1,"split_index":1,"split_type":"FloatFeature"}]}],
            "scale_and_bias":[2,[0.5]]}
            """;

    private TreeFiles() {}

    /** The core of a model in CatBoost's binary format, before what a test changes: a tree on a number and a category. */
    static Object[] catboostTrees() {
        return new Object[] {
            1,
            new int[] {0, 2},
            new int[] {2},
            new int[] {0},
            List.<Object[]>of(new Object[] {0, 1, "city", (byte) 1}),
            List.<Object[]>of(new Object[] {(byte) 1, 0, 0, new float[] {0.5f}, "a", (byte) 2}),
            List.<Object[]>of(new Object[] {0, new int[] {77, -88}, List.of("Bern", "Chur")}),
            List.of(),
            new double[] {1, 2, 3, 4},
            null,
            null,
            null,
            List.of(),
            List.of(),
            2.0,
            0.5,
            null,
            null,
            List.of()
        };
    }

    /** A tree whose root has a leaf of its own on the left, and a node with two leaves on the right. */
    static Object[] catboostNodes(int... differences) {
        Object[] trees = catboostTrees();
        trees[1] = new int[] {0, 1, 0, 0};
        trees[2] = new int[] {4};
        short[] steps = new short[8];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = (short) differences[i];
        }
        trees[10] = steps;
        trees[11] = new int[] {0, 3, 1, 2};
        return trees;
    }

    static byte[] cbm(Object[] trees) {
        return cbm(FlatWriter.write(
                "FlabuffersModel_v1",
                trees,
                List.<Object[]>of(
                        new Object[] {"catboost_version_info", "1.2"},
                        new Object[] {"params", "{\"loss_function\":{\"type\":\"Logloss\"}}"})));
    }

    static byte[] cbm(byte[] core) {
        return ByteBuffer.allocate(8 + core.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("CBM1".getBytes(StandardCharsets.US_ASCII))
                .putInt(core.length)
                .put(core)
                .array();
    }

    static String xgboost(String base, String objective) {
        return """
            {"learner":{"attributes":{"best_iteration":"1"},"feature_names":["a","b"],"feature_types":["float","c"],
            "gradient_booster":{"model":{"cats":{"enc":[{"offsets":[],"values":[]},{"offsets":[0,1,3],"values":[120,121,122]}]},
            "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2"},"tree_info":[0,0,0],"trees":[
            {"categories":[1,3],"categories_nodes":[1],"categories_segments":[0],"categories_sizes":[2],
            "default_left":[1,0,0,0,0],"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],
            "split_conditions":[0.25,0,4,1,2],"split_indices":[0,1,0,0,0],"split_type":[0,1,0,0,0],
            "tree_param":{"num_nodes":"5","size_leaf_vector":"1"}},
            {"default_left":[0,0,0],"left_children":[1,-1,-1],"right_children":[2,-1,-1],
            "split_conditions":[-0.5,0.125,0.25],"split_indices":[0,0,0],"tree_param":{"size_leaf_vector":"0"}},
            {"default_left":[0],"left_children":[-1],"right_children":[-1],"split_conditions":[0.5],"split_indices":[0]}]},
            "name":"gbtree"},"learner_model_param":{"base_score":"%s","num_class":"0","num_feature":"2","num_target":"1"},
            "objective":{"name":"%s"}},"version":[3,4,0]}
            """.formatted(base, objective);
    }

    /** The first tree of the model above as UBJSON. */
    static byte[] ubjson() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            open(out, "learner");
            open(out, "gradient_booster");
            open(out, "model");
            key(out, "tree_info");
            out.writeBytes("[$l#L");
            out.writeLong(1);
            out.writeInt(0);
            key(out, "trees");
            out.writeBytes("[#L");
            out.writeLong(1);
            out.writeByte('{');
            ints(out, "left_children", 1, -1, -1);
            ints(out, "right_children", 2, -1, -1);
            ints(out, "split_indices", 0, 0, 0);
            key(out, "split_conditions");
            out.writeBytes("[$d#L");
            out.writeLong(3);
            out.writeFloat(0.25f);
            out.writeFloat(1);
            out.writeFloat(2);
            key(out, "default_left");
            out.writeBytes("[$U#L");
            out.writeLong(3);
            out.write(new byte[] {1, 0, 0});
            out.writeBytes("}}");
            text(out, "name", "gbtree");
            out.writeBytes("}");
            open(out, "learner_model_param");
            text(out, "base_score", "[5E-1]");
            text(out, "num_feature", "1");
            out.writeBytes("}");
            open(out, "objective");
            text(out, "name", "reg:squarederror");
            out.writeBytes("}}}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void open(DataOutputStream out, String name) throws IOException {
        if (out.size() == 0) {
            out.writeByte('{');
        }
        key(out, name);
        out.writeByte('{');
    }

    private static void key(DataOutputStream out, String name) throws IOException {
        out.writeByte('L');
        out.writeLong(name.length());
        out.writeBytes(name);
    }

    private static void text(DataOutputStream out, String name, String value) throws IOException {
        key(out, name);
        out.writeByte('S');
        key(out, value);
    }

    private static void ints(DataOutputStream out, String name, int... values) throws IOException {
        key(out, name);
        out.writeBytes("[$l#L");
        out.writeLong(values.length);
        for (int v : values) {
            out.writeInt(v);
        }
    }

    static ModelFile read(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8), Limits.standard());
    }

    static ModelFile read(byte[] bytes, Limits limits) {
        return read(bytes, limits, Optional.empty());
    }

    static ModelFile read(String text, TreeSelection trees) {
        return read(text.getBytes(StandardCharsets.UTF_8), Limits.standard(), Optional.of(trees));
    }

    /** Reads as a model is loaded: by the first reader that accepts the head. */
    private static ModelFile read(byte[] bytes, Limits limits, Optional<TreeSelection> trees) {
        MemorySegment segment = MemorySegment.ofArray(bytes);
        ModelSource source = new ModelSource(
                ModelBytes.of("model", segment), ExternalData.none(), StandardOperators.set(), limits, trees);
        for (ModelReader reader : List.of(new XgboostReader(), new LightgbmReader(), new CatboostReader())) {
            if (reader.accepts(segment.asSlice(0, Math.min(4096, segment.byteSize())))) {
                return reader.read(source);
            }
        }
        return null;
    }

    static List<Tensor> run(ModelFile model, float... row) {
        return Interpreter.run(model.graph(), List.of((Datum) Tensor.of(row, 1, row.length))).stream()
                .map(Tensor.class::cast)
                .toList();
    }

    static List<Tensor> run(ModelFile model, double... row) {
        return Interpreter.run(model.graph(), List.of((Datum) Tensor.of(row, 1, row.length))).stream()
                .map(Tensor.class::cast)
                .toList();
    }
}
