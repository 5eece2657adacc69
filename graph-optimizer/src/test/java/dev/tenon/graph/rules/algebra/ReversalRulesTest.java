package dev.tenon.graph.rules.algebra;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReversalRulesTest {
    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n%k = const i64[1] {-1}\n%e = const i64[1] {-9223372036854775808}\n"
                + "%a = const i64[1] {1}\n%b = const i64[1] {-2}\n%c = const i64[1] {-9}\n%z = const i64[1] {2}\n"
                + "%o = const i64[1] {0}\n%l = const i64[2] {3, 3}\n%m = const i64[2] {3, 2}\n"
                + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        reverse-twice | %x: f32[t,n,2] | %r = Slice(%x, %k, %e, %a, %k); %s = Slice(%r, %k, %e, %a, %k)
        reverse-twice | %x: f32[t,n,2] | %r = Slice(%x, %k, %e, %a, %k); %s = Slice(%r, %k, %e, %b, %k)
        reverse-twice | %x: f32[t,3,2] | %r = Slice(%x, %z, %c, %a, %k); %s = Slice(%r, %k, %e, %a, %k)
        """)
    void twoReversalsAreNone(String rule, String inputs, String nodes) {
        Rewrites.becomes(
                ReversalRules.SET,
                rule,
                graph(inputs, nodes + "; %y = Neg(%s)"),
                "graph g(" + inputs + ") {\n%y = Neg(%x)\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        f32[t,n,2] | %r = Slice(%x, %z, %e, %a, %k); %y = Slice(%r, %k, %e, %a, %k)
        f32[t,n,2] | %r = Slice(%x, %k, %c, %a, %k); %y = Slice(%r, %k, %e, %a, %k)
        f32[t,n,2] | %r = Slice(%x, %k, %e, %a, %b); %y = Slice(%r, %k, %e, %a, %k)
        f32[*]     | %r = Slice(%x, %k, %e, %b, %k); %y = Slice(%r, %k, %e, %b, %k)
        """)
    void partialReversalsStay(String type, String nodes) {
        Rewrites.stays(ReversalRules.SET, "reverse-twice", graph("%x: " + type, nodes));
    }

    @Test
    void axesMayDiffer() {
        Rewrites.refuses(
                ReversalRules.SET,
                "reverse-twice",
                graph("%x: f32[t,n,2]", "%r = Slice(%x, %k, %e, %a, %k); %y = Slice(%r, %k, %e, %o, %k)"),
                "different axes");
    }

    @Test
    void sequencesOfTheWholeLengthAreSlices() {
        Rewrites.becomes(
                ReversalRules.SET,
                "reverse-sequence-whole",
                graph("%x: f32[3,2,n]", "%y = ReverseSequence(%x, %l)"),
                """
                graph g(%x: f32[3,2,n]) {
                  %const = const i64[1] {-1}
                  %const_1 = const i64[1] {-9223372036854775808}
                  %const_2 = const i64[1] {0}
                  %y = Slice(%x, %const, %const_1, %const_2, %const)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[3,2,n]            | %y = ReverseSequence(%x, %m)
        %x: f32[t,2,n]            | %y = ReverseSequence(%x, %l)
        %x: f32[3,2,n], %q: i64[2] | %i = Min(%q, %l); %y = ReverseSequence(%x, %i)
        """)
    void sequencesOfOtherLengthsStay(String inputs, String nodes) {
        Rewrites.refuses(
                ReversalRules.SET, "reverse-sequence-whole", graph(inputs, nodes), "not known to be that of the axis");
    }
}
