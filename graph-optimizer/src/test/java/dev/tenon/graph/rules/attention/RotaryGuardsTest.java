package dev.tenon.graph.rules.attention;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
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
        %x: f32[b,4]   | %p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=1>(%x, %p)
        %x: f32[*]     | %p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=-1>(%x, %p)
        """)
    void elementsThatMayNotBeDuplicatedStay(String inputs, String nodes) {
        refuses("duplicate-after-unary", graph(inputs, nodes + "; %y = Sin(%r)"), "not known to be duplicated");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%p = const i64[4] {0, 0, 1, 1}; %r = Gather<axis=0>(%x, %p); %y = Sin(%r)",
                "%p = const i64[3] {0, 0, 1}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%p = const i64[2,2] {0, 0, 1, 1}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%p = const i64[4] {0, 0, 1, 0}; %r = Gather<axis=1>(%x, %p); %y = Sin(%r)",
                "%f = const f32[1,1] {3}; %r = Concat<axis=-1>(%x, %x); %y = Mul(%r, %f)",
                "%f = const i64[2,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather(%f, %p1)",
                "%f = const f32[4] {1, 2, 1, 2}; %y = Gather(%f, %p1)",
                "%f = const f32[2,3] {1, 2, 1, 3, 4, 3}; %y = Gather(%f, %p1)",
                "%f = const f32[2,1,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather(%f, %p1)",
                "%f = const f32[0,4] {}; %y = Gather(%f, %p1)",
                "%f = const f32[2,4] {1, 2, 1, 2, 3, 4, 3, 4}; %y = Gather<axis=1>(%f, %p1)"
            })
    void otherDuplicationsStay(String nodes) {
        Rewrites.stays(SET, graph("%x: f32[3,2], %p1: i64[n]", nodes));
    }

    private static final String HALVES = "%a = Mul(%x1, %c); %d = Mul(%x2, %n); %e = Sub(%a, %d); %f = Mul(%x2, %c);"
            + " %g = Mul(%x1, %n); %h = Add(%f, %g); %y = Concat<axis=-1>(%e, %h)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the parts are not the halves | b,2,s,4 | %v = const i64[3] {2, 2, 0}; %x1, %x2, _ = Split<axis=3>(%x, %v)
        the parts are not the halves | b,2,s,4 | %x1 = Slice(%x, %i0, %far, %i3, %i2); REST
        the parts are not the halves | b,2,s,4 | %z = Concat<axis=0>(%i0); %x1 = Slice(%x, %z, %i2, %i3); REST
        the parts are not the halves | b,2,s,4 | %z = Concat<axis=0>(%i3); %x1 = Slice(%x, %i0, %i2, %z); REST
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
                "%back = const i64[1] {-1}; %x1 = Slice(%x, %i0, %i2, %back); %x2 = Slice(%x, %i2, %far, %back, %i1)"
            })
    void halvesAreCutFromTheEnd(String parts) {
        Rewrites.fires(
                SET,
                "rotary-halves",
                graph("%x: f32[b,2,s,4], %c: f32[b,1,s,2], %n: f32[s,2]", parts + "; " + HALVES));
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
}
