package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearModelRulesTest {
    private static String one(String type, String operator, String attributes) {
        return "graph g(%x: " + type + ") {\n%y = ai.onnx.ml." + operator + "<" + attributes + ">(%x)\nreturn %y\n}";
    }

    private static String both(String operator, String attributes) {
        return "graph g(%x: f32[n,2]) {\n%y, %z = ai.onnx.ml." + operator + "<" + attributes
                + ">(%x)\nreturn %y, %z\n}";
    }

    private static String regressor(String type, String more) {
        String attributes = "coefficients=[1.0f, 2.0f, 3.0f, 4.0f], intercepts=[0.5f, -0.5f], targets=2" + more;
        return one(type, "LinearRegressor", attributes);
    }

    private static String svmRegressor(String more) {
        return one(
                "f32[n,2]",
                "SVMRegressor",
                "support_vectors=[1.0f, 2.0f, 3.0f, 4.0f], n_supports=2, coefficients=[0.5f, -0.25f], rho=[0.75f]"
                        + more);
    }

    private static String svmOfTwo(String more) {
        return both(
                "SVMClassifier",
                "support_vectors=[1.0f, 2.0f, 3.0f, 4.0f], vectors_per_class=[1, 1], coefficients=[0.5f, -0.25f],"
                        + " rho=[0.75f], classlabels_ints=[3, 7]" + more);
    }

    @Test
    void aRegressorIsAProduct() {
        Rewrites.becomes(
                LinearModelRules.SET, "linear-regressor", regressor("f32[n,2]", ", post_transform=\"SOFTMAX\""), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[2] {0.5, -0.5}
                  %Add = Add(%TransposedMatMul, %const_1)
                  %y = Softmax<axis=1>(%Add)
                  return %y
                }
                """);
    }

    @Test
    void aSingleTargetIsNotTransformed() {
        String attributes = "coefficients=[1.0f, 2.0f], post_transform=\"LOGISTIC\"";
        Rewrites.becomes(LinearModelRules.SET, "linear-regressor", one("f32[n,2]", "LinearRegressor", attributes), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[1,2] {1.0, 2.0}
                  %y = dev.tenon.TransposedMatMul(%x, %const)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource({"'f64[n,2]', float32", "'i64[n,2]', float32", "'f32[2]', matrix", "'f32[n,c]', columns"})
    void rowsMustBeFloatsOfKnownColumns(String type, String reason) {
        Rewrites.refuses(LinearModelRules.SET, "linear-regressor", regressor(type, ""), reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROBIT", "SOFTMAX_ZERO"})
    void rareTransformationsStay(String transform) {
        String more = ", post_transform=\"" + transform + "\"";
        Rewrites.refuses(LinearModelRules.SET, "linear-regressor", regressor("f32[n,2]", more), transform);
        Rewrites.refuses(LinearModelRules.SET, "linear-svm-classifier", svmOfTwo(more), transform);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "LOGISTIC", "SOFTMAX"})
    void usualTransformationsAreOperators(String transform) {
        String more = ", post_transform=\"" + transform + "\"";
        Rewrites.fires(LinearModelRules.SET, "linear-regressor", regressor("f32[n,2]", more));
        Rewrites.fires(
                LinearModelRules.SET,
                "linear-classifier",
                both(
                        "LinearClassifier",
                        "coefficients=[1.0f, 2.0f, 3.0f, 4.0f, -1.0f, 0.5f], classlabels_ints=[3, 7, 9]" + more));
        Rewrites.fires(LinearModelRules.SET, "linear-svm-regressor", svmRegressor(more));
    }

    @Test
    void oneResultIsNotTransformed() {
        String zero = ", post_transform=\"SOFTMAX_ZERO\"";
        Rewrites.fires(
                LinearModelRules.SET,
                "linear-regressor",
                one("f32[n,2]", "LinearRegressor", "coefficients=[1.0f, 2.0f]" + zero));
        Rewrites.fires(LinearModelRules.SET, "linear-svm-regressor", svmRegressor(zero));
        String probit = ", post_transform=\"PROBIT\"";
        Rewrites.refuses(LinearModelRules.SET, "linear-svm-regressor", svmRegressor(probit), "PROBIT");
    }

    @Test
    void columnsThatAreMissingStay() {
        String classifier = "coefficients=[1.0f, 2.0f, 3.0f, 4.0f], classlabels_ints=[3, 7]";
        Rewrites.refuses(
                LinearModelRules.SET,
                "linear-classifier",
                both("LinearClassifier", classifier).replace("f32[n,2]", "f32[n,1]"),
                "those of the model");
    }

    @Test
    void oneScoreStandsForTwoClasses() {
        String attributes = "coefficients=[1.0f, 2.0f], intercepts=[0.5f], classlabels_ints=[3, 7], post_transform=";
        Rewrites.becomes(
                LinearModelRules.SET, "linear-classifier", both("LinearClassifier", attributes + "\"LOGISTIC\""), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[2,2] {-1.0, -2.0, 1.0, 2.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[2] {-0.5, 0.5}
                  %Add = Add(%TransposedMatMul, %const_1)
                  %const_2 = const i64[] {1}
                  %Gather = Gather<axis=1>(%Add, %const_2)
                  %const_3 = const f32[1] {0.0}
                  %Greater = Greater(%Gather, %const_3)
                  %Cast = Cast<to=6>(%Greater)
                  %const_4 = const i64[2] {3, 7}
                  %y = Gather(%const_4, %Cast)
                  %z = Sigmoid(%Add)
                  return %y, %z
                }
                """);
        Rewrites.fires(LinearModelRules.SET, "linear-classifier", both("LinearClassifier", attributes + "\"NONE\""));
        Rewrites.fires(LinearModelRules.SET, "linear-classifier", both("LinearClassifier", attributes + "\"SOFTMAX\""));
        Rewrites.refuses(
                LinearModelRules.SET,
                "linear-classifier",
                both("LinearClassifier", "coefficients=[1.0f, 2.0f], intercepts=[0.5f], classlabels_ints=[3]"),
                "two classes");
    }

    @Test
    void theGreatestScoreDecides() {
        String attributes = "coefficients=[1.0f, 2.0f, 3.0f, 4.0f], intercepts=[0.5f, -0.5f],"
                + " classlabels_strings=[\"a\", \"b\"], post_transform=\"SOFTMAX\"";
        Rewrites.becomes(LinearModelRules.SET, "linear-classifier", both("LinearClassifier", attributes), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[2] {0.5, -0.5}
                  %Add = Add(%TransposedMatMul, %const_1)
                  %ArgMax = ArgMax<axis=1, keepdims=0>(%Add)
                  %const_2 = const string[2] {"a", "b"}
                  %y = Gather(%const_2, %ArgMax)
                  %z = Softmax<axis=1>(%Add)
                  return %y, %z
                }
                """);
    }

    @Test
    void supportVectorsAreAddedUp() {
        Rewrites.becomes(LinearModelRules.SET, "linear-svm-regressor", svmRegressor(", one_class=1"), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[1,2] {-0.25, 0.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[1] {0.75}
                  %Add = Add(%TransposedMatMul, %const_1)
                  %const_2 = const f32[1] {0.0}
                  %Greater = Greater(%Add, %const_2)
                  %const_3 = const f32[1] {1.0}
                  %const_4 = const f32[1] {-1.0}
                  %y = Where(%Greater, %const_3, %const_4)
                  return %y
                }
                """);
        Rewrites.fires(
                LinearModelRules.SET,
                "linear-svm-regressor",
                one("f32[n,2]", "SVMRegressor", "coefficients=[0.5f, -0.25f], rho=[0.75f]"));
        Rewrites.fires(
                LinearModelRules.SET,
                "linear-svm-regressor",
                one(
                        "f32[n,2]",
                        "SVMRegressor",
                        "kernel_type=\"RBF\", kernel_params=[0.5f, 0.0f, 3.0f], coefficients=[0.5f, -0.25f],"
                                + " rho=[0.75f]"));
        Rewrites.fires(
                LinearModelRules.SET,
                "linear-svm-regressor",
                one(
                        "f32[n,2]",
                        "SVMRegressor",
                        "support_vectors=[1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f], n_supports=3,"
                                + " coefficients=[0.5f, -0.25f, 1.0f], rho=[0.75f]"));
        for (String more : List.of("", ", vectors_per_class=[0, 0]")) {
            Rewrites.refuses(
                    LinearModelRules.SET,
                    "linear-svm-classifier",
                    both(
                            "SVMClassifier",
                            "coefficients=[0.5f, -0.25f, 1.0f, 2.0f], rho=[0.75f, 0.5f], classlabels_ints=[3, 7]"
                                    + more),
                    "no support vectors");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RBF", "POLY", "SIGMOID"})
    void otherKernelFunctionsStay(String kernel) {
        String more = ", kernel_type=\"" + kernel + "\", kernel_params=[0.5f, 0.0f, 3.0f]";
        Rewrites.refuses(LinearModelRules.SET, "linear-svm-regressor", svmRegressor(more), "not linear");
        Rewrites.refuses(LinearModelRules.SET, "linear-svm-classifier", svmOfTwo(more), "not linear");
    }

    @Test
    void twoClassesHaveOneDecision() {
        Rewrites.becomes(LinearModelRules.SET, "linear-svm-classifier", svmOfTwo(""), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[2,2] {0.25, -0.0, -0.25, 0.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[2] {-0.75, 0.75}
                  %z = Add(%TransposedMatMul, %const_1)
                  %const_2 = const i64[] {1}
                  %Gather = Gather<axis=1>(%z, %const_2)
                  %const_3 = const f32[1] {0.0}
                  %Greater = Greater(%Gather, %const_3)
                  %Cast = Cast<to=6>(%Greater)
                  %const_4 = const i64[2] {7, 3}
                  %y = Gather(%const_4, %Cast)
                  return %y, %z
                }
                """);
        Rewrites.fires(LinearModelRules.SET, "linear-svm-classifier", svmOfTwo(", post_transform=\"LOGISTIC\""));
        Rewrites.fires(LinearModelRules.SET, "linear-svm-classifier", svmOfTwo(", post_transform=\"SOFTMAX\""));
    }

    @Test
    void decisionsAreVotes() {
        String attributes = "support_vectors=[1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f], vectors_per_class=[1, 1, 1],"
                + " coefficients=[0.5f, -0.25f, 1.0f, 2.0f, -1.0f, 0.5f], rho=[0.75f, 0.5f, -1.0f],"
                + " classlabels_strings=[\"a\", \"b\", \"c\"]";
        Rewrites.becomes(LinearModelRules.SET, "linear-svm-classifier", both("SVMClassifier", attributes), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[3,2] {-0.25, 0.0, 7.0, 10.0, -0.5, -1.0}
                  %TransposedMatMul = dev.tenon.TransposedMatMul(%x, %const)
                  %const_1 = const f32[3] {0.75, 0.5, -1.0}
                  %z = Add(%TransposedMatMul, %const_1)
                  %const_2 = const f32[1] {0.0}
                  %Greater = Greater(%z, %const_2)
                  %Cast = Cast<to=1>(%Greater)
                  %const_3 = const f32[3,3] {1.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 1.0, -1.0}
                  %MatMul = MatMul(%Cast, %const_3)
                  %const_4 = const f32[3] {0.0, 1.0, 2.0}
                  %Add_1 = Add(%MatMul, %const_4)
                  %ArgMax = ArgMax<axis=1, keepdims=0>(%Add_1)
                  %const_5 = const string[3] {"a", "b", "c"}
                  %y = Gather(%const_5, %ArgMax)
                  return %y, %z
                }
                """);
        Rewrites.refuses(
                LinearModelRules.SET,
                "linear-svm-classifier",
                both("SVMClassifier", attributes + ", prob_a=[1.0f, 1.0f, 1.0f], prob_b=[0.0f, 0.0f, 0.0f]"),
                "probabilities");
    }
}
