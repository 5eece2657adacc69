package dev.tenon.graph.rules.fusion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationRulesTest {
    private static String graph(String nodes) {
        return "graph g(%in: f32[n,3]) {\n%x = Neg(%in)\n"
                + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gelu-erf     | Gelu | %r = const f32[] {1.4142135} %o = const f32[] {1} %h = const f32[] {0.5} %a = Div(%x, %r) %b = Erf(%a) %c = Add(%b, %o) %d = Mul(%x, %c) %y = Mul(%d, %h)
            gelu-erf     | Gelu | %r = const f32[] {0.70710677} %o = const f32[] {1} %h = const f32[] {0.5} %a = Mul(%x, %r) %b = Erf(%a) %c = Add(%o, %b) %d = Mul(%x, %h) %y = Mul(%c, %d)
            gelu-erf     | Gelu | %r = const f32[] {1.4142135} %o = const f32[] {1} %h = const f32[] {2} %a = Div(%x, %r) %b = Erf(%a) %c = Add(%b, %o) %d = Div(%c, %h) %y = Mul(%d, %x)
            gelu-tanh    | Gelu<approximate="tanh"> | %k = const f32[] {3} %c = const f32[] {0.044715} %s = const f32[] {0.7978846} %o = const f32[] {1} %h = const f32[] {0.5} %a = Pow(%x, %k) %b = Mul(%a, %c) %d = Add(%x, %b) %e = Mul(%d, %s) %f = Tanh(%e) %g = Add(%f, %o) %i = Mul(%x, %g) %y = Mul(%i, %h)
            gelu-tanh    | Gelu<approximate="tanh"> | %c = const f32[] {0.044715} %s = const f32[] {0.7978846} %o = const f32[] {1} %h = const f32[] {0.5} %p = Mul(%x, %x) %a = Mul(%x, %p) %b = Mul(%c, %a) %d = Add(%b, %x) %e = Mul(%s, %d) %f = Tanh(%e) %g = Add(%f, %o) %i = Mul(%x, %h) %y = Mul(%i, %g)
            gelu-tanh    | Gelu<approximate="tanh"> | %c = const f32[] {0.044715} %s = const f32[] {0.7978846} %o = const f32[] {1} %h = const f32[] {0.5} %t = Mul(%x, %s) %p = Mul(%x, %c) %a = Mul(%p, %x) %b = Add(%a, %o) %e = Mul(%t, %b) %f = Tanh(%e) %g = Add(%f, %o) %i = Mul(%x, %h) %y = Mul(%i, %g)
            gelu-sigmoid | Gelu<approximate="tanh"> | %c = const f32[] {0.044715} %s = const f32[] {1.5957692} %p = Mul(%x, %x) %a = Mul(%x, %p) %b = Mul(%c, %a) %d = Add(%b, %x) %e = Mul(%s, %d) %f = Sigmoid(%e) %y = Mul(%x, %f)
            silu         | Swish | %a = Sigmoid(%x) %y = Mul(%a, %x)
            silu         | Swish | %o = const f32[] {1} %m = Neg(%x) %e = Exp(%m) %s = Add(%o, %e) %y = Div(%x, %s)
            swish        | Swish<alpha=1.702f> | %k = const f32[] {1.702} %a = Mul(%x, %k) %s = Sigmoid(%a) %y = Mul(%x, %s)
            hard-sigmoid | HardSigmoid<alpha=0.16666667f> | %z = const f32[] {0} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %k) %y = Div(%b, %k)
            hard-sigmoid | HardSigmoid<alpha=0.16666667f> | %z = const f32[] {0} %o = const f32[] {1} %k = const f32[] {0.16666667} %t = const f32[] {0.5} %a = Mul(%x, %k) %b = Add(%a, %t) %y = Clip(%b, %z, %o)
            hard-sigmoid | HardSigmoid<alpha=0.16666667f> | %z = const f32[] {0} %o = const f32[] {1} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Div(%a, %k) %y = Clip(%b, %z, %o)
            hard-swish   | HardSwish | %z = const f32[] {0} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %k) %c = Mul(%x, %b) %y = Div(%c, %k)
            hard-swish   | HardSwish | %z = const f32[] {0} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Relu(%a) %d = Min(%b, %k) %c = Div(%d, %k) %y = Mul(%c, %x)
            hard-swish   | HardSwish | %h = HardSigmoid<alpha=0.16666667f>(%x) %y = Mul(%x, %h)
            mish         | Mish | %s = Softplus(%x) %t = Tanh(%s) %y = Mul(%x, %t)
            mish         | Mish | %o = const f32[] {1} %e = Exp(%x) %s = Add(%e, %o) %l = Log(%s) %t = Tanh(%l) %y = Mul(%t, %x)
            """)
    void activationsAreFound(String rule, String found, String nodes) {
        Rewrites.becomes(ActivationRules.SET, rule, graph(nodes), graph("%y = " + found + "(%x)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gelu-erf     | %r = const f32[] {1.4} %o = const f32[] {1} %h = const f32[] {0.5} %a = Div(%x, %r) %b = Erf(%a) %c = Add(%b, %o) %d = Mul(%x, %c) %y = Mul(%d, %h)
            gelu-erf     | %r = const f32[] {1.4142135} %o = const f32[] {1} %h = const f32[] {0.5} %a = Div(%x, %r) %b = Erf(%a) %c = Add(%b, %o) %d = Mul(%in, %c) %y = Mul(%d, %h)
            gelu-tanh    | %k = const f32[] {2} %c = const f32[] {0.044715} %s = const f32[] {0.7978846} %o = const f32[] {1} %h = const f32[] {0.5} %a = Pow(%x, %k) %b = Mul(%a, %c) %d = Add(%x, %b) %e = Mul(%d, %s) %f = Tanh(%e) %g = Add(%f, %o) %i = Mul(%x, %g) %y = Mul(%i, %h)
            gelu-sigmoid | %c = const f32[] {0.044715} %s = const f32[] {0.7978846} %p = Mul(%x, %x) %a = Mul(%x, %p) %b = Mul(%c, %a) %d = Add(%b, %x) %e = Mul(%s, %d) %f = Sigmoid(%e) %y = Mul(%x, %f)
            silu         | %a = Sigmoid(%in) %y = Mul(%a, %x)
            silu         | %o = const f32[] {1} %m = Neg(%x) %e = Exp(%m) %s = Add(%o, %e) %y = Div(%s, %x)
            swish        | %k = const f32[3] {1, 2, 3} %a = Mul(%x, %k) %s = Sigmoid(%a) %y = Mul(%x, %s)
            hard-sigmoid | %z = const f32[] {0} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %t) %y = Div(%b, %k)
            hard-sigmoid | %z = const f32[] {1} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %k) %y = Div(%b, %k)
            hard-swish   | %h = HardSigmoid<alpha=0.16666667f, beta=0.4f>(%x) %y = Mul(%x, %h)
            hard-swish   | %h = HardSigmoid(%x) %y = Mul(%x, %h)
            hard-swish   | %z = const f32[] {0} %k = const f32[] {6} %t = const f32[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %t) %c = Mul(%x, %b) %y = Div(%c, %k)
            mish         | %s = Softplus(%in) %t = Tanh(%s) %y = Mul(%x, %t)
            """)
    void othersStay(String rule, String nodes) {
        Rewrites.stays(ActivationRules.SET, rule, graph(nodes));
    }

    /** A constant of one element may have dimensions. If the rank is not known, they may be those of the result. */
    @Test
    void aConstantMayHaveMoreDimensionsThanAnUnknownRank() {
        String text = """
            graph g(%x: f32[*]) {
              %o = const f32[1] {1}
              %m = Neg(%x)
              %e = Exp(%m)
              %s = Add(%o, %e)
              %y = Div(%x, %s)
              return %y
            }
            """;
        Rewrites.stays(ActivationRules.SET, text);
        Rewrites.stays(ActivationRules.SET, """
            graph g(%x: f32[*]) {
              %k = const f32[1] {2}
              %m = Mul(%x, %k)
              %s = Sigmoid(%m)
              %y = Mul(%x, %s)
              return %y
            }
            """);
        Rewrites.stays(ActivationRules.SET, """
            graph g(%x: f32[*]) {
              %t = const f32[] {3}
              %k = const f32[1] {6}
              %six = const f32[] {6}
              %a = Add(%x, %t)
              %b = Relu(%a)
              %c = Min(%b, %k)
              %y = Div(%c, %six)
              return %y
            }
            """);
        Graph number = Graphs.parse(text.replace("f32[1]", "f32[]"));
        RewriteTrace trace = new RewriteTrace();
        new Rewriter(ActivationRules.SET).apply(number, trace);
        assertThat(trace.count("silu")).isEqualTo(1);
    }

    /** Attributes are float32, which is not precise enough for a graph in double precision. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            swish        | the factor 1.702 is no f32 | %k = const f64[] {1.702} %a = Mul(%x, %k) %s = Sigmoid(%a) %y = Mul(%x, %s)
            hard-sigmoid | a sixth is no f32          | %z = const f64[] {0} %k = const f64[] {6} %t = const f64[] {3} %a = Add(%x, %t) %b = Clip(%a, %z, %k) %y = Div(%b, %k)
            """)
    void factorsThatAFloatDoesNotHoldAreRefused(String rule, String reason, String nodes) {
        Rewrites.refuses(ActivationRules.SET, rule, graph(nodes).replace("f32", "f64"), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hard-swish | %y | %h = HardSigmoid<alpha=0.16666667f>(%x) %y = Mul(%x, %h)
            gelu-erf   | %y | %r = const f64[] {1.4142135} %o = const f64[] {1} %h = const f64[] {0.5} %a = Div(%x, %r) %b = Erf(%a) %c = Add(%b, %o) %d = Mul(%x, %c) %y = Mul(%d, %h)
            """)
    void constantsOfDoublePrecisionAreExact(String rule, String result, String nodes) {
        String text = graph(nodes).replace("f32", "f64");
        Rewrites.stays(ActivationRules.SET, rule, text);
        if (rule.equals("gelu-erf")) {
            Rewrites.fires(ActivationRules.SET, rule, text.replace("1.4142135", "1.4142135623730951"));
        }
    }

    @Test
    void aFactorOfDoublePrecisionThatAFloatHoldsIsOne() {
        Rewrites.becomes(
                ActivationRules.SET,
                "swish",
                graph("%k = const f64[] {1.5} %a = Mul(%x, %k) %s = Sigmoid(%a) %y = Mul(%x, %s)")
                        .replace("f32", "f64"),
                graph("%y = Swish<alpha=1.5f>(%x)").replace("f32", "f64"));
    }

    @Test
    void valuesThatAreUsedElsewhereStay() {
        Rewrites.refuses(
                ActivationRules.SET,
                "silu",
                "graph g(%x: f32[n]) { %s = Sigmoid(%x) %y = Mul(%x, %s) return %y, %s }",
                "%s is used 2 times");
    }

    @Test
    void aFactorOfDoublesMayBeAFloat() {
        Rewrites.fires(
                ActivationRules.SET,
                "swish",
                "graph g(%x: f64[n]) {\n%k = const f64[] {1.5}\n%a = Mul(%x, %k)\n%s = Sigmoid(%a)\n%y = Mul(%x, %s)\n"
                        + "return %y\n}");
    }
}
