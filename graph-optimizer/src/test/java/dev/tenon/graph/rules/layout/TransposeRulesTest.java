package dev.tenon.graph.rules.layout;

import dev.tenon.graph.rules.Rewrites;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposeRulesTest {
    private static void becomes(String rule, String before, String after) {
        Rewrites.becomes(TransposeRules.SET, rule, before, after);
    }

    @Test
    void aTransposeByTheIdentityGoes() {
        becomes(
                "transpose-none",
                "graph g(%x: f32[a,b,c]) { %y = Transpose<perm=[0, 1, 2]>(%x) return out=%y }",
                "graph g(%x: f32[a,b,c]) { return out=%x }");
    }

    @Test
    void transposesMerge() {
        becomes("transpose-chain", """
            graph g(%x: f32[a,b,c]) {
              %s = Transpose<perm=[1, 2, 0]>(%x)
              %y = Transpose<perm=[0, 2, 1]>(%s)
              return %y
            }
            """, "graph g(%x: f32[a,b,c]) { %y = Transpose<perm=[1, 0, 2]>(%x) return %y }");
        becomes("transpose-chain", """
            graph g(%x: f32[a,b,c]) {
              %s = Transpose(%x)
              %y = Transpose(%s)
              return out=%y
            }
            """, "graph g(%x: f32[a,b,c]) { return out=%x }");
    }

    @Test
    void transposesMeetAfterElementwiseOperators() {
        becomes("transpose-after-unary", """
            graph g(%x: f32[a,3,b], %z: f32[a,3,b]) {
              %s = Transpose<perm=[0, 2, 1]>(%x)
              %t = Relu(%s)
              %c = const f32[3] {1.0, 2.0, 3.0}
              %u = Add(%t, %c)
              %w = Transpose<perm=[0, 2, 1]>(%z)
              %v = Mul(%u, %w)
              %two = const f32[] {2.0}
              %lo = const f32[] {0.0}
              %d = Div(%two, %v)
              %k = Clip(%d, %lo, _)
              %y = Transpose<perm=[0, 2, 1]>(%k)
              return %y
            }
            """, """
            graph g(%x: f32[a,3,b], %z: f32[a,3,b]) {
              %const = const f32[1,3,1] {1.0, 2.0, 3.0}
              %two = const f32[] {2.0}
              %lo = const f32[] {0.0}
              %Relu = Relu(%x)
              %Add = Add(%Relu, %const)
              %Mul = Mul(%Add, %z)
              %Div = Div(%two, %Mul)
              %y = Clip(%Div, %lo, _)
              return %y
            }
            """);
    }

    private static String graph(String nodes) {
        return "graph g(%x: f32[2,a], %z: f32[2,a], %v: f32[1,2,a]) {\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        transpose-after-clip          | %l = const f32[] {0}; %t = Transpose(%x); %y = Clip(%t, %l)                    | %l = const f32[] {0}; %Clip = Clip(%x, %l, _); %y = Transpose(%Clip)
        transpose-after-binary        | %t = Transpose(%x); %u = Transpose(%z); %y = Max(%t, %u)                       | %Max = Max(%x, %z); %y = Transpose(%Max)
        transpose-after-constant      | %c = const f32[1,2] {1, 2}; %t = Transpose(%x); %y = Mul(%c, %t)               | %const = const f32[2,1] {1, 2}; %Mul = Mul(%x, %const); %y = Transpose(%Mul)
        transpose-after-constant      | %c = const f32[2] {1, 2}; %t = Transpose<perm=[2, 0, 1]>(%v); %y = Sub(%t, %c) | %const = const f32[1,2,1] {1, 2}; %Sub = Sub(%v, %const); %y = Transpose<perm=[2, 0, 1]>(%Sub)
        transpose-after-constant-left | %c = const f32[2] {1, 2}; %t = Transpose(%x); %y = Div(%c, %t)                 | %const = const f32[2,1] {1, 2}; %Div = Div(%const, %x); %y = Transpose(%Div)
        """)
    void aTransposeFollows(String rule, String before, String after) {
        becomes(rule, graph(before), graph(after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        transpose-after-clip          | %t is used 2 times | %l = const f32[] {0}; %t = Transpose(%x); %k = Clip(%t, %l); %y = Add(%k, %t)
        transpose-after-binary        | %u is used 2 times | %t = Transpose(%x); %u = Transpose(%z); %m = Max(%t, %u); %y = Add(%u, %m)
        transpose-after-constant-left | more dimensions    | %c = const f32[1,1,2] {1, 2}; %t = Transpose(%x); %y = Div(%c, %t)
        """)
    void othersAreRefused(String rule, String reason, String nodes) {
        Rewrites.refuses(TransposeRules.SET.where(r -> r.name().equals(rule)), rule, graph(nodes), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        transpose-none          | %y = Transpose(%x)
        transpose-chain         | %t = Transpose(%x); %r = Relu(%t); %y = Transpose(%r)
        transpose-of-ones       | %y = Transpose<perm=[2, 1, 0]>(%v)
        transpose-of-ones       | %y = Transpose(%x)
        transpose-after-binary | %w = Transpose<perm=[1, 2, 0]>(%v); %u = Transpose<perm=[2, 1, 0]>(%v); %y = Max(%w, %u)
        transpose-after-concat | %t = Transpose(%x); %u = Transpose(%z); %w = const f32[1,2] {1, 2}; %y = Concat<axis=0>(%t, %u, %w)
        """)
    void similarGraphsStay(String rule, String nodes) {
        Rewrites.stays(TransposeRules.SET, rule, graph(nodes));
    }

    @Test
    void aTransposeThatMovesOnesIsAView() {
        becomes("transpose-of-ones", """
            graph g(%x: f32[a,1,b]) {
              %y = Transpose<perm=[1, 0, 2]>(%x)
              return %y
            }
            """, """
            graph g(%x: f32[a,1,b]) {
              %const = const i64[3] {1, -1, 0}
              %y = Reshape(%x, %const)
              return %y
            }
            """);
    }

    /** Without a rank, a Transpose that reverses the dimensions has no permutation. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        transpose-none            | %y = Transpose(%x)
        transpose-chain           | %t = Transpose(%x); %y = Transpose(%t)
        transpose-of-ones         | %y = Transpose<perm=[1, 0]>(%x)
        transpose-after-binary    | %t = Transpose(%x); %u = Transpose(%z); %y = Max(%t, %u)
        transpose-after-binary    | %t = Transpose<perm=[1, 0]>(%x); %u = Transpose(%z); %y = Max(%t, %u)
        transpose-after-softmax   | %t = Transpose(%x); %y = Softmax(%t)
        transpose-after-concat    | %t = Transpose(%x); %u = Transpose(%z); %y = Concat<axis=0>(%t, %u)
        transpose-into-concat     | %t = Transpose(%x); %u = Transpose(%z); %c = Concat<axis=0>(%t, %u); %y = Transpose(%c)
        transpose-after-reduction | %k = const i64[1] {0}; %t = Transpose(%x); %y = ReduceSum(%t, %k)
        """)
    void transposesOfUnknownRankStay(String rule, String nodes) {
        String text = graph(nodes).replace("f32[2,a]", "f32[*]");
        Rewrites.stays(TransposeRules.SET, rule, text);
    }

    @ParameterizedTest
    @CsvSource({"transpose-after-constant, 'Div(%t, %c)'", "transpose-after-constant-left, 'Div(%c, %t)'"})
    void aConstantNeedsARankToBeTransposedBack(String rule, String node) {
        Rewrites.refuses(
                TransposeRules.SET,
                rule,
                graph("%c = const f32[2] {1, 2}; %t = Transpose<perm=[1, 0]>(%x); %y = " + node)
                        .replace("f32[2,a]", "f32[*]"),
                "the rank is not known");
    }

    @Test
    void aConstantOfMoreDimensionsStopsATranspose() {
        Rewrites.refuses(TransposeRules.SET, "transpose-after-constant", """
            graph g(%x: f32[2,3]) {
              %s = Transpose<perm=[1, 0]>(%x)
              %c = const f32[1,1,2] {1.0, 2.0}
              %y = Add(%s, %c)
              return %y
            }
            """, "more dimensions");
    }

    @Test
    void aTransposeThatIsUsedElsewhereStays() {
        Rewrites.refuses(TransposeRules.SET, "transpose-after-unary", """
            graph g(%x: f32[2,3]) {
              %s = Transpose<perm=[1, 0]>(%x)
              %y = Relu(%s)
              return %y, %s
            }
            """, "%s is used 2 times");
    }

    @Test
    void otherTransposesStay() {
        Rewrites.stays(TransposeRules.SET, """
            graph g(%x: f32[a,b], %z: f32[c,d,e], %w: f32[c,e,d]) {
              %s = Transpose<perm=[1, 0]>(%x)
              %t = Softmax(%s)
              %u = Transpose<perm=[0, 2, 1]>(%z)
              %v = Add(%u, %w)
              %k = Transpose<perm=[2, 1, 0]>(%v)
              %l = Transpose<perm=[2, 0, 1]>(%w)
              %y = Mul(%k, %l)
              return %t, %y, %u, %k
            }
            """);
    }

    @Test
    void transposesMeetAfterSoftmaxOfTheLastAxis() {
        becomes("transpose-after-softmax", """
            graph g(%x: f32[a,b,3]) {
              %t = Transpose<perm=[1, 0, 2]>(%x)
              %s = Softmax(%t)
              %y = Transpose<perm=[1, 0, 2]>(%s)
              return %y
            }
            """, "graph g(%x: f32[a,b,3]) { %y = Softmax(%x) return %y }");
        for (String operator : List.of("Softmax<axis=2>", "LogSoftmax", "LogSoftmax<axis=2>")) {
            Rewrites.fires(TransposeRules.SET, "transpose-after-softmax", """
                graph g(%x: f32[a,b,3]) {
                  %t = Transpose<perm=[1, 0, 2]>(%x)
                  %y = OPERATOR(%t)
                  return %y
                }
                """.replace("OPERATOR", operator));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'0, 2, 1', Softmax",
        "'0, 2, 1', LogSoftmax",
        "'1, 0, 2', Softmax<axis=1>",
        "'1, 0, 2', LogSoftmax<axis=0>",
        "'0, 2, 1', Softmax<axis=2>"
    })
    void softmaxStaysWhereItsAxisIsTheLast(String perm, String operator) {
        Rewrites.refuses(
                TransposeRules.SET,
                "transpose-after-softmax",
                """
            graph g(%x: f32[a,3,b]) {
              %t = Transpose<perm=[PERM]>(%x)
              %y = OPERATOR(%t)
              return %y
            }
            """.replace("PERM", perm).replace("OPERATOR", operator),
                "would not be the last one");
    }

    @Test
    void transposesMeetAfterConcatenation() {
        becomes(
                "transpose-after-concat",
                """
                graph g(%x: f32[a,2,3], %z: f32[a,2,4]) {
                  %t = Transpose<perm=[0, 2, 1]>(%x)
                  %u = Transpose<perm=[0, 2, 1]>(%z)
                  %c = Concat<axis=1>(%t, %u)
                  %y = Transpose<perm=[0, 2, 1]>(%c)
                  return %y
                }
                """,
                "graph g(%x: f32[a,2,3], %z: f32[a,2,4]) { %y = Concat<axis=2>(%x, %z) return %y }");
        for (String axis : List.of("0", "-1")) {
            Rewrites.fires(TransposeRules.SET, "transpose-after-concat", """
                graph g(%x: f32[2,3,4], %z: f32[2,3,4]) {
                  %t = Transpose<perm=[1, 2, 0]>(%x)
                  %u = Transpose<perm=[1, 2, 0]>(%z)
                  %y = Concat<axis=AXIS>(%t, %u)
                  return %y
                }
                """.replace("AXIS", axis));
        }
        Rewrites.refuses(TransposeRules.SET, "transpose-after-concat", """
            graph g(%x: f32[a,2,3], %z: f32[a,2,4]) {
              %t = Transpose<perm=[0, 2, 1]>(%x)
              %u = Transpose<perm=[0, 2, 1]>(%z)
              %y = Concat<axis=1>(%t, %u)
              return %y, %u
            }
            """, "%u is used 2 times");
        Rewrites.stays(TransposeRules.SET, """
            graph g(%x: f32[a,2,3], %z: f32[a,4,2]) {
              %t = Transpose<perm=[0, 2, 1]>(%x)
              %y = Concat<axis=1>(%t, %z)
              return %y
            }
            """);
    }

    private static final String TURNED_PARTS = """
        graph g(%x: f32[a,2,n,3], %z: f32[a,m,2,3]) {
          %t = Transpose<perm=[0, 1, 3, 2]>(%x)
          %u = Transpose<perm=[0, 2, 3, 1]>(%z)
          %c = Concat<axis=-1>(%t, %u)
          %y = Transpose<perm=[0, 1, 3, 2]>(%c)
          return %y
        }
        """;

    @Test
    void partsAreTransposedBeforeAConcatWhereThatUndoesTheirs() {
        becomes("transpose-into-concat", TURNED_PARTS, """
            graph g(%x: f32[a,2,n,3], %z: f32[a,m,2,3]) {
              %Transpose_3 = Transpose<perm=[0, 2, 1, 3]>(%z)
              %y = Concat<axis=2>(%x, %Transpose_3)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        is not transposed      | %u = Transpose<perm=[0, 2, 3, 1]>(%z) | %u = Relu(%w)
        is not transposed      | Concat<axis=-1>(%t, %u)               | Concat<axis=-1>(%w, %u)
        undoes no          | perm=[0, 1, 3, 2]>(%c)                | perm=[3, 1, 0, 2]>(%c)
        more would be left | return %y                             | return %y, %t, %u
        used 2 times       | return %y                             | return %y, %c
        """)
    void otherPartsAreTransposedTogether(String reason, String part, String other) {
        String text = TURNED_PARTS.replace(") {", ", %w: f32[a,2,3,k]) {").replace(part, other);
        Rewrites.refuses(
                TransposeRules.SET.where(r -> r.name().equals("transpose-into-concat")),
                "transpose-into-concat",
                text,
                reason);
    }

    @Test
    void reductionsTakeTheAxesBeforeTheTranspose() {
        becomes("transpose-after-reduction", """
            graph g(%x: f32[n,3,h,w]) {
              %axes = const i64[2] {1, 2}
              %t = Transpose<perm=[0, 2, 3, 1]>(%x)
              %y = ReduceMean<keepdims=0>(%t, %axes)
              return %y
            }
            """, """
            graph g(%x: f32[n,3,h,w]) {
              %const = const i64[2] {2, 3}
              %y = ReduceMean<keepdims=0>(%x, %const)
              return %y
            }
            """);
        becomes("transpose-after-reduction", """
            graph g(%x: f32[n,3,h,w]) {
              %axes = const i64[1] {-1}
              %t = Transpose<perm=[2, 0, 3, 1]>(%x)
              %m = ReduceMax(%t, %axes)
              %y = Transpose<perm=[1, 3, 0, 2]>(%m)
              return %y
            }
            """, """
            graph g(%x: f32[n,3,h,w]) {
              %const = const i64[1] {1}
              %y = ReduceMax(%x, %const)
              return %y
            }
            """);
    }

    @Test
    void aReductionOfNoAxisIsRefused() {
        Rewrites.refuses(TransposeRules.SET, "transpose-after-reduction", """
            graph g(%x: f32[n,3,h]) {
              %axes = const i64[0] {}
              %t = Transpose<perm=[0, 2, 1]>(%x)
              %y = ReduceSum<noop_with_empty_axes=1>(%t, %axes)
              return %y
            }
            """, "there is no axis");
    }
}
