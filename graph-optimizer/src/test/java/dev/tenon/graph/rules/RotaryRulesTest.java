package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotaryRulesTest {
    private static final RuleSet SET = AlgebraRules.SET.plus(RotaryRules.SET);

    private static final String HEAD = """
        graph g(%x: f32[b,2,s,4], %c: f32[b,s,2], %n: f32[b,s,2], %p: i64[b,s], %l: f32[1,s,2], %w: f32[b,s,4]) {
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %far = const i64[1] {9223372036854775807}
        """;

    private static String graph(String nodes, String result) {
        return HEAD + nodes.replace("; ", "\n") + "\nreturn " + result + "\n}\n";
    }

    private static String rotated(String cosines) {
        return cosines
                + "; %a = Mul(%x, %cu); %x1 = Slice(%x, %i0, %i2, %i3, %i1); %x2 = Slice(%x, %i2, %far, %i3, %i1);"
                + " %m = Neg(%x2); %t = Concat<axis=-1>(%m, %x1); %d = Mul(%t, %su); %y = Add(%a, %d)";
    }

    private static final String TWICE = "%cc = Concat<axis=-1>(%c, %c); %ss = Concat<axis=2>(%n, %n);"
            + " %cu = Unsqueeze(%cc, %i1); %su = Unsqueeze(%ss, %i1)";

    @Test
    void halvesThatAreTurnedAreRotated() {
        Rewrites.becomes(SET, "rotary", graph(rotated(TWICE), "%y"), """
            graph g(%x: f32[b,2,s,4], %c: f32[b,s,2], %n: f32[b,s,2], %p: i64[b,s], %l: f32[1,s,2], %w: f32[b,s,4]) {
              %y = RotaryEmbedding(%x, %c, %n)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %cc = Concat<axis=-1>(%l, %l); %k = Cos(%cc); %ss = Concat<axis=2>(%l, %l); %j = Sin(%ss); %cu = Unsqueeze(%k, %i1); %su = Unsqueeze(%j, %i1)
        %cc = Concat<axis=-1>(%c, %c); %k = Cos(%cc); %j = Sin(%cc); %cu = Unsqueeze(%k, %i1); %su = Unsqueeze(%j, %i1)
        %cc = Concat<axis=-1>(%c, %c); %f = const f32[] {0.7}; %h = Mul(%cc, %f); %cd = Cast<to=11>(%h); %k = Cos(%cd); %j = Sin(%cd); %k1 = Cast<to=1>(%k); %j1 = Cast<to=1>(%j); %cu = Unsqueeze(%k1, %i1); %su = Unsqueeze(%j1, %i1)
        """)
    void whatMakesTheAnglesIsDoneOnce(String cosines) {
        Graph result = Rewrites.fires(SET, "rotary", graph(rotated(cosines), "%y"));
        assertThat(result.toString()).contains(" = RotaryEmbedding(%x, ").doesNotContain("Slice", "axis=-1");
    }

    @Test
    void theLastAxisOfAnUnknownRankIsKnownFromTheEndAlone() {
        String text = """
            graph g(%x: f32[*]) {
              %t = Concat<axis=-2>(%x, %x)
              %y = Cos(%t)
              return %y
            }
            """;
        Rewrites.stays(RotaryRules.SET, text);
        Graph last = Graphs.parse(text.replace("-2", "-1"));
        RewriteTrace trace = new RewriteTrace();
        new Rewriter(RotaryRules.SET).apply(last, trace);
        assertThat(trace.count("twice-behind-unary")).isEqualTo(1);
    }

    @Test
    void tablesOfCosinesAreHalved() {
        Graph result = Rewrites.fires(
                SET,
                "twice-of-table",
                graph(
                        rotated("%o = const f32[100,4] {"
                                + "0.5, 0.25, 0.5, 0.25, ".repeat(99) + "1, 2, 1, 2}; %cc = Gather(%o, %p);"
                                + " %cu = Unsqueeze(%cc, %i1); %su = Unsqueeze(%cc, %i1)"),
                        "%y"));
        assertThat(result.toString()).contains("const f32[100,2]", " = RotaryEmbedding(%x, ");
    }

    @Test
    void knownAnglesAreHalvedAndRepeatedForEachSequence() {
        Graph result = Rewrites.fires(SET, "rotary", """
            graph g(%x: f32[2,1,2,4]) {
              %c = const f32[2,4] {1, 2, 1, 2, 3, 4, 3, 4}
              %n = const f32[1,1,2,4] {5, 6, 5, 6, 7, 8, 7, 8}
              %z = const i64[2] {2, 2}
              %x1, %x2 = Split<axis=3>(%x, %z)
              %m = Neg(%x2)
              %t = Concat<axis=3>(%m, %x1)
              %a = Mul(%c, %x)
              %d = Mul(%t, %n)
              %y = Add(%d, %a)
              return %y
            }
            """);
        assertThat(result.toString())
                .contains("const f32[2,2] {1.0, 2.0, 3.0, 4.0}", "const f32[1,1,2,2] {5.0, 6.0, 7.0, 8.0}")
                .contains("f32[2,2,2] = Expand(", " = RotaryEmbedding(%x, ")
                .doesNotContain("Split", "Mul");
    }

    private static final String HALVES = "%cu = Unsqueeze(%c, %i1); %su = Unsqueeze(%n, %i1); %x1 = Slice(%x, %i0, %i2,"
            + " %i3); %x2 = Slice(%x, %i2, %far, %i3); %a = Mul(%x1, %cu); %d = Mul(%x2, %su); %e = Sub(%a, %d);"
            + " %f = Mul(%x2, %cu); %g = Mul(%x1, %su); %h = Add(%f, %g); %y = Concat<axis=3>(%e, %h)";

    @Test
    void halvesThatArePutTogetherAreRotated() {
        Rewrites.becomes(SET, "rotary-halves", graph(HALVES, "%y"), """
            graph g(%x: f32[b,2,s,4], %c: f32[b,s,2], %n: f32[b,s,2], %p: i64[b,s], %l: f32[1,s,2], %w: f32[b,s,4]) {
              %y = RotaryEmbedding(%x, %c, %n)
              return %y
            }
            """);
    }

    @Test
    void aPartOfEachHeadIsRotated() {
        String text = """
            graph g(%x: f32[b,2,s,7], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %i0 = const i64[1] {0}
              %i3 = const i64[1] {3}
              %i4 = const i64[1] {4}
              %far = const i64[1] {9223372036854775807}
              %r = Slice(%x, %i0, %i4, %i3)
              %z = Slice(%x, %i4, %far, %i3)
              %o = RotaryEmbedding(%r, %c, %n)
              %y = Concat<axis=-1>(%o, %z)
              return %y
            }
            """;
        Rewrites.becomes(RotaryRules.SET, "rotary-part", text, """
            graph g(%x: f32[b,2,s,7], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %y = RotaryEmbedding<rotary_embedding_dim=4>(%x, %c, %n)
              return %y
            }
            """);
        Rewrites.refuses(
                RotaryRules.SET,
                "rotary-part",
                text.replace("%z = Slice(%x, %i4", "%z = Slice(%x, %i3"),
                "not all of %x");
        Rewrites.refuses(
                RotaryRules.SET,
                "rotary-part",
                text.replace("Slice(%x, %i4, %far, %i3)", "Neg(%x)"),
                "not parts of one");
    }

    @Test
    void headsAreSplitOffBehindTheRotation() {
        String text = """
            graph g(%x: f32[b,s,8], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %h = const i64[4] {0, 0, 2, 4}
              %r = Reshape(%x, %h)
              %t = Transpose<perm=[0, 2, 1, 3]>(%r)
              %y = RotaryEmbedding(%t, %c, %n)
              return %y
            }
            """;
        Rewrites.becomes(RotaryRules.SET, "rotary-heads", text, """
            graph g(%x: f32[b,s,8], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %h = const i64[4] {0, 0, 2, 4}
              %RotaryEmbedding = RotaryEmbedding<num_heads=2>(%x, %c, %n)
              %Reshape = Reshape(%RotaryEmbedding, %h)
              %y = Transpose<perm=[0, 2, 1, 3]>(%Reshape)
              return %y
            }
            """);
        Rewrites.refuses(
                RotaryRules.SET,
                "rotary-heads",
                text.replace("f32[b,s,8]", "f32[b,s,2,4]"),
                "the heads go from [b,s,2,4]");
        Rewrites.refuses(
                RotaryRules.SET, "rotary-heads", text.replace("return %y", "return %y, %t"), "is used 2 times");
    }

    private static final String APART = "%o = Unsqueeze(%c, %i1); %v = Unsqueeze(%n, %i1);"
            + " %cu = Concat<axis=3>(%o, %o); %su = Concat<axis=3>(%v, %v)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rotary        | are not the halves     | Slice(%x, %i0, %i2 | Slice(%x, %i1, %i3
        rotary        | are broadcast to       | Unsqueeze(%n, %i1) | Unsqueeze(%n, %i0)
        rotary-halves | are not the halves     | Slice(%x, %i0, %i2 | Slice(%x, %i1, %i3
        rotary-halves | are broadcast to       | Unsqueeze(%n, %i1) | Unsqueeze(%n, %i0)
        """)
    void othersAreRefused(String rule, String reason, String part, String other) {
        String nodes = (rule.equals("rotary") ? rotated(APART) : HALVES).replace(part, other);
        Rewrites.refuses(RotaryRules.SET.where(r -> r.name().equals(rule)), rule, graph(nodes, "%y"), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        twice-behind-unary  | %t = Concat<axis=-1>(%c, %c); %y = Cos(%t)                              | %Cos = Cos(%c); %y = Concat<axis=-1>(%Cos, %Cos)
        twice-behind-unary  | %t = Concat<axis=2>(%c, %c); %y = Cast<to=11>(%t)                       | %Cast = Cast<to=11>(%c); %y = Concat<axis=-1>(%Cast, %Cast)
        twice-behind-factor | %f = const f32[] {3}; %t = Concat<axis=-1>(%c, %c); %y = Mul(%f, %t)    | %f = const f32[] {3}; %Mul = Mul(%c, %f); %y = Concat<axis=-1>(%Mul, %Mul)
        twice-of-table      | %f = const f32[100,4] {TABLE}; %y = Gather(%f, %p)                      | %const = const f32[100,2] {HALF}; %Gather = Gather(%const, %p); %y = Concat<axis=-1>(%Gather, %Gather)
        twice-behind-view   | %t = Concat<axis=-1>(%c, %c); %y = Unsqueeze(%t, %i1)                   | %const = const i64[4] {0, 1, -1, 2}; %Reshape = Reshape(%c, %const); %y = Concat<axis=-1>(%Reshape, %Reshape)
        """)
    void whatIsTwiceTheSameIsComputedOnce(String rule, String before, String after) {
        String head = HEAD.lines().findFirst().orElseThrow() + "\n";
        String table = "0.5, 0.25, 0.5, 0.25, ".repeat(99) + "1, 2, 1, 2";
        String half = "0.5, 0.25, ".repeat(99) + "1, 2";
        Rewrites.becomes(
                RotaryRules.SET,
                rule,
                graph(before.replace("TABLE", table), "%y"),
                head + after.replace("HALF", half).replace("; ", "\n") + "\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        twice-behind-unary  | %t = Concat<axis=1>(%c, %c); %y = Cos(%t)
        twice-behind-unary  | %t = Concat<axis=-1>(%c, %n); %y = Cos(%t)
        twice-behind-factor | %f = const f32[4] {3, 3, 3, 3}; %t = Concat<axis=-1>(%c, %c); %y = Mul(%f, %t)
        twice-of-table      | %f = const f32[2,4] {1, 2, 1, 3, 1, 2, 1, 2}; %y = Gather(%f, %p)
        """)
    void othersStay(String rule, String nodes) {
        Rewrites.stays(RotaryRules.SET, rule, graph(nodes, "%y"));
    }

    @Test
    void aViewThatCutsTheHalvesIsRefused() {
        Rewrites.refuses(
                RotaryRules.SET,
                "twice-behind-view",
                graph("%h = const i64[4] {0, 0, 4, 1}; %t = Concat<axis=-1>(%c, %c); %y = Reshape(%t, %h)", "%y"),
                "the last dimension changes");
    }
}
