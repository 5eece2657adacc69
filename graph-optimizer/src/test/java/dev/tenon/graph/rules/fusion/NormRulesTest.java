package dev.tenon.graph.rules.fusion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormRulesTest {
    private static final String CONSTANTS = """
        %axes = const i64[1] {-1}
        %two = const f32[] {2}
        %half = const f32[] {0.5}
        %minus = const f32[] {-0.5}
        %one = const f32[1] {1}
        %four = const f32[] {4}
        %quarter = const f32[] {0.25}
        %zero = const f32[] {0}
        %eps = const f32[] {1.0E-5}
        %g = const f32[4] {1, -2, 3, 0.5}
        %b = const f32[4] {0.25, 4, -1, 2}
        """;

    private static String graph(String nodes) {
        return "graph g(%x: f32[batch,seq,4]) {\n" + CONSTANTS
                + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = Pow(%d, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%n, %g) %y = Add(%k, %b)
        %p = Mul(%d, %d) %v = ReduceMean(%p, %axes) %e = Add(%eps, %v) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%g, %n) %y = Add(%b, %k)
        %p = Mul(%d, %d) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Pow(%e, %half) %r = Reciprocal(%s) %n = Mul(%d, %r) %k = Mul(%g, %n) %y = Add(%b, %k)
        %p = Pow(%d, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %r = Div(%one, %s) %n = Mul(%r, %d) %k = Mul(%n, %g) %y = Add(%k, %b)
        %p = Pow(%d, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %r = Pow(%e, %minus) %n = Mul(%d, %r) %k = Mul(%n, %g) %y = Add(%k, %b)
        %p = Pow(%d, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %r = Pow(%e, %minus) %f = Mul(%r, %g) %k = Mul(%d, %f) %y = Add(%k, %b)
        %p = Mul(%x, %x) %w = ReduceMean(%p, %axes) %q = Mul(%m, %m) %v = Sub(%w, %q) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%n, %g) %y = Add(%k, %b)
        %p = Pow(%x, %two) %w = ReduceMean(%p, %axes) %q = Pow(%m, %two) %v = Sub(%w, %q) %c = Max(%zero, %v) %e = Add(%c, %eps) %s = Sqrt(%e) %r = Reciprocal(%s) %f = Mul(%g, %r) %k = Mul(%f, %d) %y = Add(%k, %b)
        """)
    void layerNormalizationIsFound(String nodes) {
        Graph result = Rewrites.fires(
                NormRules.SET,
                "layer-normalization-bias",
                graph("%m = ReduceMean(%x, %axes) %d = Sub(%x, %m) " + nodes));
        assertThat(result.toString()).contains("%y: f32[batch,seq,4] = LayerNormalization<axis=2>(%x, %g, %b)");
        assertThat(result.nodes()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %a = ReduceMean<keepdims=0>(%x, %axes) %m = Unsqueeze(%a, %axes) %d = Sub(%x, %m) %p = Mul(%d, %d) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%n, %g) %y = Add(%k, %b)
        %a = ReduceMean<keepdims=0>(%x, %axes) %m = Unsqueeze(%a, %axes) %d = Sub(%x, %m) %p = Mul(%d, %d) %w = ReduceMean<keepdims=0>(%p, %axes) %v = Unsqueeze(%w, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%n, %g) %y = Add(%k, %b)
        %a = ReduceMean<keepdims=0>(%x, %axes) %m = Unsqueeze(%a, %axes) %d = Sub(%x, %m) %p = Mul(%x, %x) %w = ReduceMean(%p, %axes) %q = Mul(%m, %m) %v = Sub(%w, %q) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%d, %s) %k = Mul(%n, %g) %y = Add(%k, %b)
        """)
    void layerNormalizationIsFoundWhereMeansAreBroughtBack(String nodes) {
        Graph result = Rewrites.fires(NormRules.SET, "layer-normalization-bias", graph(nodes));
        assertThat(result.toString()).contains("%y: f32[batch,seq,4] = LayerNormalization<axis=2>(%x, %g, %b)");
        assertThat(result.nodes()).hasSize(1);
    }

    @Test
    void meansThatAreBroughtBackElsewhereAreRefused() {
        String nodes = graph("""
            %zero_axis = const i64[1] {0}
            %a = ReduceMean<keepdims=0>(%x, %axes)
            %m = Unsqueeze(%a, %zero_axis)
            %d = Sub(%x, %m)
            %p = Mul(%d, %d)
            %v = ReduceMean(%p, %axes)
            %e = Add(%v, %eps)
            %s = Sqrt(%e)
            %y = Div(%d, %s)\
            """).replace("[batch,seq,4]", "[4,4,4]");
        Rewrites.refuses(
                NormRules.SET.where(r -> r.name().equals("layer-normalization")),
                "layer-normalization",
                nodes,
                "the mean is not kept for each row");
    }

    @Test
    void layerNormalizationBecomesOneNode() {
        Rewrites.becomes(NormRules.SET, "layer-normalization", graph("""
            %m = ReduceMean(%x, %axes)
            %d = Sub(%x, %m)
            %p = Pow(%d, %two)
            %v = ReduceMean(%p, %axes)
            %e = Add(%v, %eps)
            %s = Sqrt(%e)
            %n = Div(%d, %s)
            %k = Mul(%n, %g)
            %y = Add(%k, %b)\
            """), """
            graph g(%x: f32[batch,seq,4]) {
              %g = const f32[4] {1, -2, 3, 0.5}
              %b = const f32[4] {0.25, 4, -1, 2}
              %y = LayerNormalization<axis=2>(%x, %g, %b)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = Pow(%x, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%x, %s) %y = Mul(%n, %g)
        %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %r = Reciprocal(%s) %n = Mul(%x, %r) %y = Mul(%g, %n)
        %p = Pow(%x, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %r = Div(%one, %s) %n = Mul(%r, %x) %y = Mul(%n, %g)
        %q = ReduceSumSquare(%x, %axes) %v = Mul(%quarter, %q) %e = Add(%v, %eps) %r = Pow(%e, %minus) %n = Mul(%r, %x) %y = Mul(%n, %g)
        %p = Mul(%x, %x) %w = ReduceMean<keepdims=0>(%p, %axes) %v = Unsqueeze(%w, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%x, %s) %y = Mul(%n, %g)
        %p = Pow(%x, %two) %q = ReduceSum(%p, %axes) %v = Div(%q, %four) %e = Add(%v, %eps) %s = Sqrt(%e) %n = Div(%x, %s) %y = Mul(%n, %g)
        """)
    void rmsNormalizationIsFound(String nodes) {
        Graph result = Rewrites.fires(NormRules.SET, "rms-normalization-scale", graph(nodes));
        assertThat(result.toString()).contains("%y: f32[batch,seq,4] = RMSNormalization<axis=2>(%x, %g)");
        assertThat(result.nodes()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = Pow(%x, %two) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %r = Reciprocal(%s) %f = Mul(%r, %g) %y = Mul(%x, %f)
        %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %r = Pow(%e, %minus) %f = Mul(%g, %r) %y = Mul(%f, %x)
        %p = Mul(%x, %x) %q = ReduceSum(%p, %axes) %v = Mul(%q, %quarter) %e = Add(%v, %eps) %s = Sqrt(%e) %r = Div(%one, %s) %f = Mul(%g, %r) %y = Mul(%x, %f)
        """)
    void rootsAreScaledBeforeTheyDivide(String nodes) {
        Rewrites.becomes(
                NormRules.SET,
                "rms-normalization",
                graph(nodes),
                graph("%g = const f32[4] {1, -2, 3, 0.5} %y = RMSNormalization<axis=2>(%x, %g)")
                        .replace(CONSTANTS, ""));
    }

    private static String halved(String nodes) {
        return "graph g(%h: f16[batch,seq,4]) {\n" + CONSTANTS + "%x = Cast<to=1>(%h)\n"
                + "%p = Pow(%x, %two)\n%v = ReduceMean(%p, %axes)\n%e = Add(%v, %eps)\n%s = Sqrt(%e)\n"
                + "%r = Reciprocal(%s)\n%n = Mul(%x, %r)\n" + nodes + "\nreturn %y\n}";
    }

    /** Models in half precision normalise in single precision. */
    @Test
    void aScaleMovesBeforeARounding() {
        Rewrites.becomes(
                NormRules.SET,
                "rms-normalization-scale-cast",
                halved("%c = Cast<to=10>(%n)\n%i = const f16[4] {1, -2, 3, 0.5}\n%y = Mul(%i, %c)"),
                """
            graph g(%h: f16[batch,seq,4]) {
              %i = const f16[4] {1, -2, 3, 0.5}
              %x = Cast<to=1>(%h)
              %Cast = Cast<to=1>(%i)
              %RMSNormalization_1 = RMSNormalization<axis=2>(%x, %Cast)
              %y = Cast<to=10>(%RMSNormalization_1)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        f32 becomes f64 | %z = RMSNormalization(%x, %i) %c = Cast<to=11>(%z) %k = const f64[4] {1, 2, 3, 4} %y = Mul(%c, %k)
        f32 becomes f32 | %z = RMSNormalization(%x, %i) %c = Cast<to=1>(%z) %k = const f32[4] {1, 2, 3, 4} %y = Mul(%c, %k)
        f16 becomes bf16 | %h = Cast<to=10>(%x) %j = const f16[4] {1, 1, 1, 1} %z = RMSNormalization(%h, %j) %c = Cast<to=16>(%z) %k = const bf16[4] {1, 2, 3, 4} %y = Mul(%c, %k)
        f32 becomes i32 | %z = RMSNormalization(%x, %i) %c = Cast<to=6>(%z) %k = const i32[4] {1, 2, 3, 4} %y = Mul(%c, %k)
        is not one row  | %z = RMSNormalization(%x, %i) %c = Cast<to=10>(%z) %k = const f16[1] {3} %y = Mul(%c, %k)
        used 2 times    | %z = RMSNormalization(%x, %i) %c = Cast<to=10>(%z) %k = const f16[4] {1, 2, 3, 4} %t = Mul(%c, %k) %y = Add(%t, %c)
        """)
    void aScaleStaysAfterMoreThanARounding(String reason, String nodes) {
        Rewrites.refuses(
                NormRules.SET,
                "rms-normalization-scale-cast",
                graph("%i = const f32[4] {1, 1, 1, 1} " + nodes),
                reason);
    }

    @Test
    void aScaleMovesBeforeARoundingOfDoubles() {
        Rewrites.fires(NormRules.SET, "rms-normalization-scale-cast", """
            graph g(%x: f64[batch,seq,4]) {
              %i = const f64[4] {1, 1, 1, 1}
              %k = const f32[4] {1, 2, 3, 4}
              %z = RMSNormalization(%x, %i)
              %c = Cast<to=1>(%z)
              %y = Mul(%c, %k)
              return %y
            }
            """);
    }

    @Test
    void rowsOfTwoAxesAreRows() {
        Graph result = Rewrites.fires(NormRules.SET, "rms-normalization-scale", """
            graph g(%x: f32[batch,2,2]) {
              %axes = const i64[2] {2, 1}
              %eps = const f32[] {1.0E-5}
              %g = const f32[1,2,2] {1, -2, 3, 0.5}
              %p = Mul(%x, %x)
              %v = ReduceMean(%p, %axes)
              %e = Add(%v, %eps)
              %s = Sqrt(%e)
              %n = Div(%x, %s)
              %y = Mul(%n, %g)
              return %y
            }
            """);
        assertThat(result.toString()).contains("RMSNormalization<axis=1>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rms-normalization         | %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s) | %const = const f32[4] {1, 1, 1, 1} %y = RMSNormalization<axis=2>(%x, %const)
        layer-normalization-scale | %i = const f32[4] {1, 1, 1, 1} %n = LayerNormalization(%x, %i) %y = Mul(%g, %n) | %g = const f32[4] {1, -2, 3, 0.5} %y = LayerNormalization(%x, %g)
        rms-normalization-scale   | %i = const f32[4] {1, 1, 1, 1} %n = RMSNormalization(%x, %i) %y = Mul(%n, %g)   | %g = const f32[4] {1, -2, 3, 0.5} %y = RMSNormalization(%x, %g)
        rms-normalization-scale   | %i = const f32[4] {1, 1, 1, 1} %h = const f32[1,1,4] {1, -2, 3, 0.5} %n = RMSNormalization(%x, %i) %y = Mul(%n, %h) | %const = const f32[4] {1, -2, 3, 0.5} %y = RMSNormalization(%x, %const)
        layer-normalization-bias  | %n = LayerNormalization(%x, %g) %y = Add(%n, %b) | %g = const f32[4] {1, -2, 3, 0.5} %b = const f32[4] {0.25, 4, -1, 2} %y = LayerNormalization(%x, %g, %b)
        layer-normalization-factor | %n = LayerNormalization(%x, %g, %b) %y = Mul(%n, %b) | %g = const f32[4] {1, -2, 3, 0.5} %b = const f32[4] {0.25, 4, -1, 2} %Mul = Mul(%g, %b) %Mul_1 = Mul(%b, %b) %y = LayerNormalization(%x, %Mul, %Mul_1)
        softmax                   | %m = ReduceMax(%x, %axes) %d = Sub(%x, %m) %e = Exp(%d) %s = ReduceSum(%e, %axes) %y = Div(%e, %s) | %y = Softmax<axis=2>(%x)
        """)
    void normalisationsAreWrittenAsOneOperator(String rule, String before, String after) {
        Rewrites.becomes(NormRules.SET, rule, graph(before), graph(after).replace(CONSTANTS, ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rms-normalization-scale  | not one row        | %i = const f32[4] {1, 1, 1, 1} %n = RMSNormalization(%x, %i) %c = const f32[1] {2} %y = Mul(%n, %c)
        rms-normalization-scale  | not one row        | %i = const f32[4] {1, 1, 1, 1} %n = RMSNormalization(%x, %i) %c = const f32[1,1,1,4] {1, 2, 3, 4} %y = Mul(%n, %c)
        rms-normalization-scale  | not one row        | %k = const f32[2,3,4] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8} %i = const f32[4] {1, 1, 1, 1} %n = RMSNormalization(%k, %i) %c = const f32[2,1,4] {1, 2, 3, 4, 5, 6, 7, 8} %y = Mul(%n, %c)
        rms-normalization   | axes are not known | %a = const i64[0] {} %p = Mul(%x, %x) %v = ReduceMean<noop_with_empty_axes=1>(%p, %a) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s)
        rms-normalization   | not the last  | %a = const i64[2] {0, 2} %p = Mul(%x, %x) %v = ReduceMean(%p, %a) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s)
        layer-normalization-bias | not one row        | %n = LayerNormalization(%x, %g) %c = const f32[1] {2} %y = Add(%n, %c)
        layer-normalization-factor | not one row      | %n = LayerNormalization(%x, %g, %b) %c = const f32[1] {2} %y = Mul(%n, %c)
        layer-normalization-bias | used 2 times       | %n = LayerNormalization(%x, %g) %a = Add(%n, %b) %y = Mul(%n, %a)
        softmax                  | not along one axis | %a = const i64[2] {1, 2} %e = Exp(%x) %s = ReduceSum(%e, %a) %y = Div(%e, %s)
        log-softmax              | used 2 times       | %a = Softmax(%x) %l = Log(%a) %y = Mul(%a, %l)
        layer-normalization | not the last  | %a = const i64[1] {1} %m = ReduceMean(%x, %a) %d = Sub(%x, %m) %p = Mul(%d, %d) %v = ReduceMean(%p, %a) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%d, %s)
        rms-normalization   | used 2 times  | %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %z = Div(%x, %s) %y = Add(%z, %s)
        rms-normalization   | not one row   | %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %r = Pow(%e, %minus) %f = Mul(%r, %two) %y = Mul(%x, %f)
        rms-normalization   | used 2 times  | %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %r = Pow(%e, %minus) %f = Mul(%r, %g) %z = Mul(%x, %f) %y = Add(%z, %f)
        rms-normalization   | another number | %p = Mul(%x, %x) %v = ReduceSum(%p, %axes) %q = Div(%v, %two) %e = Add(%q, %eps) %s = Sqrt(%e) %y = Div(%x, %s)
        rms-normalization   | another number | %v = ReduceSumSquare(%x, %axes) %q = Mul(%v, %half) %e = Add(%q, %eps) %s = Sqrt(%e) %y = Div(%x, %s)
        layer-normalization | used 2 times  | %m = ReduceMean(%x, %axes) %d = Sub(%x, %m) %p = Mul(%x, %x) %w = ReduceMean(%p, %axes) %q = Mul(%m, %m) %v = Sub(%w, %q) %e = Add(%v, %eps) %s = Sqrt(%e) %z = Div(%d, %s) %y = Add(%z, %v)
        rms-normalization   | for each row  | %i = const i64[3] {1, 0, -1} %p = Mul(%x, %x) %w = ReduceMean<keepdims=0>(%p, %axes) %v = Reshape(%w, %i) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s)
        rms-normalization   | is negative   | %k = const f32[] {-1} %p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %k) %s = Sqrt(%e) %y = Div(%x, %s)
        """)
    void othersAreRefused(String rule, String reason, String nodes) {
        Rewrites.refuses(NormRules.SET, rule, graph(nodes), reason);
    }

    /** Means of one row that come back as dimensions of other rows, or as dimensions that are not known. */
    @ParameterizedTest
    @CsvSource({"'i64[3] {4, 1, 1}', '1,4,4'", "'i64[4] {4, 4, 1, 1}', '4,4,4'", "given, '1,4,4'"})
    void meansOfOtherShapesAreRefused(String shape, String dims) {
        String text = graph(
                        "%p = Mul(%x, %x) %w = ReduceMean<keepdims=0>(%p, %axes) %i = const SHAPE %v = Reshape(%w, %i)"
                                + " %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s)")
                .replace("[batch,seq,4]", "[" + dims + "]");
        Rewrites.refuses(
                NormRules.SET,
                "rms-normalization",
                shape.equals("given")
                        ? text.replace("%i = const SHAPE\n", "").replace(") {", ", %i: i64[k]) {")
                        : text.replace("SHAPE", shape),
                "is not kept for each row");
    }

    @Test
    void aScaleThatIsNoRowIsRefused() {
        Rewrites.refuses(NormRules.SET, "layer-normalization-scale", """
            graph g(%x: f32[batch,4], %g: f32[batch,1]) {
              %ones = const f32[4] {1, 1, 1, 1}
              %n = LayerNormalization(%x, %ones)
              %y = Mul(%n, %g)
              return %y
            }
            """, "no known shape");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %m = ReduceMax(%x, %axes) %d = Sub(%x, %m) %e = Exp(%d) %s = ReduceSum(%e, %axes) %y = Div(%e, %s)
        %e = Exp(%x) %s = ReduceSum(%e, %axes) %y = Div(%e, %s)
        """)
    void softmaxIsFound(String nodes) {
        Graph result = Rewrites.fires(NormRules.SET, "softmax", graph(nodes));
        assertThat(result.toString()).contains("%y: f32[batch,seq,4] = Softmax<axis=2>(%x)");
    }

    @Test
    void theLogarithmOfSoftmaxIsOne() {
        Rewrites.becomes(
                NormRules.SET,
                "log-softmax",
                "graph g(%x: f32[n,m]) { %a = Softmax<axis=0>(%x) %y = Log(%a) return %y }",
                "graph g(%x: f32[n,m]) { %y = LogSoftmax<axis=0>(%x) return %y }");
    }

    @Test
    void otherQuotientsStay() {
        Rewrites.stays(NormRules.SET, graph("""
            %i = const i64[1] {1}
            %e = Exp(%x)
            %s = ReduceSum<keepdims=0>(%e, %i)
            %t = ReduceSum(%x, %i)
            %u = Div(%e, %t)
            %p = Mul(%x, %x)
            %v = ReduceMean(%p, %axes)
            %w = Sqrt(%v)
            %q = Div(%x, %w)
            %c = Sum(%u, %q)
            %y = Sum(%c, %t)
            """));
    }

    private static String moments(String scale) {
        return """
            graph g(%x: f32[batch,seq,4]) {
              %axes = const i64[1] {2}
              %eps = const f32[] {1.0E-5}
              %b = const f32[4] {0.5, -1, 2, 0}
              %g = const f32[\
            """ + scale + """

              %m = ReduceMean(%x, %axes)
              %d = Sub(%x, %m)
              %p = Mul(%d, %d)
              %v = ReduceMean(%p, %axes)
              %e = Add(%v, %eps)
              %s = Sqrt(%e)
              %r = Reciprocal(%s)
              %f = Mul(%r, %g)
              %t = Mul(%x, %f)
              %u = Mul(%m, %f)
              %o = Sub(%b, %u)
              %y = Add(%t, %o)
              return %y
            }
            """;
    }

    @Test
    void aNormalizationByMomentsIsFound() {
        Rewrites.becomes(NormRules.SET, "layer-normalization-moments", moments("4] {1, -2, 3, 0.5}"), """
            graph g(%x: f32[batch,seq,4]) {
              %g = const f32[4] {1, -2, 3, 0.5}
              %b = const f32[4] {0.5, -1, 2, 0}
              %y = LayerNormalization<axis=2>(%x, %g, %b)
              return %y
            }
            """);
    }

    /** Epsilon is a float32 attribute, which is not precise enough for a graph in double precision. */
    @ParameterizedTest
    @CsvSource({"0.25, true", "1.0E-5, false"})
    void epsilonIsAFloat(String epsilon, boolean holds) {
        String text = graph(
                        "%p = Mul(%x, %x) %v = ReduceMean(%p, %axes) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s)")
                .replace("f32", "f64")
                .replace("1.0E-5", epsilon);
        if (holds) {
            Rewrites.fires(NormRules.SET, "rms-normalization", text);
        } else {
            Rewrites.refuses(NormRules.SET, "rms-normalization", text, "epsilon 1.0E-5 is no f32");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %y = Mul(%q, %two)
        %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %y = Div(%q, %half)
        %l = ReduceL2(%x, %axes) %r = Mul(%half, %l) %y = Div(%x, %r)
        %l = ReduceL2<keepdims=0>(%x, %axes) %u = Unsqueeze(%l, %axes) %r = Div(%u, %two) %y = Div(%x, %r)
        %z = const f32[] {0} %l = ReduceL2(%x, %axes) %c = Max(%l, %z) %s = Shape(%x) %e = Expand(%c, %s) %q = Div(%x, %e) %y = Mul(%two, %q)
        %z = const f32[] {0} %l = ReduceL2(%x, %axes) %c = Clip(%l, %z) %q = Div(%x, %c) %y = Mul(%q, %two)
        """)
    void quotientsByNormsAreFound(String nodes) {
        Graph result = Rewrites.fires(NormRules.SET, "rms-normalization-of-norm", graph(nodes));
        assertThat(result.toString()).contains("= RMSNormalization<axis=2, epsilon=0.0f>(%x, ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rms-normalization-of-norm | %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %n = Mul(%q, %two) %y = Mul(%n, %g) | %g = const f32[4] {1, -2, 3, 0.5} %y = RMSNormalization<axis=2, epsilon=0.0f>(%x, %g)
        rms-normalization-of-norm | %q = LpNormalization<axis=2>(%x) %y = Mul(%q, %two) | %const = const f32[4] {1, 1, 1, 1} %y = RMSNormalization<axis=2, epsilon=1.4E-45f>(%x, %const)
        rms-normalization         | %l = ReduceL2(%x, %axes) %p = Pow(%l, %two) %v = Div(%p, %four) %e = Add(%v, %eps) %s = Sqrt(%e) %y = Div(%x, %s) | %const = const f32[4] {1, 1, 1, 1} %y = RMSNormalization<axis=2>(%x, %const)
        """)
    void normsBecomeRmsNormalisations(String rule, String before, String after) {
        Rewrites.becomes(NormRules.SET, rule, graph(before), graph(after).replace(CONSTANTS, ""));
    }

    @Test
    void theOnlyAxisIsTheLast() {
        Rewrites.fires(
                NormRules.SET,
                "rms-normalization-of-norm",
                graph("%q = LpNormalization<axis=0>(%x) %y = Mul(%q, %two)").replace("[batch,seq,4]", "[4]"));
        Rewrites.refuses(
                NormRules.SET,
                "rms-normalization-of-norm",
                graph("%q = LpNormalization(%x) %y = Mul(%q, %two)").replace("[batch,seq,4]", "[*]"),
                "the axes are not known");
    }

    @Test
    void aRowOfZerosStaysWhereItsNormDoesNotDivideIt() {
        Graph before = Graphs.parse(graph("%q = LpNormalization(%x) %y = Mul(%q, %two)"));
        Graph after = new Rewriter(NormRules.SET).apply(before, new RewriteTrace());
        assertThat(after.toString()).contains("RMSNormalization");
        Tensor zeros = Tensor.allocate(DType.FLOAT32, 1, 2, 4);
        zeros.setDouble(5, 1e-9);
        Graphs.requireEqual(Graphs.run(after, zeros), Graphs.run(before, zeros));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rms-normalization-of-norm | E-13 is replaced by it | %z = const f32[] {1E-12} %l = ReduceL2(%x, %axes) %c = Clip(%l, %z) %q = Div(%x, %c) %y = Mul(%q, %two)
        rms-normalization-of-norm | 0.25 is replaced by it     | %z = const f32[] {0.25} %l = ReduceL2(%x, %axes) %c = Max(%l, %z) %q = Div(%x, %c) %y = Mul(%q, %two)
        rms-normalization-of-norm | broadcast to               | %i = const i64[1] {1} %l = ReduceL2(%x, %axes) %e = Expand(%l, %i) %q = Div(%x, %e) %y = Mul(%q, %two)
        rms-normalization-of-norm | not by the root of 4       | %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %y = Mul(%q, %half)
        rms-normalization-of-norm | not the last               | %i = const i64[1] {1} %l = ReduceL2(%x, %i) %q = Div(%x, %l) %y = Mul(%q, %two)
        rms-normalization-of-norm | of order 1                 | %q = LpNormalization<p=1>(%x) %y = Mul(%q, %two)
        rms-normalization-of-norm | used 2 times               | %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %n = Mul(%q, %two) %y = Add(%n, %l)
        rms-normalization-of-norm | is not of shape            | %t = const f32[1,1,1,1] {2} %l = ReduceL2(%x, %axes) %q = Div(%x, %l) %m = Mul(%q, %t) %i = const i64[1] {0} %y = Squeeze(%m, %i)
        """)
    void otherNormsAreRefused(String rule, String reason, String nodes) {
        Rewrites.refuses(NormRules.SET, rule, graph(nodes), reason);
    }

    @Test
    void oneFactorForAllIsNoRow() {
        Rewrites.refuses(NormRules.SET, "layer-normalization-moments", moments("1] {2}"), "the scale is not one row");
        Rewrites.fires(NormRules.SET, "layer-normalization-moments", moments("1,1,4] {1, -2, 3, 0.5}"));
        for (String scale : List.of("2] {1, 2}", "2,1,2] {1, 2, 3, 4}")) {
            String text = moments(scale)
                    .replace("[batch,seq,4]", "[2,2,2]")
                    .replace("i64[1] {2}", "i64[2] {1, 2}")
                    .replace("%b = const f32[4]", "%b = const f32[2,2]");
            Rewrites.refuses(NormRules.SET, "layer-normalization-moments", text, "the scale is not one row");
        }
    }
}
