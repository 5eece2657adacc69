package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotaryRulesTest {
    private static final RuleSet ROTARY =
            DuplicatedHalvesRules.SET.plus(RotaryRules.SET).plus(PartialRotaryRules.SET);
    private static final RuleSet SET = AlgebraRules.SET.plus(ROTARY);

    private static final String HEAD = """
        graph g(%x: f32[b,2,s,4], %c: f32[b,s,2], %n: f32[b,s,2], %p: i64[b,s], %l: f32[1,s,2], %w: f32[b,s,4]) {
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %far = const i64[1] {9223372036854775807}
          %pairs = const i64[4] {0, 0, 1, 1}
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
    void halvesAreRotated() {
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
    void anglesAreComputedOnce(String cosines) {
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
        Rewrites.stays(ROTARY, text);
        Graph last = Graphs.parse(text.replace("-2", "-1"));
        RewriteTrace trace = new RewriteTrace();
        new Rewriter(ROTARY).apply(last, trace);
        assertThat(trace.count("duplicate-after-unary")).isEqualTo(1);
    }

    @Test
    void tablesOfCosinesAreHalved() {
        Graph result = Rewrites.fires(
                SET,
                "duplicate-of-table",
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
        Rewrites.becomes(ROTARY, "rotary-part", text, """
            graph g(%x: f32[b,2,s,7], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %y = RotaryEmbedding<rotary_embedding_dim=4>(%x, %c, %n)
              return %y
            }
            """);
        Rewrites.refuses(
                ROTARY, "rotary-part", text.replace("%z = Slice(%x, %i4", "%z = Slice(%x, %i3"), "not all of %x");
        Rewrites.refuses(
                ROTARY, "rotary-part", text.replace("Slice(%x, %i4, %far, %i3)", "Neg(%x)"), "not parts of one");
    }

    @Test
    void headsAreSplitAfterTheRotation() {
        String text = """
            graph g(%x: f32[b,s,8], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %h = const i64[4] {0, 0, 2, 4}
              %r = Reshape(%x, %h)
              %t = Transpose<perm=[0, 2, 1, 3]>(%r)
              %y = RotaryEmbedding(%t, %c, %n)
              return %y
            }
            """;
        Rewrites.becomes(ROTARY, "rotary-heads", text, """
            graph g(%x: f32[b,s,8], %c: f32[b,s,2], %n: f32[b,s,2]) {
              %h = const i64[4] {0, 0, 2, 4}
              %RotaryEmbedding = RotaryEmbedding<num_heads=2>(%x, %c, %n)
              %Reshape = Reshape(%RotaryEmbedding, %h)
              %y = Transpose<perm=[0, 2, 1, 3]>(%Reshape)
              return %y
            }
            """);
        Rewrites.refuses(
                ROTARY, "rotary-heads", text.replace("f32[b,s,8]", "f32[b,s,2,4]"), "the heads go from [b,s,2,4]");
        Rewrites.refuses(ROTARY, "rotary-heads", text.replace("return %y", "return %y, %t"), "is used 2 times");
    }

    private static final String INTERLEAVED = """
        graph g(%k: f32[b,s,12], %c: f32[b,s,2], %n: f32[b,s,2]) {
          %i0 = const i64[1] {0}
          %i1 = const i64[1] {1}
          %i2 = const i64[1] {2}
          %i3 = const i64[1] {3}
          %i4 = const i64[1] {4}
          %last = const i64[1] {-1}
          %far = const i64[1] {9223372036854775807}
          %split = const i64[4] {0, 0, 2, 6}
          %x = Reshape(%k, %split)
          %r = Slice(%x, %i0, %i4, %i3)
          %z = Slice(%x, %i4, %far, %i3)
          %r1 = Slice(%r, %i0, %far, %i3, %i2)
          %r2 = Slice(%r, %i1, %far, %i3, %i2)
          %cu = Unsqueeze(%c, %i2)
          %nu = Unsqueeze(%n, %i2)
        """;

    /** The form of GPT-J: elements of even and odd index, positions in front of heads, a part of each head. */
    private static String interleaved(String angles) {
        return INTERLEAVED + angles.replace("; ", "\n") + """

              %m = Neg(%r2)
              %mu = Unsqueeze(%m, %last)
              %ru = Unsqueeze(%r1, %last)
              %st = Concat<axis=-1>(%mu, %ru)
              %four = const i64[4] {0, 0, 2, 4}
              %t = Reshape(%st, %four)
              %a = Mul(%r, %cr)
              %d = Mul(%t, %nr)
              %o = Add(%a, %d)
              %y = Concat<axis=3>(%o, %z)
              return %y
            }
            """;
    }

    private static final String TILED = "%one4 = const i64[4] {0, 0, 1, 4}; %tile = const i64[5] {1, 1, 1, 1, 2};"
            + " %ca = Unsqueeze(%cu, %i4); %ct = Tile(%ca, %tile); %cr = Reshape(%ct, %one4);"
            + " %na = Unsqueeze(%nu, %i4); %nt = Tile(%na, %tile); %nr = Reshape(%nt, %one4)";

    private static final String PACKED = """
        graph g(%k: f32[b,s,12], %c: f32[b,s,2], %n: f32[b,s,2]) {
          %const_12 = const i64[4] {0, 0, 2, 6}
          %RotaryEmbedding_1 = RotaryEmbedding<interleaved=1, num_heads=2, rotary_embedding_dim=4>(%k, %c, %n)
          %y = Reshape(%RotaryEmbedding_1, %const_12)
          return %y
        }
        """;

    @Test
    void pairsOfAdjacentElementsAreRotated() {
        Rewrites.becomes(SET, "rotary-interleaved", interleaved(TILED), PACKED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %cr = Gather<axis=3>(%cu, %pairs); %nr = Gather<axis=-1>(%nu, %pairs)
        %ce = Gather<axis=2>(%c, %pairs); %ne = Gather<axis=-1>(%n, %pairs); %cr = Unsqueeze(%ce, %i2); %nr = Unsqueeze(%ne, %i2)
        %ca = Unsqueeze(%cu, %last); %cb = Concat<axis=-1>(%ca, %ca); %cr = Reshape(%cb, %w); %na = Unsqueeze(%nu, %last); %nb = Concat<axis=4>(%na, %na); %nr = Reshape(%nb, %w)
        %ca = Unsqueeze(%c, %last); %cb = Expand(%ca, %two); %cd = Reshape(%cb, %v); %ce = Cos(%cd); %ne = Sin(%cd); %cr = Unsqueeze(%ce, %i2); %nr = Unsqueeze(%ne, %i2)
        """)
    void anglesOfPairsMayBeRepeatedInSeveralWays(String angles) {
        String constants = "%pairs = const i64[4] {0, 0, 1, 1}; %w = const i64[4] {0, 0, 1, -1};"
                + " %v = const i64[3] {0, 0, 4}; %two = const i64[4] {1, 1, 1, 2}; ";
        Graph result = Rewrites.fires(SET, "rotary-interleaved", interleaved(constants + angles));
        assertThat(result.toString())
                .contains(" = RotaryEmbedding<interleaved=1, num_heads=2, rotary_embedding_dim=4>(%k, ")
                .doesNotContain("Slice", "Concat", "Gather");
    }

    private static final String PAIRS = """
        graph g(%x: f32[b,2,s,4], %c: f32[1,s,2], %n: f32[s,2]) {
          %i4 = const i64[1] {4}
          %pairs = const i64[5] {0, 2, -1, 2, 2}
          %whole = const i64[4] {0, 2, -1, 4}
          %two = const i64[2] {1, 1}
          %p = Reshape(%x, %pairs)
          PARTS
          %a = Mul(%x1, %c)
          %d = Mul(%x2, %n)
          %e = Sub(%a, %d)
          %f = Mul(%x2, %c)
          %g = Mul(%x1, %n)
          %h = Add(%f, %g)
          %eu = Unsqueeze(%e, %i4)
          %hu = Unsqueeze(%h, %i4)
          %st = Concat<axis=4>(%eu, %hu)
          %y = Reshape(%st, %whole)
          return %y
        }
        """;

    /** The form of models that treat pairs of elements as complex numbers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %zero = const i64[] {0}; %one = const i64[] {1}; %x1 = Gather<axis=4>(%p, %zero); %x2 = Gather<axis=-1>(%p, %one)
        %p1, %p2 = Split<axis=4>(%p, %two); %x1 = Squeeze(%p1, %i4); %x2 = Squeeze(%p2, %i4)
        %zero = const i64[1] {0}; %one = const i64[1] {1}; %three = const i64[1] {3}; %step = const i64[1] {2}; %x1 = Slice(%x, %zero, %three, %three, %step); %x2 = Slice(%x, %one, %i4, %three, %step)
        """)
    void neighboursThatArePutTogetherAreRotated(String parts) {
        Rewrites.becomes(SET, "rotary-interleaved-pairs", PAIRS.replace("PARTS", parts.replace("; ", "\n")), """
            graph g(%x: f32[b,2,s,4], %c: f32[1,s,2], %n: f32[s,2]) {
              %const = const i64[2] {1, 1}
              %const_1 = const i64[3] {1, -1, 2}
              %const_2 = const i64[2] {1, 1}
              %Shape = Shape<end=1>(%x)
              %Concat = Concat<axis=0>(%Shape, %const)
              %Expand = Expand(%c, %Concat)
              %Reshape = Reshape(%n, %const_1)
              %Shape_1 = Shape<end=1>(%x)
              %Concat_1 = Concat<axis=0>(%Shape_1, %const_2)
              %Expand_1 = Expand(%Reshape, %Concat_1)
              %y = RotaryEmbedding<interleaved=1>(%x, %Expand, %Expand_1)
              return %y
            }
            """);
    }

    /** Halves of heads after positions, as in a projection, with the same angles for all heads. */
    @Test
    void headsAfterPositionsArePacked() {
        Rewrites.becomes(SET, "rotary-halves", """
            graph g(%x: f32[b,s,3,4], %c: f32[b,s,1,2], %n: f32[b,s,1,2]) {
              %i0 = const i64[1] {0}
              %i2 = const i64[1] {2}
              %i3 = const i64[1] {3}
              %i4 = const i64[1] {4}
              %x1 = Slice(%x, %i0, %i2, %i3)
              %x2 = Slice(%x, %i2, %i4, %i3)
              %a = Mul(%x1, %c)
              %d = Mul(%x2, %n)
              %e = Sub(%a, %d)
              %f = Mul(%x2, %c)
              %g = Mul(%x1, %n)
              %h = Add(%f, %g)
              %y = Concat<axis=3>(%e, %h)
              return %y
            }
            """, """
            graph g(%x: f32[b,s,3,4], %c: f32[b,s,1,2], %n: f32[b,s,1,2]) {
              %const = const i64[3] {0, 0, 2}
              %const_1 = const i64[3] {0, 0, 2}
              %const_2 = const i64[3] {0, 0, 12}
              %const_3 = const i64[4] {0, 0, 3, 4}
              %Reshape = Reshape(%c, %const)
              %Reshape_1 = Reshape(%n, %const_1)
              %Reshape_2 = Reshape(%x, %const_2)
              %RotaryEmbedding = RotaryEmbedding<num_heads=3>(%Reshape_2, %Reshape, %Reshape_1)
              %y = Reshape(%RotaryEmbedding, %const_3)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rotary-interleaved       | are not the elements of pairs          | %r1 = Slice(%r, %i0, %far | %r1 = Slice(%r, %i1, %far
        rotary-interleaved       | are not the elements of pairs          | %r2 = Slice(%r, %i1, %far, %i3, %i2) | %r2 = Slice(%r, %i2, %far, %i3)
        rotary-interleaved       | are not the elements of pairs          | Concat<axis=-1>(%mu, %ru) | Concat<axis=3>(%mu, %ru)
        rotary-interleaved       | are broadcast to       | Unsqueeze(%n, %i2) | Unsqueeze(%n, %i0)
        rotary-interleaved       | to be duplicated      | Tile(%na, %tile)   | Tile(%na, %other)
        rotary-interleaved-pairs | are not the elements of pairs          | %x1 = Gather<axis=4>(%p, %zero) | %x1 = Gather<axis=4>(%p, %one)
        rotary-interleaved-pairs | are not the elements of pairs          | {0, 2, -1, 2, 2}   | {0, 2, 2, -1, 2}
        rotary-interleaved-pairs | are broadcast to       | %n: f32[s,2]       | %n: f32[2,1,2]
        """)
    void otherNeighboursAreRefused(String rule, String reason, String part, String other) {
        String text = rule.equals("rotary-interleaved")
                ? interleaved("%other = const i64[5] {1, 1, 1, 2, 1}; " + TILED)
                : PAIRS.replace(
                        "PARTS",
                        "%zero = const i64[] {0}\n%one = const i64[] {1}\n%x1 = Gather<axis=4>(%p, %zero)\n"
                                + "%x2 = Gather<axis=4>(%p, %one)");
        assertThat(text).contains(part);
        Rewrites.refuses(ROTARY.where(r -> r.name().equals(rule)), rule, text.replace(part, other), reason);
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
        Rewrites.refuses(ROTARY.where(r -> r.name().equals(rule)), rule, graph(nodes, "%y"), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        duplicate-after-unary  | %t = Concat<axis=-1>(%c, %c); %y = Cos(%t)                              | %Cos = Cos(%c); %y = Concat<axis=-1>(%Cos, %Cos)
        duplicate-after-unary  | %t = Concat<axis=2>(%c, %c); %y = Cast<to=11>(%t)                       | %Cast = Cast<to=11>(%c); %y = Concat<axis=-1>(%Cast, %Cast)
        duplicate-after-factor | %f = const f32[] {3}; %t = Concat<axis=-1>(%c, %c); %y = Mul(%f, %t)    | %f = const f32[] {3}; %Mul = Mul(%c, %f); %y = Concat<axis=-1>(%Mul, %Mul)
        duplicate-of-table      | %f = const f32[100,4] {TABLE}; %y = Gather(%f, %p)                      | %const = const f32[100,2] {HALF}; %Gather = Gather(%const, %p); %y = Concat<axis=-1>(%Gather, %Gather)
        duplicate-after-unary  | %t = Gather<axis=2>(%c, %pairs); %y = Sin(%t)                           | %const = const i64[4] {0, 0, 1, 1}; %Sin = Sin(%c); %y = Gather<axis=-1>(%Sin, %const)
        duplicate-after-factor | %f = const f32[] {3}; %t = Gather<axis=-1>(%c, %pairs); %y = Mul(%f, %t) | %f = const f32[] {3}; %const = const i64[4] {0, 0, 1, 1}; %Mul = Mul(%c, %f); %y = Gather<axis=-1>(%Mul, %const)
        duplicate-after-view   | %t = Gather<axis=-1>(%c, %pairs); %y = Unsqueeze(%t, %i1)               | %const = const i64[4] {0, 1, -1, 2}; %const_1 = const i64[4] {0, 0, 1, 1}; %Reshape = Reshape(%c, %const); %y = Gather<axis=-1>(%Reshape, %const_1)
        duplicate-of-table      | %f = const f32[2,4] {1, 1, 2, 2, 3, 3, 4, 4}; %q = Sign(%p); %y = Gather(%f, %q) | %q = Sign(%p); %const = const f32[2,2] {1, 2, 3, 4}; %Gather = Gather(%const, %q); %const_1 = const i64[4] {0, 0, 1, 1}; %y = Gather<axis=-1>(%Gather, %const_1)
        duplicate-after-view   | %t = Concat<axis=-1>(%c, %c); %y = Unsqueeze(%t, %i1)                   | %const = const i64[4] {0, 1, -1, 2}; %Reshape = Reshape(%c, %const); %y = Concat<axis=-1>(%Reshape, %Reshape)
        """)
    void commonSubexpressionsAreComputedOnce(String rule, String before, String after) {
        String head = HEAD.lines().findFirst().orElseThrow() + "\n";
        String table = "0.5, 0.25, 0.5, 0.25, ".repeat(99) + "1, 2, 1, 2";
        String half = "0.5, 0.25, ".repeat(99) + "1, 2";
        Rewrites.becomes(
                ROTARY,
                rule,
                graph(before.replace("TABLE", table), "%y"),
                head + after.replace("HALF", half).replace("; ", "\n") + "\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        duplicate-after-unary  | %t = Concat<axis=1>(%c, %c); %y = Cos(%t)
        duplicate-after-unary  | %t = Concat<axis=-1>(%c, %n); %y = Cos(%t)
        duplicate-after-factor | %f = const f32[4] {3, 3, 3, 3}; %t = Concat<axis=-1>(%c, %c); %y = Mul(%f, %t)
        duplicate-of-table      | %f = const f32[2,4] {1, 2, 1, 3, 1, 2, 1, 2}; %y = Gather(%f, %p)
        duplicate-of-table      | %f = const f32[2,4] {0, 0, 0, 0, 0, 0, 0, 0}; %y = Gather(%f, %p)
        duplicate-of-table      | %f = const f32[2,4] {1, 1, 1, 1, 2, 2, 2, 2}; %y = Gather(%f, %p)
        """)
    void othersStay(String rule, String nodes) {
        Rewrites.stays(ROTARY, rule, graph(nodes, "%y"));
    }

    @Test
    void aViewThatCutsTheHalvesIsRefused() {
        Rewrites.refuses(
                ROTARY,
                "duplicate-after-view",
                graph("%h = const i64[4] {0, 0, 4, 1}; %t = Concat<axis=-1>(%c, %c); %y = Reshape(%t, %h)", "%y"),
                "the last dimension changes");
    }
}
