package dev.tenon.graph.rules.layout;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposedViewRulesTest {
    private static final RuleSet SET = TransposeRules.SET.plus(TransposedViewRules.SET);

    private static String graph(String input, String nodes) {
        return "graph g(%x: f32" + input + ") {\n" + nodes.replace("; ", "\n") + "\nreturn out=%y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        transpose-through-view | [n,h,w,8]   | %s = const i64[3] {0, 8, -1}; %t = Transpose<perm=[0, 3, 1, 2]>(%x); %r = Reshape(%t, %s); %y = Transpose<perm=[0, 2, 1]>(%r)                 | %const = const i64[3] {0, -1, 8}; %y = Reshape(%x, %const)
        transpose-through-view | [n,1,w,8]   | %s = const i64[1] {2}; %t = Transpose<perm=[0, 3, 1, 2]>(%x); %r = Squeeze(%t, %s); %y = Transpose<perm=[0, 2, 1]>(%r)                        | %const = const i64[3] {0, -1, 8}; %y = Reshape(%x, %const)
        transpose-through-view | [n,w,8]     | %s = const i64[1] {2}; %t = Transpose<perm=[0, 2, 1]>(%x); %r = Unsqueeze(%t, %s); %y = Transpose<perm=[0, 2, 3, 1]>(%r)                      | %const = const i64[4] {0, 1, -1, 8}; %y = Reshape(%x, %const)
        transpose-through-view | [n,h,w,8]   | %t = Transpose<perm=[3, 0, 1, 2]>(%x); %r = Flatten<axis=1>(%t); %y = Transpose(%r)                                                                  | %const = const i64[2] {-1, 8}; %y = Reshape(%x, %const)
        transpose-through-view | [n,6,4]     | %s = const i64[4] {4, 0, 3, 2}; %t = Transpose<perm=[2, 0, 1]>(%x); %q = Reshape(%t, %s); %y = Transpose<perm=[2, 0, 1, 3]>(%q)               | %const = const i64[4] {0, 3, 2, 4}; %Reshape = Reshape(%x, %const); %y = Transpose<perm=[1, 3, 0, 2]>(%Reshape)
        """)
    void twoBecomeOneOrNone(String rule, String input, String before, String after) {
        Rewrites.becomes(SET, rule, graph(input, before), graph(input, after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        that the Transpose separates | [n,h,w,8] | %s = const i64[3] {0, 0, -1}; %t = Transpose<perm=[0, 1, 3, 2]>(%x); %r = Reshape(%t, %s); %y = Transpose<perm=[0, 2, 1]>(%r)
        that the Transpose separates | [n,6,8]   | %s = const i64[3] {0, 4, 12}; %t = Transpose<perm=[0, 2, 1]>(%x); %r = Reshape(%t, %s); %y = Transpose<perm=[0, 2, 1]>(%r)
        that the Transpose separates | [2,3,0]   | %s = const i64[2] {3, 0}; %t = Transpose<perm=[1, 0, 2]>(%x); %r = Reshape<allowzero=1>(%t, %s); %y = Transpose(%r)
        two dimensions           | [n,1,w,h] | %s = const i64[1] {1}; %t = Transpose<perm=[3, 1, 0, 2]>(%x); %r = Squeeze(%t, %s); %y = Transpose<perm=[1, 0, 2]>(%r)
        %t is used 2 times       | [n,8]     | %s = const i64[1] {1}; %t = Transpose(%x); %r = Unsqueeze(%t, %s); %u = Transpose<perm=[2, 1, 0]>(%r); %y = MatMul(%u, %t)
        %r is used 2 times       | [n,8]     | %s = const i64[1] {1}; %t = Transpose(%x); %r = Unsqueeze(%t, %s); %u = Transpose<perm=[2, 1, 0]>(%r); %y = Add(%u, %r)
        """)
    void othersAreRefused(String reason, String input, String nodes) {
        Rewrites.refuses(TransposedViewRules.SET, "transpose-through-view", graph(input, nodes), reason);
    }

    @Test
    void aTransposeThatMovesOnesIsAViewEvenIfItsShapeCantBeWritten() {
        Rewrites.becomes(SET, "transpose-of-ones", """
            graph g(%x: f32[n,h,w,1]) {
              %y = Transpose<perm=[0, 3, 1, 2]>(%x)
              return %y
            }
            """, """
            graph g(%x: f32[n,h,w,1]) {
              %const = const i64[1] {3}
              %const_1 = const i64[1] {1}
              %Squeeze = Squeeze(%x, %const)
              %y = Unsqueeze(%Squeeze, %const_1)
              return %y
            }
            """);
    }
}
