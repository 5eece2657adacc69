package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelRulesTest {
    private static final String TREE = "nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],"
            + " nodes_modes=[\"BRANCH_LEQ\", \"LEAF\", \"LEAF\"], nodes_values=[0.5f, 0.0f, 0.0f],"
            + " nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], class_treeids=[0, 0],"
            + " class_nodeids=[1, 2], class_ids=[0, 0], class_weights=[-1.0f, 1.0f]";
    private static final String LINEAR = "coefficients=[1.0f, 2.0f], intercepts=[0.5f]";
    private static final String SVM = "kernel_type=\"RBF\", kernel_params=[0.5f, 0.0f, 3.0f],"
            + " support_vectors=[1.0f, 2.0f, 3.0f, 4.0f], vectors_per_class=[1, 1], coefficients=[0.5f, -0.25f],"
            + " rho=[0.0f]";

    private static String graph(String operator, String attributes, String labels) {
        return "graph g(%x: f32[n,2]) {\n%y, %z = ai.onnx.ml." + operator + "<" + attributes + ", " + labels
                + ">(%x)\nreturn %y, %z\n}";
    }

    private static String after(String operator, String attributes, String numbers, String names) {
        return "graph g(%x: f32[n,2]) {\n%" + operator + "_1, %z = ai.onnx.ml." + operator + "<" + attributes + ", "
                + numbers + ">(%x)\n%const = const string[2] " + names + "\n%y = Gather(%const, %" + operator + "_1"
                + ")\nreturn %y, %z\n}";
    }

    private static String attributes(String operator) {
        return operator.startsWith("Tree") ? TREE : operator.startsWith("SVM") ? SVM : LINEAR;
    }

    /** Names become numbers and a table of names. Labels that are numbers stay. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tree-labels   | TreeEnsembleClassifier | classlabels_int64s
            linear-labels | LinearClassifier       | classlabels_ints
            svm-labels    | SVMClassifier          | classlabels_ints
            """)
    void modelsChooseANumber(String rule, String operator, String numbers) {
        String attributes = attributes(operator);
        Rewrites.becomes(
                LabelRules.SET,
                rule,
                graph(operator, attributes, "classlabels_strings=[\"no\", \"yes\"]"),
                after(operator, attributes, numbers + "=[0, 1]", "{\"no\", \"yes\"}"));
        Rewrites.refuses(LabelRules.SET, rule, graph(operator, attributes, numbers + "=[5, 6]"), "numbers");
    }

    @Test
    void aTreeOfThreeLabelsAnswersWithAName() {
        Rewrites.fires(
                LabelRules.SET,
                "tree-labels",
                graph(
                        "TreeEnsembleClassifier",
                        TREE.replace("class_ids=[0, 0]", "class_ids=[2, 1]"),
                        "classlabels_strings=[\"a\", \"b\", \"c\"]"));
    }

    @Test
    void aTreeOfOneLabelAnswersWithItsNumbers() {
        Rewrites.becomes(
                LabelRules.SET,
                "tree-labels",
                graph("TreeEnsembleClassifier", TREE, "classlabels_strings=[\"only\"]"),
                after("TreeEnsembleClassifier", TREE, "classlabels_int64s=[0]", "{\"0\", \"1\"}"));
    }
}
