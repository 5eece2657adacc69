package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;

class DistanceRulesTest {
    private static String graph(String a, String b, String axes, String reduction) {
        String[] axis = axes.split(",");
        return "graph g(%a: " + a + ", %b: " + b + ") {\n%i = const i64[1] {" + axis[0] + "}\n%j = const i64[1] {"
                + axis[1] + "}\n%k = const i64[1] {" + axis[2] + "}\n%u = Unsqueeze(%a, %i)\n%v = Unsqueeze(%b, %j)\n"
                + "%d = Sub(%u, %v)\n%y = " + reduction + "(%d, %k)\nreturn %y\n}";
    }

    private static void refuses(String a, String b, String axes, String reduction, String reason) {
        Rewrites.refuses(DistanceRules.SET, "pairwise-distances", graph(a, b, axes, reduction), reason);
    }

    @Test
    void differencesOfAllRowsAreDistances() {
        String root = "ReduceL2<keepdims=0>";
        Rewrites.becomes(DistanceRules.SET, "pairwise-distances", graph("f32[n,3]", "f32[m,3]", "1,0,2", root), """
                graph g(%a: f32[n,3], %b: f32[m,3]) {
                  %y = dev.tenon.PairwiseDistances(%a, %b)
                  return %y
                }
                """);
        Rewrites.becomes(
                DistanceRules.SET,
                "pairwise-distances",
                graph("f32[n,c]", "f32[m,c]", "-2,-3,-1", "ReduceSumSquare<keepdims=0>"),
                """
                graph g(%a: f32[n,c], %b: f32[m,c]) {
                  %y = dev.tenon.PairwiseDistances<squared=1>(%a, %b)
                  return %y
                }
                """);
        refuses("f64[n,3]", "f64[m,3]", "1,0,2", root, "float32");
        refuses("f32[n,3]", "f32[m,1]", "1,0,2", root, "rows of 3 and 1");
        refuses("f32[n,3]", "f32[m,3]", "0,1,2", root, "the first operand");
        refuses("f32[n,3]", "f32[n,3]", "1,1,2", root, "the second operand");
        refuses("f32[n,3]", "f32[m,3]", "1,0,1", root, "the last axis");
        refuses("f32[n,3]", "f32[m,3]", "1,0,2", "ReduceL2", "the last axis");
        refuses("f32[2,n,3]", "f32[2,m,3]", "1,1,2", root, "the first operand");
    }

    @Test
    void theSecondMatrixMayBeAConstant() {
        String before = """
                graph g(%a: f32[n,2]) {
                  %i = const i64[1] {1}
                  %k = const i64[1] {2}
                  %v = const f32[DIMS] {1, 2, 3, 4, 5, 6}
                  %u = Unsqueeze(%a, %i)
                  %d = Sub(%u, %v)
                  %y = ReduceSumSquare<keepdims=0>(%d, %k)
                  return %y
                }
                """;
        Rewrites.becomes(DistanceRules.SET, "pairwise-distances", before.replace("DIMS", "1,3,2"), """
                graph g(%a: f32[n,2]) {
                  %const = const f32[3,2] {1, 2, 3, 4, 5, 6}
                  %y = dev.tenon.PairwiseDistances<squared=1>(%a, %const)
                  return %y
                }
                """);
        Rewrites.refuses(
                DistanceRules.SET, "pairwise-distances", before.replace("DIMS", "3,1,2"), "the second operand");
    }

    @Test
    void axesOfOneElementMayComeFromElsewhere() {
        String text = """
                graph g(%a: f32[n,LEFT,2], %b: f32[RIGHT,m,2]) {
                  %k = const i64[1] {2}
                  %d = Sub(%a, %b)
                  %y = ReduceSumSquare<keepdims=0>(%d, %k)
                  return %y
                }
                """;
        Rewrites.becomes(
                DistanceRules.SET,
                "pairwise-distances",
                text.replace("LEFT", "1").replace("RIGHT", "1"),
                """
                graph g(%a: f32[n,1,2], %b: f32[1,m,2]) {
                  %const = const i64[1] {1}
                  %Squeeze = Squeeze(%a, %const)
                  %const_1 = const i64[1] {0}
                  %Squeeze_1 = Squeeze(%b, %const_1)
                  %y = dev.tenon.PairwiseDistances<squared=1>(%Squeeze, %Squeeze_1)
                  return %y
                }
                """);
        Rewrites.refuses(
                DistanceRules.SET,
                "pairwise-distances",
                text.replace("LEFT", "m").replace("RIGHT", "n"),
                "the first operand");
        Rewrites.refuses(
                DistanceRules.SET,
                "pairwise-distances",
                text.replace("n,LEFT,2", "m,1").replace("RIGHT,m,2", "1,m,1"),
                "the first operand");
    }
}
