package dev.tenon.graph.rules.algebra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlgebraRulesTest {
    private static void becomes(String rule, String before, String after) {
        Rewrites.becomes(AlgebraRules.SET, rule, before, after);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            identity          | f32 | %y = Identity(%x)
            dropout           | f32 | %y = Dropout(%x)
            dropout           | f32 | %y, _ = Dropout(%x)
            dropout           | f32 | %r = const f32[] {0} %t = const bool[] {true} %y = Dropout(%x, %r, %t)
            dropout           | f32 | %n = Neg(%x) %m = ReduceMax<keepdims=0>(%n) %t = const bool[] {false} %y = Dropout(%x, %m, %t)
            dropout           | f32 | %r = const f32[] {0.5} %t = const bool[] {false} %y, %m = Dropout(%x, %r, %t)
            add-zero          | f32 | %c = const f32[1] {-0.0} %y = Add(%x, %c)
            add-zero          | f32 | %c = const f32[2,1] {-0.0, -0.0} %y = Add(%c, %x)
            add-zero          | i64 | %c = const i64[] {0} %y = Add(%c, %x)
            add-positive-zero | f32 | %c = const f32[1] {0.0} %y = Add(%x, %c)
            sub-zero          | f32 | %c = const f32[1] {0.0} %y = Sub(%x, %c)
            sub-zero          | i32 | %c = const i32[1] {0} %y = Sub(%x, %c)
            mul-one           | f16 | %c = const f16[1] {1.0} %y = Mul(%c, %x)
            div-one           | f32 | %c = const f32[1] {1.0} %y = Div(%x, %c)
            div-one           | i64 | %c = const i64[1] {1} %y = Div(%x, %c)
            pow-one           | f32 | %c = const i64[1] {1} %y = Pow(%x, %c)
            neg-neg           | f32 | %a = Neg(%x) %y = Neg(%a)
            not-not           | bool | %a = Not(%x) %y = Not(%a)
            one-operand       | f32 | %y = Sum(%x)
            one-operand       | f32 | %y = Mean(%x)
            one-operand       | f32 | %y = Max(%x)
            concat-one        | f32 | %y = Concat<axis=1>(%x)
            split-one         | f32 | %s = const i64[1] {2} %y = Split<axis=0>(%x, %s)
            split-one-even    | f32 | %y = Split<axis=1, num_outputs=1>(%x)
            cast-none         | f32 | %y = Cast<to=1>(%x)
            view-none         | f32 | %s = const i64[2] {0, -1} %y = Reshape(%x, %s)
            view-none         | f32 | %s = Shape(%x) %y = Reshape(%x, %s)
            view-none         | f32 | %s = const i64[0] {} %y = Unsqueeze(%x, %s)
            view-none         | f32 | %s = const i64[0] {} %y = Squeeze(%x, %s)
            view-none         | f32 | %y = Flatten(%x)
            view-none         | f32 | %s = const i64[2] {2, 1} %y = Expand(%x, %s)
            view-none         | f32 | %s = const i64[2] {1, 1} %y = Tile(%x, %s)
            slice-all         | f32 | %a = const i64[1] {0} %e = const i64[1] {100} %y = Slice(%x, %a, %e, %a)
            slice-all         | f32 | %a = const i64[1] {0} %e = const i64[1] {100} %s = const i64[1] {1} %y = Slice(%x, %a, %e, %a, %s)
            slice-all         | f32 | %a = const i64[0] {} %y = Slice(%x, %a, %a, %a, %a)
            pad-none          | f32 | %p = const i64[4] {0, 0, 0, 0} %y = Pad(%x, %p)
            """)
    void operatorsThatChangeNothingAreDropped(String rule, String type, String nodes) {
        becomes(
                rule,
                "graph g(%x: " + type + "[2,n]) {\n" + nodes.replace(" %", "\n%") + "\nreturn out=%y\n}",
                "graph g(%x: " + type + "[2,n]) { return out=%x }");
    }

    @Test
    void whereWithTwoEqualBranchesIsTheBranch() {
        becomes(
                "where-same",
                "graph g(%c: bool[2], %x: f32[3,2]) { %y = Where(%c, %x, %x) return out=%y }",
                "graph g(%c: bool[2], %x: f32[3,2]) { return out=%x }");
    }

    @Test
    void idempotentOperatorsAreAppliedOnce() {
        becomes(
                "idempotent-repeated",
                "graph g(%x: f32[n]) { %a = Relu(%x) %b = Relu(%a) %y = Relu(%b) return out=%y }",
                "graph g(%x: f32[n]) { %a = Relu(%x) return out=%a }");
    }

    @Test
    void aSumOfTwoIsAnAddition() {
        becomes(
                "sum-of-two",
                "graph g(%x: f32[n,3], %z: f32[3]) { %y = Sum(%x, %z) return %y }",
                "graph g(%x: f32[n,3], %z: f32[3]) { %y = Add(%x, %z) return %y }");
    }

    @Test
    void castsThatLoseNothingAreSkipped() {
        becomes(
                "cast-chain",
                "graph g(%x: i32[n]) { %a = Cast<to=11>(%x) %y = Cast<to=1>(%a) return %y }",
                "graph g(%x: i32[n]) { %y = Cast<to=1>(%x) return %y }");
        becomes(
                "cast-chain",
                "graph g(%x: bool[n]) { %a = Cast<to=1>(%x) %b = Cast<to=11>(%a) %y = Cast<to=9>(%b) return out=%y }",
                "graph g(%x: bool[n]) { return out=%x }");
    }

    /** Each number of the first type is one of the second. */
    @ParameterizedTest
    @CsvSource({
        "u8, 4, 1", "i8, 6, 2", "i8, 1, 3", "i8, 1, 6", "i32, 11, 10", "f32, 11, 6", "f32, 1, 11", "f32, 11, 10",
        "f16, 1, 11", "f16, 10, 1", "bf16, 1, 11", "bf16, 11, 10", "u8, 16, 1", "bool, 6, 1", "bool, 1, 6",
                "bool, 10, 1"
    })
    void oneCastIsEnough(String type, int through, int to) {
        Rewrites.fires(
                AlgebraRules.SET.where(r -> r.name().equals("cast-chain")),
                "cast-chain",
                "graph g(%x: " + type + "[n]) { %a = Cast<to=" + through + ">(%x) %y = Cast<to=" + to
                        + ">(%a) return out=%y }");
    }

    @ParameterizedTest
    @CsvSource({
        "f32, 10, 1",
        "f32, 7, 1",
        "i64, 1, 7",
        "i32, 6, 3",
        "f16, 16, 1",
        "i32, 1, 7",
        "u8, 3, 6",
        "bool, 22, 1",
        "bool, 17, 1",
        "bool, 8, 1",
        "f8e4m3fn, 1, 11",
        "i8, 17, 1",
        "i8, 9, 1",
        "bf16, 8, 1",
        "bf16, 10, 1",
        "string, 1, 10",
        "i8, 4, 1",
        "f64, 1, 10"
    })
    void castsThatLoseStay(String type, int through, int to) {
        String text = "graph g(%x: " + type + "[n]) { %a = Cast<to=" + through + ">(%x) %y = Cast<to=" + to
                + ">(%a) return %y }";
        if (type.equals("i32") && through == 6) {
            Rewrites.fires(AlgebraRules.SET, "cast-none", text);
        } else {
            Rewrites.refuses(AlgebraRules.SET, "cast-chain", text, "does not hold every number");
        }
    }

    @ParameterizedTest
    @CsvSource({"bool, 7", "f32, 11", "i32, 1"})
    void textsDependOnTheTypeThatIsPrinted(String type, int through) {
        Rewrites.refuses(
                AlgebraRules.SET,
                "cast-chain",
                "graph g(%x: " + type + "[n]) { %a = Cast<to=" + through + ">(%x) %y = Cast<to=8>(%a) return %y }",
                "texts of");
    }

    @Test
    void aFloatOutOfRangeBecomesAnotherIntegerThanAnInteger() {
        Rewrites.refuses(
                AlgebraRules.SET,
                "cast-chain",
                "graph g(%x: i32[n]) { %a = Cast<to=11>(%x) %y = Cast<to=3>(%a) return %y }",
                "i8 does not hold every number of i32");
    }

    @Test
    void viewsOfViewsBecomeOne() {
        becomes("view-chain", """
            graph g(%x: f32[n,4,6]) {
              %s = const i64[2] {-1, 24}
              %a = Reshape(%x, %s)
              %one = const i64[1] {1}
              %b = Unsqueeze(%a, %one)
              %t = const i64[4] {0, 1, 8, 3}
              %y = Reshape(%b, %t)
              return %y
            }
            """, """
            graph g(%x: f32[n,4,6]) {
              %const_1 = const i64[4] {0, 1, 8, 3}
              %y = Reshape(%x, %const_1)
              return %y
            }
            """);
    }

    @Test
    void viewsThatUndoEachOtherGo() {
        becomes("view-none", """
            graph g(%x: f32[n,m]) {
              %one = const i64[1] {1}
              %a = Unsqueeze(%x, %one)
              %y = Squeeze(%a, %one)
              return out=%y
            }
            """, "graph g(%x: f32[n,m]) { return out=%x }");
    }

    @Test
    void viewsOfWhichTwoDimensionsAreUnknownStay() {
        Rewrites.refuses(AlgebraRules.SET, "view-chain", """
            graph g(%x: f32[n,m]) {
              %s = const i64[1] {1}
              %a = Unsqueeze(%x, %s)
              %z = const i64[1] {0}
              %y = Unsqueeze(%a, %z)
              return %y
            }
            """, "two dimensions");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            identity          | f32 | %y = Neg(%x)
            add-zero          | f32 | %c = const f32[1] {0.0} %y = Add(%x, %c)
            add-zero          | f32 | %c = const f32[3,1,1] {-0.0, -0.0, -0.0} %y = Add(%x, %c)
            add-positive-zero | f32 | %c = const f32[1] {1.0} %y = Add(%x, %c)
            add-positive-zero | i32 | %c = const i32[1] {0} %y = Add(%x, %c)
            sub-zero          | f32 | %c = const f32[1] {-0.0} %y = Sub(%x, %c)
            sub-zero          | f32 | %c = const f32[1] {0.0} %y = Sub(%c, %x)
            mul-one           | f32 | %c = const f32[1] {2.0} %y = Mul(%x, %c)
            mul-one           | f32 | %c = const f32[3,1,1] {1.0, 1.0, 1.0} %y = Mul(%x, %c)
            div-one           | f32 | %c = const f32[1] {1.0} %y = Div(%c, %x)
            pow-one           | f32 | %c = const f32[1] {2.0} %y = Pow(%x, %c)
            pow-one           | f32 | %c = const f32[1] {1.0} %y = Pow(%c, %x)
            neg-neg           | f32 | %a = Neg(%x) %b = Abs(%a) %y = Neg(%b)
            not-not           | bool | %a = Not(%x) %b = And(%a, %x) %y = Not(%b)
            idempotent-repeated    | f32 | %a = Relu(%x) %y = Abs(%a)
            idempotent-repeated    | f32 | %a = Neg(%x) %y = Neg(%a)
            one-operand       | f32 | %y = Sum(%x, %x)
            sum-of-two        | f32 | %y = Sum(%x)
            sum-of-two        | f32 | %y = Sum(%x, %x, %x)
            concat-one        | f32 | %y = Concat<axis=1>(%x, %x)
            split-one         | f32 | %s = const i64[2] {1, 1} %y, %z = Split<axis=0>(%x, %s)
            split-one-even    | f32 | %y, %z = Split<axis=0, num_outputs=2>(%x)
            split-one-even    | f32 | %y, %z = Split<axis=1, num_outputs=2>(%x)
            slice-all         | f32 | %a = const i64[1] {0} %e = const i64[1] {100} %o = const i64[1] {1} %s = Abs(%o) %y = Slice(%x, %a, %e, %a, %s)
            pad-none          | f32 | %a = const i64[4] {0, 0, 0, 0} %p = Neg(%a) %y = Pad(%x, %p)
            where-same        | f32 | %c = const bool[2,1] {true, false} %a = Neg(%x) %y = Where(%c, %x, %a)
            where-same        | f32 | %c = const bool[3,1,1] {true, true, true} %y = Where(%c, %x, %x)
            cast-none         | i64 | %y = Cast<to=1>(%x)
            view-none         | f32 | %s = const i64[1] {-1} %y = Reshape(%x, %s)
            view-none         | f32 | %s = const i64[3] {1, 2, 1} %y = Expand(%x, %s)
            view-none         | f32 | %s = const i64[2] {1, 2} %y = Tile(%x, %s)
            slice-all         | f32 | %b = const i64[1] {-1} %e = const i64[1] {-9} %a = const i64[1] {0} %y = Slice(%x, %b, %e, %a, %b)
            slice-all         | f32 | %a = const i64[1] {0} %e = const i64[1] {1} %y = Slice(%x, %a, %e, %a)
            pad-none          | f32 | %p = const i64[4] {0, 1, 0, -1} %y = Pad(%x, %p)
            """)
    void operatorsThatChangeSomethingStay(String rule, String type, String nodes) {
        Rewrites.stays(
                AlgebraRules.SET,
                rule,
                "graph g(%x: " + type + "[2,n]) {\n" + nodes.replace(" %", "\n%") + "\nreturn %y\n}");
    }

    /** A constant of one element may have dimensions. If the rank is not known, they may be those of the result. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            add-zero          | %c = const f32[1] {-0.0} %y = Add(%x, %c)
            add-positive-zero | %c = const f32[1] {0.0} %y = Add(%x, %c)
            sub-zero          | %c = const f32[1,1] {0.0} %y = Sub(%x, %c)
            mul-one           | %c = const f32[1] {1.0} %y = Mul(%c, %x)
            div-one           | %c = const f32[1] {1.0} %y = Div(%x, %c)
            pow-one           | %c = const f32[1] {1.0} %y = Pow(%x, %c)
            """)
    void aConstantMayHaveMoreDimensionsThanAnUnknownRank(String rule, String nodes) {
        String text = "graph g(%x: f32[*]) {\n" + nodes.replace(" %", "\n%") + "\nreturn out=%y\n}";
        Rewrites.refuses(AlgebraRules.SET, rule, text, "the rank is not known");
        RewriteTrace trace = new RewriteTrace();
        Graph number = Graphs.parse(text.replaceAll("f32\\[1(,1)?]", "f32[]"));
        assertThat(new Rewriter(AlgebraRules.SET).apply(number, trace).nodes()).isEmpty();
        assertThat(trace.count(rule)).isEqualTo(1);
    }

    @Test
    void dropoutKeepsAMaskThatIsUsed() {
        Rewrites.refuses(
                AlgebraRules.SET,
                "dropout",
                "graph g(%x: f32[n]) { %y, %m = Dropout(%x) return %y, %m }",
                "its mask is used");
        Rewrites.refuses(
                AlgebraRules.SET,
                "dropout",
                "graph g(%x: f32[n], %t: bool[]) { %y = Dropout(%x, _, %t) return %y }",
                "training_mode is not constant");
        Rewrites.refuses(
                AlgebraRules.SET,
                "dropout",
                "graph g(%x: f32[n], %r: f32[]) { %t = const bool[] {true} %y = Dropout(%x, %r, %t) return %y }",
                "training_mode is true");
    }
}
