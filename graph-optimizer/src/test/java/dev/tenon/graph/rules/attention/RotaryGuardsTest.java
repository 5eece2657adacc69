package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs that differ from rotary embeddings, or from a duplication, in one thing. */
class RotaryGuardsTest {
    private static final RuleSet SET =
            RotaryRules.SET.plus(DuplicatedHalvesRules.SET).plus(PartialRotaryRules.SET);

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n%i0 = const i64[1] {0}\n%i1 = const i64[1] {1}\n%i2 = const i64[1] {2}\n"
                + "%i3 = const i64[1] {3}\n%i4 = const i64[1] {4}\n%far = const i64[1] {9223372036854775807}\n"
                + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    private static void refuses(String rule, String text, String reason) {
        Rewrites.refuses(SET.where(r -> r.name().equals(rule)), rule, text, reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[3]     | %a = Unsqueeze(%x, %i1); %s = const i64[2] {3, 2}; %w = Expand(%a, %s); %t = const i64[2] {2, 3}; %r = Reshape(%w, %t)
        %x: f32[2]     | %a = Unsqueeze(%x, %i1); %s = const i64[2] {2, 4}; %w = Expand(%a, %s); %t = const i64[2] {2, 4}; %r = Reshape(%w, %t)
        %x: f32[2]     | %a = Unsqueeze(%x, %i0); %s = const i64[2] {2, 2}; %w = Expand(%a, %s); %t = const i64[1] {4}; %r = Reshape(%w, %t)
        %x: f32[a,b,3] | %a = Unsqueeze(%x, %i3); %s = const i64[4] {1, 1, 1, 2}; %w = Expand(%a, %s); %l = Shape(%x); %o = const i64[2] {1, 0}; %ba = Gather(%l, %o); %n = const i64[1] {6}; %t = Concat<axis=0>(%ba, %n); %r = Reshape(%w, %t)
        %x: f32[3,2]   | %l = const i64[3] {3, 1, 2}; %a = Reshape(%x, %l); %s = const i64[3] {1, 1, 1}; %w = Tile(%a, %s); %t = const i64[2] {3, 2}; %r = Reshape(%w, %t)
        %x: f32[b,4]   | %p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=1>(%x, %p)
        %x: f32[*]     | %p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=-1>(%x, %p)
        %x: f32[b,n]   | %a = Unsqueeze(%x, %i2); %s = const i64[3] {1, 1, 2}; %w = Expand(%a, %s); %t = const i64[2] {0, -1}; %r = Reshape(%w, %t)
        %x: f32[3]     | %p = const i64[3] {0, 0, 1}; %r = Gather(%x, %p)
        %x: f32[3]     | %p = const i64[2,2] {0, 0, 1, 1}; %r = Gather(%x, %p)
        %x: f32[4,2]   | %p = const i64[4] {0, 0, 1, 1}; %r = Gather(%x, %p)
        %x: f32[1]     | %s = const i64[0] {}; %a = Reshape(%x, %s); %l = const i64[1] {2}; %w = Expand(%a, %l); %r = Reshape(%w, %l)
        %x: f32[1]     | %a = Unsqueeze(%x, %i1); %l = const i64[2] {1, 1}; %w = Expand(%a, %l); %s = const i64[0] {}; %r = Reshape(%w, %s)
        """)
    void elementsThatMayNotBeDuplicatedStay(String inputs, String nodes) {
        refuses("duplicate-after-unary", graph(inputs, nodes + "; %y = Sin(%r)"), "not known to be duplicated");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%p = const i64[] {0}; %f = const f32[3] {1, 2, 3}; %r = Gather(%f, %p); %y = Sin(%r)",
                "%p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=0>(%x, %p); %y = Sin(%r)",
                "%p = const i64[3] {0, 0, 1}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%p = const i64[2,2] {0, 0, 1, 1}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%f = const f32[] {2}; %a = Mul(%x, %f); %y = Add(%a, %a)",
                "%p = const i64[4] {0, 0, 1, 0}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%f = const f32[1,1] {3}; %r = Concat<axis=-1>(%x, %x); %y = Mul(%r, %f)",
                "%f = const i64[2,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather(%f, %p1)",
                "%f = const f32[4] {1, 2, 1, 2}; %y = Gather(%f, %p1)",
                "%f = const f32[2,3] {1, 2, 1, 3, 4, 3}; %y = Gather(%f, %p1)",
                "%f = const f32[2,1,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather(%f, %p1)",
                "%f = const f32[0,4] {}; %y = Gather(%f, %p1)",
                "%f = const f32[2,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather<axis=1>(%f, %p1)",
                "%f = const f32[4,4] {1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 7, 8, 7, 8}; %p = const i64[4] {3, 0, 1, 2};"
                        + " %y = Gather<axis=1>(%f, %p)",
                "%f = const f32[2,5] {1, 2, 1, 2, 3, 4, 3, 4, 5, 6}; %y = Gather(%f, %p1)",
                "%f = const f32[1,8] {1, 2, 1, 2, 1, 2, 1, 2}; %y = Gather(%f, %p1)",
                "%f = const f32[1,8] {1, 1, 2, 2, 1, 1, 2, 2}; %y = Gather(%f, %p1)"
            })
    void otherDuplicationsStay(String nodes) {
        Rewrites.stays(SET, graph("%x: f32[3,2], %p1: i64[n]", nodes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        duplicate-after-unary | %x: f32[2]             | %t = Concat<axis=0>(%x, %x); %y = Sin(%t)
        duplicate-of-table    | %x: f32[2], %p: i64[n] | %f = const f32[1,6] {1, 2, 3, 1, 2, 3}; %z = Sub(%p, %p); %y = Gather(%f, %z)
        """)
    void rowsOfAnyLengthAreDuplicated(String rule, String inputs, String nodes) {
        Rewrites.fires(SET, rule, graph(inputs, nodes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[*]                | %s = const i64[2] {2, 4}
        %x: f32[a,b], %to: i64[k] | %s = Identity(%to)
        %x: f32[a,b]              | %s = const i64[0] {}
        """)
    void viewsOfOtherRowsStay(String inputs, String nodes) {
        String text = graph(inputs, nodes + "; %t = Concat<axis=-1>(%x, %x); %y = Reshape(%t, %s)");
        refuses("duplicate-after-view", text, "the last dimension changes");
    }

    private static final String HALVES = "%a = Mul(%x1, %c); %d = Mul(%x2, %n); %e = Sub(%a, %d); %f = Mul(%x2, %c);"
            + " %g = Mul(%x1, %n); %h = Add(%f, %g); %y = Concat<axis=-1>(%e, %h)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the parts are not the halves | b,2,s,4 | %v = const i64[3] {2, 2, 0}; %x1, %x2, _ = Split<axis=3>(%x, %v)
        the parts are not the halves | b,2,s,4 | %x1 = Slice(%x, %i0, %far, %i3, %i2); REST
        the parts are not the halves | b,2,s,4 | %z = Concat<axis=0>(%i0); %x1 = Slice(%x, %z, %i2, %i3); REST
        the parts are not the halves | b,2,s,4 | %z = Concat<axis=0>(%i1); %x1 = Slice(%x, %i0, %i2, %i3, %z); REST
        the parts are not the halves | b,2,s,4 | %z = const i64[4] {0, 0, 0, 0}; %o = const i64[4] {9, 9, 9, 2}; %x1 = Slice(%x, %z, %o); REST
        the parts are not the halves | b,2,s,4 | %z = const i64[2] {0, 0}; %o = const i64[2] {2, 1}; %l = const i64[2] {3, 1}; %x1 = Slice(%x, %z, %o, %l); REST
        has shape [b,s,4]            | b,s,4   | %v = const i64[2] {2, 2}; %x1, %x2 = Split<axis=2>(%x, %v)
        has shape [b,2,s,5]          | b,2,s,5 | %x1 = Slice(%x, %i0, %i2, %i3); %x2 = Slice(%x, %i3, %far, %i3)
        are broadcast to             | b,2,s,4 | %cc = Add(%c, %c); %v = const i64[2] {2, 2}; %x1, %x2 = Split<axis=3>(%x, %v)
        """)
    void otherPartsStay(String reason, String shape, String parts) {
        String angles = reason.startsWith("are") ? "%c: f32[b,2,s,2], %n: f32[b,2,s,2]" : "%c: f32[s,2], %n: f32[s,2]";
        String nodes = parts.replace("REST", "%x2 = Slice(%x, %i2, %i4, %i3)") + "; " + HALVES;
        refuses("rotary-halves", graph("%x: f32[" + shape + "], " + angles, nodes), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%v = const i64[2] {2, 2}; %x1, %x2 = Split<axis=-1>(%x, %v)",
                "%z = Concat<axis=0>(%i3); %x1 = Slice(%x, %i0, %i2, %z); %x2 = Slice(%x, %i2, %i4, %i3)",
                "%back = const i64[1] {-1}; %x1 = Slice(%x, %i0, %i2, %back); %x2 = Slice(%x, %i2, %far, %back, %i1)"
            })
    void halvesAreCutFromTheEnd(String parts) {
        Rewrites.fires(
                SET, "rotary-halves", graph("%x: f32[b,2,s,4], %c: f32[b,1,s,2], %n: f32[s,2]", parts + "; " + HALVES));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        has shape [b,2,s,0]              | %x: f32[b,2,s,0], %c: f32[s,0], %n: f32[s,0]     | 0, 0
        are broadcast to [b,2,0,4]       | %x: f32[b,2,0,4], %c: f32[0,2], %n: f32[0,2]     | 2, 2
        the number of heads is not known | %x: f32[b,s,h,4], %c: f32[s,1,2], %n: f32[s,1,2] | 2, 2
        the number of heads is not known | %x: f32[b,s,0,4], %c: f32[s,1,2], %n: f32[s,1,2] | 2, 2
        are broadcast to                 | %x: f32[b,2,s,4], %c: f32[s,2], %n: f32[2,1,2]   | 2, 2
        the parts are not the halves     | %x: f32[b,2,s,4], %c: f32[s,1], %n: f32[s,1]     | 1, 3
        """)
    void halvesOfOtherSizesStay(String reason, String inputs, String sizes) {
        String parts = "%v = const i64[2] {" + sizes + "}; %x1, %x2 = Split<axis=3>(%x, %v); ";
        refuses("rotary-halves", graph(inputs, parts + HALVES), reason);
    }

    /** Angles are repeated for as many sequences as there are in a value from which the rotated one is computed. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %k | %k: f32[b,2,s,4], %m: f32[]         | %x = Clip(%k, _, %m)
        %k | %k: f32[b,2,s,4], %m: f32[]         | %x = Mul(%m, %k)
        %k | %k: f32[b,2,s,4], %l: f32[b,2,s,4]  | %x = Sub(%k, %l)
        %k | %k: f32[2,2,s,4]                    | %w = const f32[2,1,1,1] {2, 3}; %x = Mul(%w, %k)
        %x | %k: f32[2,b,s,4]                    | %x = Transpose<perm=[1, 0, 2, 3]>(%k)
        %x | %k: f32[b,2,s,4]                    | %w = const i64[2] {1, 1}; %x = Pad(%k, %w, _, %i0)
        """)
    void anglesAreRepeatedForSequencesOf(String source, String inputs, String nodes) {
        String parts = "; %v = const i64[2] {2, 2}; %x1, %x2 = Split<axis=3>(%x, %v); ";
        String text = graph(inputs + ", %c: f32[s,2], %n: f32[s,2]", nodes + parts + HALVES);
        assertThat(Rewrites.fires(SET, "rotary-halves", text).toString()).contains(" = Shape<end=1>(" + source + ")");
    }

    /** Pairs of adjacent elements, rotated and put together again. */
    private static String pairs(String nodes) {
        return graph(
                "%x: f32[2,2,3,4], %c: f32[3,2], %n: f32[3,2], %to: i64[k]",
                "%zero = const i64[] {0}; %one = const i64[] {1}; %five = const i64[5] {2, 2, 3, 2, 2}; %p = Reshape(%x, %five); "
                        + nodes
                        + "; %a = Mul(%x1, %c); %d = Mul(%x2, %n); %e = Sub(%a, %d); %f = Mul(%x2, %c); %g = Mul(%x1, %n);"
                        + " %h = Add(%f, %g); %apart = const i64[5] {2, 2, 3, 2, 1}; %whole = const i64[4] {2, 2, 3, 4};"
                        + " %l = Reshape(%e, %apart); %r = Reshape(%h, %apart); %st = Concat<axis=-1>(%l, %r);"
                        + " %y = Reshape(%st, %whole)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%x1 = Gather<axis=4>(%p, %zero); %x2 = Gather<axis=-1>(%p, %one)",
                "%s1, %s2 = Split<axis=-1>(%p); %x1 = Squeeze(%s1, %i4); %x2 = Squeeze(%s2, %i4)",
                "%s1, %s2 = Split<axis=4>(%p); %x1 = Squeeze(%s1, %i4); %x2 = Squeeze(%s2, %i4)"
            })
    void elementsOfPairsAreApart(String parts) {
        Rewrites.fires(RotaryRules.SET, "rotary-interleaved-pairs", pairs(parts));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2,2,3,4 | %u = Reshape(%x, %to); %x1 = Gather<axis=4>(%u, %zero); %x2 = Gather<axis=4>(%u, %one)
        2,2,3,6 | %v = const i64[5] {2, 2, 3, 2, 3}; %u = Reshape(%x, %v); %x1 = Gather<axis=4>(%u, %zero); %x2 = Gather<axis=4>(%u, %one)
        2,2,3,4 | %v = const i64[4] {4, 3, 2, 2}; %u = Reshape(%x, %v); %x1 = Gather<axis=3>(%u, %zero); %x2 = Gather<axis=3>(%u, %one)
        2,2,3,4 | %x1 = Gather<axis=3>(%p, %zero); %x2 = Gather<axis=3>(%p, %one)
        2,2,3,2 | %v = const i64[4] {2, 2, 3, 2}; %u = Reshape(%x, %v); %z = const i64[2] {0, 1}; %o = const i64[2] {1, 0}; %x1 = Gather<axis=3>(%u, %z); %x2 = Gather<axis=3>(%u, %o)
        2,2,3,4 | %s1, %s2 = Split<axis=3>(%p); %x1 = Squeeze(%s1, %i3); %x2 = Squeeze(%s2, %i3)
        2,2,3,4 | %x1 = Slice(%x, %i0, %i2, %i3); %x2 = Slice(%x, %i1, %i3, %i3)
        2,2,3,4 | %x1 = Slice(%x, %i0, %i1, %i3, %i2); %x2 = Slice(%x, %i1, %i2, %i3, %i2)
        2,2,3,4 | %z = Concat<axis=0>(%i0); %x1 = Slice(%x, %z, %far, %i3, %i2); %x2 = Slice(%x, %i1, %far, %i3, %i2)
        2,2,3,4 | %z = Concat<axis=0>(%i2); %x1 = Slice(%x, %i0, %far, %i3, %z); %x2 = Slice(%x, %i1, %far, %i3, %i2)
        """)
    void otherElementsAreNoPairs(String shape, String parts) {
        // What is a view of five dimensions elsewhere is any value here.
        String text = pairs(parts).replace("%x: f32[2,2,3,4]", "%x: f32[" + shape + "]");
        refuses(
                "rotary-interleaved-pairs",
                shape.equals("2,2,3,4") ? text : text.replace("%p = Reshape(%x, %five)\n", ""),
                "the parts are not the elements of pairs");
    }

    @Test
    void pairsOfAnotherShapeStay() {
        String rest = "; %zero = const i64[] {0}; %one = const i64[] {1}; %x1 = Gather<axis=-1>(%p, %zero);"
                + " %x2 = Gather<axis=-1>(%p, %one); ";
        String stacked = "%u = Unsqueeze(%e, %i4); %w = Unsqueeze(%h, %i4); %st = Concat<axis=-1>(%u, %w); ";
        String sum = HALVES.replace("%y = Concat<axis=-1>(%e, %h)", stacked);
        String apart = "%two = const i64[2] {2, 2}; %sizes = Shape<end=3>(%k); %five = Concat<axis=0>(%sizes, %two);"
                + " %p = Reshape(%x, %five)";
        refuses(
                "rotary-interleaved-pairs",
                graph(
                        "%x: f32[2*b,s,4], %k: f32[b,2,s,4], %c: f32[s,2], %n: f32[s,2]",
                        apart + rest + sum + "%all = Shape(%k); %y = Reshape(%st, %all)"),
                "the rotated value has shape [b,2,s,4], and not [2*b,s,4]");
        refuses(
                "rotary-interleaved-pairs",
                graph(
                        "%x: f32[b,s,4], %c: f32[s,2], %n: f32[s,2]",
                        "%four = const i64[4] {0, 0, 2, 2}; %p = Reshape(%x, %four)" + rest + sum.replace("%i4", "%i3")
                                + "%all = const i64[3] {0, 0, 4}; %y = Reshape(%st, %all)"),
                "the rotated value has shape [b,s,4]");
    }

    /** A sum whose terms have other shapes than the rotated value has another shape too. */
    @Test
    void aSumThatBroadcastsStays() {
        refuses(
                "rotary-interleaved",
                graph(
                        "%x: f32[2,4]",
                        "%cos = const f32[1,4] {1, 1, 2, 2}; %sin = const f32[1,4] {3, 3, 4, 4}; %zero = const i64[] {0};"
                                + " %one = const i64[] {1}; %five = const i64[5] {1, 2, 1, 2, 2}; %p = Reshape(%x, %five);"
                                + " %x1 = Gather<axis=4>(%p, %zero); %x2 = Gather<axis=4>(%p, %one); %m = Neg(%x2);"
                                + " %u = Unsqueeze(%m, %i4); %w = Unsqueeze(%x1, %i4); %st = Concat<axis=4>(%u, %w);"
                                + " %four = const i64[4] {1, 2, 1, 4}; %t = Reshape(%st, %four); %a = Mul(%x, %cos);"
                                + " %d = Mul(%t, %sin); %y = Add(%a, %d)"),
                "the rotated value has shape [1,2,1,4], and not [2,4]");
    }

    private static String part(String parts, String rotation) {
        return graph(
                "%x: f32[b,2,s,7], %c: f32[b,s,2], %n: f32[b,s,2], %r0: f32[b,2,s,4], %z0: f32[b,2,s,3]",
                parts + "; %o = " + rotation + "; %y = Concat<axis=-1>(%o, %z)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        is no part of another one | %r = Slice(%x, %i0, %i4, %i3); %z = Slice(%x, %i4, %far, %i3) | RotaryEmbedding<rotary_embedding_dim=2>(%r, %c1, %n1)
        is no part of another one | %z = Slice(%x, %i4, %far, %i3) | RotaryEmbedding(%r0, %c, %n)
        is no part of another one | %r = Slice(%x, %i0, %i4, %i3) | RotaryEmbedding(%r, %c, %n)
        are not parts of one      | %r = Slice(%x, %i0, %i4, %i3); %z = Identity(%z0) | RotaryEmbedding(%r, %c, %n)
        are not parts of one      | %r = Slice(%x, %i0, %i4, %i3); %v = const i64[2] {4, 3}; _, %z = Split<axis=3>(%x, %v) | RotaryEmbedding(%r, %c, %n)
        are not parts of one      | %v = const i64[2] {4, 3}; %r, _ = Split<axis=3>(%x, %v); %u = Neg(%x); _, %z = Split<axis=3>(%u, %v) | RotaryEmbedding(%r, %c, %n)
        are not parts of one      | %v = const i64[2] {4, 3}; %r, _ = Split<axis=3>(%x, %v); _, %z = Split<axis=3>(%x, %v) | RotaryEmbedding(%r, %c, %n)
        are not all of %x         | %v = const i64[3] {4, 3, 0}; %r, %z, _ = Split<axis=3>(%x, %v) | RotaryEmbedding(%r, %c, %n)
        are not all of %x         | %v = const i64[2] {3, 4}; %z, %r = Split<axis=3>(%x, %v) | RotaryEmbedding(%r, %c, %n)
        are not all of %x         | %r = Slice(%x, %i3, %far, %i3); %z = Slice(%x, %i4, %far, %i3) | RotaryEmbedding(%r, %c, %n)
        packed in another way     | %r = Slice(%x, %i0, %i4, %i3); %z = Slice(%x, %i4, %far, %i3) | RotaryEmbedding<num_heads=2>(%r, %c, %n)
        """)
    void otherPartsOfHeadsStay(String reason, String parts, String rotation) {
        String text = part("%c1 = Slice(%c, %i0, %i1, %i2); %n1 = Slice(%n, %i0, %i1, %i2); " + parts, rotation);
        refuses("rotary-part", parts.contains("%z") ? text : text.replace("(%o, %z)", "(%o, %z0)"), reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%v = const i64[2] {4, 3}; %r, %z = Split<axis=3>(%x, %v)"})
    void aPartOfAHeadIsSplitOff(String parts) {
        Rewrites.fires(PartialRotaryRules.SET, "rotary-part", part(parts, "RotaryEmbedding(%r, %c, %n)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        are not all of %x         | b,2,s,8 | %v = const i64[2] {4, 4}; %r, %u = Split<axis=3>(%x, %v); %o = RotaryEmbedding(%r, %c, %n); %y = Concat<axis=3>(%o, %r)
        are not all of %x         | b,2,s,8 | %v = const i64[2] {4, 4}; %u, %r = Split<axis=3>(%x, %v); %o = RotaryEmbedding(%r, %c, %n); %y = Concat<axis=3>(%o, %r)
        are not parts of one      | b,2,s,8 | %r = Neg(%x); %z = Slice(%x, %i4, %far, %i3); %o = RotaryEmbedding(%r, %d, %d); %y = Concat<axis=3>(%o, %z)
        are not parts of one      | b,2,s,8 | %r = Neg(%x); %o = RotaryEmbedding(%r, %d, %d); %y = Concat<axis=3>(%o, %r)
        are not parts of one      | b,2,s,8 | %u = Neg(%x); %r = Slice(%x, %i0, %i4, %i3); %z = Slice(%u, %i4, %far, %i3); %o = RotaryEmbedding(%r, %c, %n); %y = Concat<axis=3>(%o, %z)
        are not parts of one      | b,2,s,a | %v = const i64[2] {4, 3}; %r, %z = Split<axis=3>(%x, %v); %o = RotaryEmbedding(%r, %c, %n); %y = Concat<axis=3>(%o, %z)
        are not parts of one      | b,s,12  | %v = const i64[2] {8, 4}; %r, %z = Split<axis=2>(%x, %v); %o = RotaryEmbedding<num_heads=2>(%r, %c, %n); %y = Concat<axis=-1>(%o, %z)
        """)
    void partsOfOtherValuesStay(String reason, String shape, String nodes) {
        refuses(
                "rotary-part",
                graph("%x: f32[" + shape + "], %c: f32[b,s,2], %n: f32[b,s,2], %d: f32[b,s,4]", nodes),
                reason);
    }

    /** A part of each head, whose heads are packed for the rotation and unpacked after it. */
    private static String packedPart(String target, String rotation) {
        return graph(
                "%x: f32[b,s,4,7], %c: f32[b,s,2], %n: f32[b,s,2], %one: f32[b,s,1], %row: f32[1,b*s,2], %to: i64[4]",
                "%v = const i64[2] {4, 3}; %r, %z = Split<axis=3>(%x, %v); %t = " + target
                        + "; %p = Reshape(%r, %t); %q = " + rotation
                        + "; %f = Shape(%r); %o = Reshape(%q, %f); %y = Concat<axis=3>(%o, %z)");
    }

    @Test
    void packedPartsOfHeadsAreRotated() {
        Rewrites.fires(
                PartialRotaryRules.SET,
                "rotary-part",
                packedPart("const i64[3] {0, 0, 16}", "RotaryEmbedding<num_heads=4>(%p, %c, %n)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        const i64[3] {0, 0, 16}  | RotaryEmbedding<num_heads=8>(%p, %one, %one)
        const i64[3] {1, -1, 16} | RotaryEmbedding<num_heads=4>(%p, %row, %row)
        Identity(%to)            | RotaryEmbedding(%p, %c, %n)
        """)
    void partsThatArePackedInAnotherWayStay(String target, String rotation) {
        refuses("rotary-part", packedPart(target, rotation), "the heads are packed in another way");
    }

    private static String moved(String inputs, String target, String rotation) {
        return graph(
                inputs + ", %c: f32[b,s,2], %n: f32[b,s,2], %d2: f32[b,s,d]",
                "%h = " + target + "; %r = Reshape(%x, %h); %t = Transpose<perm=[0, 2, 1, 3]>(%r); %y = " + rotation);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[b,s,8]   | const i64[4] {0, 0, 2, 4}  | RotaryEmbedding<num_heads=2>(%t, %c, %n)
        %x: f32[b,s,4*d] | const i64[4] {0, 0, 2, -1} | RotaryEmbedding(%t, %d2, %d2)
        """)
    void packedHeadsAreRotated(String inputs, String target, String rotation) {
        Rewrites.fires(PartialRotaryRules.SET, "rotary-heads", moved(inputs, target, rotation));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[b,s,8,1]           | const i64[4] {0, 0, 2, 4}
        %x: f32[b,s,4*h]           | const i64[4] {0, 0, -1, 4}
        %x: f32[*]                 | const i64[4] {1, 3, 2, 4}
        %x: f32[b,s,8], %to: i64[k] | Identity(%to)
        """)
    void headsThatMayNotBePackedStay(String inputs, String target) {
        refuses("rotary-heads", moved(inputs, target, "RotaryEmbedding(%t, %c, %n)"), "the heads go from");
    }
}
