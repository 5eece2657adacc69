package dev.tenon.graph.rules.fusion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqueezeExciteRulesTest {
    private static final String HEAD = """
        graph g(%x: f32[n,3,h,w], %z: f32[n,3,h,w], %q: f32[2]) {
          %axes = const i64[2] {2, -1}
          %w1 = const f32[2,3,1,1] {0.5, -0.25, 1, 0.75, 0.5, -1}
          %b1 = const f32[2] {0.25, -0.5}
          %w2 = const f32[3,2,1,1] {1, 0.5, -0.5, 0.25, 0.75, -1}
          %b2 = const f32[3] {0.5, 0.25, -0.25}
        """;

    private static final String CONVOLUTIONS = "%p = GlobalAveragePool(%x); %c = Conv(%p, %w1, %b1); %r = Relu(%c);"
            + " %d = Conv(%r, %w2, %b2); %g = HardSigmoid<alpha=0.25f>(%d); %y = Mul(%x, %g)";

    private static final String PRODUCTS = "%v1 = const f32[2,3] {0.5, -0.25, 1, 0.75, 0.5, -1};"
            + " %v2 = const f32[2,3] {1, -0.5, 0.75, 0.5, 0.25, -1}; %i = const i64[2] {2, 3};"
            + " %p = GlobalAveragePool(%x); %f = Flatten(%p); %c = Gemm<transB=1>(%f, %v1, %b1); %r = Relu(%c);"
            + " %d = MatMul(%r, %v2); %a = Add(%d, %b2); %g = Sigmoid(%a); %u = Unsqueeze(%g, %i); %y = Mul(%x, %u)";

    private static String graph(String nodes) {
        return HEAD + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @Test
    void gatesOfConvolutionsAreOneOperator() {
        Rewrites.becomes(SqueezeExciteRules.SET, "squeeze-excite", graph(CONVOLUTIONS), """
            graph g(%x: f32[n,3,h,w], %z: f32[n,3,h,w], %q: f32[2]) {
              %w1 = const f32[2,3,1,1] {0.5, -0.25, 1, 0.75, 0.5, -1}
              %w2 = const f32[3,2,1,1] {1, 0.5, -0.5, 0.25, 0.75, -1}
              %b1 = const f32[2] {0.25, -0.5}
              %b2 = const f32[3] {0.5, 0.25, -0.25}
              %y = dev.tenon.SqueezeExcite<squeeze="Relu", excite="HardSigmoid", excite.alpha=0.25f>(%x, %w1, %w2, %b1, %b2)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        GlobalAveragePool(%x)    | ReduceMean(%x, %axes)
        Conv(%p, %w1, %b1)       | Conv(%p, %w1)
        Conv(%r, %w2, %b2)       | Conv<strides=[2, 2]>(%r, %w2)
        Conv(%p, %w1, %b1)       | Conv(%p, %w1, %q)
        Conv(%p, %w1, %b1)       | Conv<pads=[0, 0, 0, 0]>(%p, %w1, %b1)
        Relu(%c)                 | Swish(%c)
        Relu(%c)                 | HardSwish(%c)
        Relu(%c)                 | Tanh(%c)
        Relu(%c)                 | Elu<alpha=0.5f>(%c)
        Relu(%c)                 | Softplus(%c)
        %r = Relu(%c); %d = Conv(%r | %d = Conv(%c
        HardSigmoid<alpha=0.25f> | Sigmoid
        HardSigmoid<alpha=0.25f> | Tanh
        %r = Relu(%c)            | %m = const f32[] {6}; %l = const f32[] {0}; %r = Clip(%c, %l, %m)
        %g = HardSigmoid<alpha=0.25f>(%d) | %m = const f32[] {1}; %l = const f32[] {0}; %g = Clip(%d, %l, %m)
        %g = HardSigmoid<alpha=0.25f>(%d) | %m = const f32[] {6}; %l = const f32[] {0}; %k = Clip(%d, %l, %m); %g = Div(%k, %m)
        %g = HardSigmoid<alpha=0.25f>(%d) | %m = const f32[] {6}; %l = const f32[] {0.16666667}; %j = Relu(%d); %k = Min(%j, %m); %g = Mul(%k, %l)
        Mul(%x, %g)              | Mul(%g, %x)
        """)
    void otherSpellingsAreFound(String part, String other) {
        Graph result =
                Rewrites.fires(SqueezeExciteRules.SET, "squeeze-excite", graph(CONVOLUTIONS.replace(part, other)));
        assertThat(result.nodes()).hasSize(1);
    }

    @Test
    void planesMayBeLines() {
        Rewrites.fires(
                SqueezeExciteRules.SET,
                "squeeze-excite",
                graph(CONVOLUTIONS).replace("[n,3,h,w]", "[n,3,w]").replace(",1,1] {", ",1] {"));
    }

    @Test
    void biasesMayBeLeftOut() {
        Graph result = Rewrites.fires(
                SqueezeExciteRules.SET,
                "squeeze-excite",
                graph(CONVOLUTIONS.replace(", %b1)", ")").replace(", %b2)", ")")));
        assertThat(result.nodes().getFirst().inputs()).hasSize(3);
    }

    /** Six times a weight matters only for the second product, and only after a clip. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {1, 0.5, -0.5         | {1.0E38, 0.5, -0.5          | Relu(%c)
        {0.5, -0.25, 1, 0.75  | {0.5, -0.25, 1.0E38, 0.75   | Clip(%c, %l, %m)
        """)
    void otherWeightsMayBeLarge(String weights, String large, String squeeze) {
        String nodes = "%l = const f32[] {0}; %m = const f32[] {6}; " + CONVOLUTIONS.replace("Relu(%c)", squeeze);
        Rewrites.fires(SqueezeExciteRules.SET, "squeeze-excite", graph(nodes).replace(weights, large));
    }

    @Test
    void gatesThatExportersSpelledOutAreFound() {
        String spelled = CONVOLUTIONS.replace(
                "%g = HardSigmoid<alpha=0.25f>(%d)",
                "%k3 = const f32[] {3}; %k0 = const f32[] {0}; %k6 = const f32[] {6}; %e = Add(%d, %k3);"
                        + " %f = Clip(%e, %k0, %k6); %g = Div(%f, %k6)");
        Graph result =
                Rewrites.fires(ActivationRules.SET.plus(SqueezeExciteRules.SET), "squeeze-excite", graph(spelled));
        assertThat(result.nodes()).hasSize(1);
    }

    /** With and without the rules that fold the shift and the factor of a function into the weights before it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %e = Add(%d, %k3); %f = Clip(%e, %k0, %k6); %g = Div(%f, %k6)
        %e = Add(%d, %k3); %f = Div(%e, %k6); %g = Clip(%f, %k0, %k1)
        %e = Div(%d, %k6); %f = Add(%e, %kh); %g = Clip(%f, %k0, %k1)
        %e = Add(%d, %k3); %f = Relu(%e); %j = Min(%f, %k6); %g = Div(%j, %k6)
        """)
    void gatesOfHardSigmoidAreFoundHoweverTheyAreSpelled(String gates) {
        String constants = "%k3 = const f32[] {3}; %k0 = const f32[] {0}; %k6 = const f32[] {6}; %k1 = const f32[] {1};"
                + " %kh = const f32[] {0.5}; ";
        for (String nodes : new String[] {CONVOLUTIONS, PRODUCTS}) {
            boolean products = nodes.equals(PRODUCTS);
            String spelled = products
                    ? nodes.replace(
                            "%g = Sigmoid(%a)",
                            gates.replace("%f,", "%fs,")
                                    .replace("%f =", "%fs =")
                                    .replace("(%f)", "(%fs)")
                                    .replace("%d", "%a"))
                    : nodes.replace("%g = HardSigmoid<alpha=0.25f>(%d)", gates)
                            .replace("Relu(%c)", "Clip(%c, %k0, %k6)");
            Graph result = Rewrites.fires(
                    StandardRules.FLOATS.rules(),
                    products ? "squeeze-excite-linear" : "squeeze-excite",
                    graph(constants + spelled));
            assertThat(result.nodes()).as(result.toString()).hasSize(1);
        }
    }

    @Test
    void gatesOfProductsAreOneOperator() {
        Rewrites.becomes(SqueezeExciteRules.SET, "squeeze-excite-linear", graph(PRODUCTS), """
            graph g(%x: f32[n,3,h,w], %z: f32[n,3,h,w], %q: f32[2]) {
              %const = const f32[2,3,1,1] {0.5, -0.25, 1, 0.75, 0.5, -1}
              %const_1 = const f32[3,2,1,1] {1, 0.5, -0.5, 0.25, 0.75, -1}
              %b1 = const f32[2] {0.25, -0.5}
              %b2 = const f32[3] {0.5, 0.25, -0.25}
              %y = dev.tenon.SqueezeExcite<squeeze="Relu", excite="Sigmoid">(%x, %const, %const_1, %b1, %b2)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = GlobalAveragePool(%x); %f = Flatten(%p)       | %f = ReduceMean<keepdims=0>(%x, %axes)
        Flatten(%p)                                        | Squeeze(%p, %i)
        %f = Flatten(%p)                                   | %s = const i64[2] {0, 3}; %f = Reshape(%p, %s)
        %u = Unsqueeze(%g, %i)                             | %s = const i64[4] {0, 3, 1, 1}; %u = Reshape(%g, %s)
        %d = MatMul(%r, %v2); %a = Add(%d, %b2)            | %a = MatMul(%r, %v2)
        %d = MatMul(%r, %v2); %a = Add(%d, %b2)            | %a = Gemm(%r, %v2)
        %r = Relu(%c); %d = MatMul(%r                      | %d = MatMul(%c
        Gemm<transB=1>(%f, %v1, %b1)                       | Gemm<transB=1>(%f, %v1)
        %c = Gemm<transB=1>(%f, %v1, %b1)                  | %m = const f32[3,2] {0.5, 0.75, -0.25, 0.5, 1, -1}; %c = Gemm(%f, %m, %b1)
        %r = Relu(%c)                                      | %m = const f32[] {6}; %l = const f32[] {0}; %r = Clip(%c, %l, %m)
        """)
    void otherSpellingsOfProductsAreFound(String part, String other) {
        assertThat(PRODUCTS).contains(part);
        Graph result =
                Rewrites.fires(SqueezeExciteRules.SET, "squeeze-excite-linear", graph(PRODUCTS.replace(part, other)));
        assertThat(result.nodes()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the mean is not that of each plane | GlobalAveragePool(%x) | ReduceMean(%x, %a1)
        the mean is not that of each plane | GlobalAveragePool(%x) | ReduceMean(%x, %a2)
        the mean is not that of each plane | GlobalAveragePool(%x) | ReduceMean(%x, %a3)
        has groups                         | Conv(%p, %w1, %b1)    | Conv<group=3>(%p, %w5)
        windows of several elements        | Conv(%p, %w1, %b1)    | Conv<auto_pad="SAME_UPPER">(%p, %w3, %b1)
        is padded                          | Conv(%p, %w1, %b1)    | Conv<pads=[1, 1, 0, 0]>(%p, %w3, %b1)
        is padded                          | Conv(%p, %w1, %b1)    | Conv<pads=[1, 1, 1, 1], strides=[3, 3]>(%p, %w1, %b1)
        is padded                          | Conv(%r, %w2, %b2)    | Conv<pads=[1, 1, 1, 1]>(%r, %w2, %b2)
        the gates are of shape             | Conv(%r, %w2, %b2)    | Conv(%r, %w4)
        is used 2 times                    | Relu(%c)              | Relu(%c); %t = Neg(%r)
        a weight would be out of range     | %r = Relu(%c)         | %l = const f32[] {0}; %m = const f32[] {6}; %r = Clip(%c, %l, %m)
        """)
    void othersAreRefused(String reason, String part, String other) {
        String nodes = "%a1 = const i64[1] {3}; %a2 = const i64[1] {2}; %a3 = const i64[2] {0, 3};"
                + " %w5 = const f32[3,1,1,1] {1, 2, 3}; %w6 = const f32[3,3,1,1] {1, 2, 3, 4, 5, 6, 7, 8, 9}; %w3 = const f32[2,3,2,2] {"
                + "1, ".repeat(23)
                + "1}; %w4 = const f32[1,2,1,1] {1, 2}; " + CONVOLUTIONS.replace(part, other);
        String text = graph(nodes);
        if (reason.equals("has groups")) {
            text = text.replace("Conv(%r, %w2, %b2)", "Conv(%r, %w6, %b2)");
        }
        if (other.contains("%t")) {
            text = text.replace("return %y", "return %y, %t");
        }
        if (reason.contains("out of range")) {
            text = text.replace("{1, 0.5, -0.5", "{1.0E38, 0.5, -0.5");
        }
        Rewrites.refuses(SqueezeExciteRules.SET, "squeeze-excite", text, reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        has factors or transposes | [3,3,h,w] | Gemm<transB=1>(%f, %v1, %b1) | Gemm<transA=1, transB=1>(%f, %v1, %b1)
        is not one row            | [3,3,h,w] | %c = Gemm<transB=1>(%f, %v1, %b1) | %m = const f32[3,2] {1, 2, 3, 4, 5, 6}; %c = Gemm<transB=1>(%f, %v1, %m)
        is not one row            | [n,3,h,w] | %c = Gemm<transB=1>(%f, %v1, %b1); %r = Relu(%c); %d = MatMul(%r, %v2) | %m = const f32[1,3] {1, 2, 3}; %k = const f32[] {2}; %c = Gemm<transB=1>(%f, %m, %k); %r = Relu(%c); %d = MatMul(%r, %m)
        has several matrices      | [n,3,h,w] | %d = MatMul(%r, %v2); %a = Add(%d, %b2); %g = Sigmoid(%a); %u = Unsqueeze(%g, %i) | %m = const f32[1,2,3] {1, 2, 3, 4, 5, 6}; %s = const i64[4] {-1, 3, 1, 1}; %d = MatMul(%r, %m); %a = Add(%d, %b2); %g = Sigmoid(%a); %u = Reshape(%g, %s)
        the gates are of shape    | [n,3,h,2] | %d = MatMul(%r, %v2); %a = Add(%d, %b2); %g = Sigmoid(%a); %u = Unsqueeze(%g, %i) | %m = const f32[2,6] {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}; %s = const i64[4] {0, 3, 1, 2}; %d = MatMul(%r, %m); %g = Sigmoid(%d); %u = Reshape(%g, %s)
        the gates are of shape    | [n,3,h,w] | %u = Unsqueeze(%g, %i)       | %u = Reshape(%g, %given)
        the means are of shape    | [n,1,h,w] | %f = Flatten(%p); %c = Gemm<transB=1>(%f, %v1, %b1); %r = Relu(%c); %d = MatMul(%r, %v2); %a = Add(%d, %b2); %g = Sigmoid(%a); %u = Unsqueeze(%g, %i) | %m = const f32[1,2] {1, 2}; %k = const f32[2,1] {1, 2}; %s = const i64[4] {0, 1, 1, 1}; %c = MatMul(%p, %m); %r = Relu(%c); %d = MatMul(%r, %k); %g = Sigmoid(%d); %u = Reshape(%g, %s)
        """)
    void productsOfOtherShapesAreRefused(String reason, String dims, String part, String other) {
        assertThat(PRODUCTS).contains(part);
        String text = graph(PRODUCTS.replace(part, other))
                .replace("[n,3,h,w]", dims)
                .replace("%q: f32[2])", "%q: f32[2], %given: i64[k])");
        Rewrites.refuses(SqueezeExciteRules.SET, "squeeze-excite-linear", text, reason);
    }

    @Test
    void otherTypesAreLeftToKernelsOfTheirOwn() {
        Rewrites.refuses(
                SqueezeExciteRules.SET, "squeeze-excite-linear", graph(PRODUCTS).replace("f32[", "f64["), "is not f32");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the means are of shape | %f = Flatten(%p)                  | %s = const i64[2] {3, -1}; %t = Reshape(%p, %s); %f = Transpose<perm=[1, 0]>(%t)
        has factors            | Gemm<transB=1>(%f, %v1, %b1)      | Gemm<transB=1, alpha=2.0f>(%f, %v1, %b1)
        is not one row         | Gemm<transB=1>(%f, %v1, %b1)      | Gemm<transB=1>(%f, %v1, %q)
        """)
    void otherProductsAreRefused(String reason, String part, String other) {
        String nodes = PRODUCTS.replace(part, other);
        if (other.contains("Transpose")) {
            Rewrites.stays(SqueezeExciteRules.SET, graph(nodes));
        } else {
            Rewrites.refuses(SqueezeExciteRules.SET, "squeeze-excite-linear", graph(nodes), reason);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Mul(%x, %g)           | Mul(%z, %g)
        Mul(%x, %g)           | Add(%x, %g)
        Relu(%c)              | Sin(%c)
        Relu(%c)              | Clip(%c, %l, %n)
        Relu(%c)              | Clip(%c, %n, %m)
        %g = HardSigmoid<alpha=0.25f>(%d) | %g = Clip(%d, %l, %m)
        %g = HardSigmoid<alpha=0.25f>(%d) | %e = Clip(%d, %l, %m); %g = Div(%e, %n)
        HardSigmoid<alpha=0.25f>(%d) | Sin(%d)
        GlobalAveragePool(%x) | GlobalMaxPool(%x)
        """)
    void operatorsThatAreNoGatesStay(String part, String other) {
        String bounds = "%l = const f32[] {0}; %m = const f32[] {6}; %n = const f32[] {2}; ";
        Rewrites.stays(SqueezeExciteRules.SET, graph(bounds + CONVOLUTIONS.replace(part, other)));
    }

    @Test
    void theResidualAfterTheGatesIsFusedWithChannelsLast() {
        String text =
                """
            graph g(%in: f32[1,32,20,20]) {
              %k = const f32[32,32,1,1] {KERNEL}
              %w1 = const f32[8,32,1,1] {SMALL}
              %w2 = const f32[32,8,1,1] {SMALL}
              %a = Conv(%in, %k)
              %p = GlobalAveragePool(%a)
              %c = Conv(%p, %w1)
              %r = Relu(%c)
              %d = Conv(%r, %w2)
              %g = Sigmoid(%d)
              %m = Mul(%a, %g)
              %s = Add(%a, %m)
              %y = Conv(%s, %k)
              return %y
            }
            """.replace("KERNEL", "0.125, ".repeat(1023) + "0.5").replace("SMALL", "0.25, ".repeat(255) + "-0.5");
        Graph graph = Graphs.parse(text);
        Graph result = Pipeline.standard().withLayouts().apply(graph);
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), false);
        assertThat(result.nodes().stream().filter(SqueezeExciteRulesTest::isGated))
                .as("%s", result)
                .hasSize(1);
    }

    private static boolean isGated(Node node) {
        return node.op() instanceof Fused f
                && f.anchor() != null
                && f.anchor().op() instanceof ChannelsLast last
                && last.op() instanceof SqueezeExcite;
    }
}
