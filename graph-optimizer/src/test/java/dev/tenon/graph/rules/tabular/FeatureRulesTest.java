package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureRulesTest {
    private static String columns(String type, String indices) {
        return "graph g(%x: " + type + ") {\n%i = const " + indices
                + "\n%y = ai.onnx.ml.ArrayFeatureExtractor(%x, %i)\nreturn %y\n}";
    }

    private static String matrices(String first, String second, String dimensions) {
        return "graph g(%x: " + first + ", %z: " + second + ") {\n%y = ai.onnx.ml.FeatureVectorizer<inputdimensions="
                + dimensions + ">(%x, %z)\nreturn %y\n}";
    }

    @Test
    void columnsAreGathered() {
        Rewrites.becomes(FeatureRules.SET, "feature-columns", columns("f32[n,3]", "i64[2] {2, 0}"), """
                graph g(%x: f32[n,3]) {
                  %i = const i64[2] {2, 0}
                  %y = Gather<axis=-1>(%x, %i)
                  return %y
                }
                """);
        Rewrites.becomes(FeatureRules.SET, "feature-columns", columns("f32[n,5]", "i64[3] {1, 2, 3}"), """
                graph g(%x: f32[n,5]) {
                  %const = const i64[1] {1}
                  %const_1 = const i64[1] {4}
                  %const_2 = const i64[1] {-1}
                  %y = Slice(%x, %const, %const_1, %const_2)
                  return %y
                }
                """);
        for (String type : List.of("f32[n,c]", "f32[n,3]")) {
            String indices = type.equals("f32[n,c]") ? "i64[2] {1, 2}" : "i64[1] {2}";
            Rewrites.becomes(
                    FeatureRules.SET,
                    "feature-columns",
                    columns(type, indices),
                    columns(type, indices).replace("ai.onnx.ml.ArrayFeatureExtractor", "Gather<axis=-1>"));
        }
        // A column that is not there is an error. A Slice would leave it out.
        Rewrites.stays(FeatureRules.SET, columns("f32[n,3]", "i64[2] {2, 3}"));
        Rewrites.refuses(FeatureRules.SET, "feature-columns", columns("f32[3]", "i64[2] {2, 0}"), "a row");
        Rewrites.refuses(FeatureRules.SET, "feature-columns", columns("f32[n,c]", "i64[2] {2, -1}"), "negative");
        Rewrites.refuses(FeatureRules.SET, "feature-columns", columns("f32[n,3]", "i64[1,1] {2}"), "constant vector");
    }

    @Test
    void matricesAreJoined() {
        Rewrites.becomes(FeatureRules.SET, "feature-matrices", matrices("f32[n,2]", "f32[n,3]", "[2, 3]"), """
                graph g(%x: f32[n,2], %z: f32[n,3]) {
                  %y = Concat<axis=1>(%x, %z)
                  return %y
                }
                """);
        Rewrites.becomes(FeatureRules.SET, "feature-matrices", matrices("i64[n,2]", "i64[n,3]", "[2, 3]"), """
                graph g(%x: i64[n,2], %z: i64[n,3]) {
                  %Cast = Cast<to=1>(%x)
                  %Cast_1 = Cast<to=1>(%z)
                  %y = Concat<axis=1>(%Cast, %Cast_1)
                  return %y
                }
                """);
        Rewrites.refuses(
                FeatureRules.SET, "feature-matrices", matrices("f32[n,2]", "f32[n,3]", "[2, 4]"), "cut off or added");
        Rewrites.refuses(FeatureRules.SET, "feature-matrices", matrices("f32[n,2]", "f32[n]", "[2, 1]"), "no matrix");
    }

    @Test
    void thresholdsAreComparisons() {
        String graph = "graph g(%x: TYPE[n,3]) {\n%y = ai.onnx.ml.Binarizer<threshold=0.5f>(%x)\nreturn %y\n}";
        Rewrites.becomes(FeatureRules.SET, "feature-threshold", graph.replace("TYPE", "f32"), """
                graph g(%x: f32[n,3]) {
                  %const = const f32[] {0.5}
                  %Greater = Greater(%x, %const)
                  %const_1 = const f32[] {1.0}
                  %const_2 = const f32[] {0.0}
                  %y = Where(%Greater, %const_1, %const_2)
                  return %y
                }
                """);
        Rewrites.refuses(FeatureRules.SET, "feature-threshold", graph.replace("TYPE", "f64"), "float32");
    }
}
