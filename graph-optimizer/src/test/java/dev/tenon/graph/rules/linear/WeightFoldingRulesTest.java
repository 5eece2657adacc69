package dev.tenon.graph.rules.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFoldingRulesTest {
    private static final RuleSet SET =
            BatchNormalizationRules.SET.plus(WeightFoldingRules.SET).plus(InputFoldingRules.SET);

    private static final String CONV_WEIGHTS = "%w = const f32[2,3,1,2] {1, -2, 3, 4, 5, 6, -7, 8, 9, 1, 2, 3}\n";

    private static final String TRANSPOSED_WEIGHTS =
            "%w = const f32[4,1,1,2] {1, -2, 3, 4, 5, 6, -7, 8}\n%b = const f32[2] {1, 2}\n";

    private static final String MATRIX = "%w = const f32[3,2] {1, -2, 3, 4, 5, 6}\n%b = const f32[2] {1, 2}\n";

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n"
                + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn %y\n}";
    }

    private static void folds(String rule, String inputs, String nodes, String left) {
        Graph result = Rewrites.fires(SET, rule, graph(inputs, nodes));
        assertThat(result.nodes()).hasSize(1);
        assertThat(result.nodes().getFirst().op().schema().name()).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-scale      | %a = Conv(%x, %w) %c = const f32[2,1,1] {0.5, -3} %y = Mul(%a, %c)
        fold-scale      | %a = Conv(%x, %w) %c = const f32[] {0.5} %y = Mul(%c, %a)
        fold-divisor    | %a = Conv(%x, %w) %c = const f32[1,2,1,1] {0.5, -3} %y = Div(%a, %c)
        fold-shift      | %a = Conv(%x, %w) %c = const f32[2,1,1] {0.5, -3} %y = Add(%a, %c)
        fold-subtrahend | %b = const f32[2] {1, 2} %a = Conv(%x, %w, %b) %c = const f32[2,1,1] {0.5, -3} %y = Sub(%a, %c)
        fold-scaled-input | %c = const f32[1] {0.25} %a = Mul(%x, %c) %y = Conv(%a, %w)
        fold-scaled-input | %c = const f32[3,1,1] {0.25, -3, 2} %a = Mul(%x, %c) %y = Conv<pads=[1, 1, 0, 0]>(%a, %w)
        fold-scaled-input | %c = const f32[1,3,1,1] {0.25, -3, 2} %u = const f32[3,1,1,2] {1, -2, 3, 4, 5, 6} %a = Div(%x, %c) %y = Conv<group=3>(%a, %u)
        fold-scaled-input | %c = const f32[3,1,1] {0.25, -3, 2} %u = const f32[6,1,1,1] {1, -2, 3, 4, 5, 6} %a = Mul(%x, %c) %y = Conv<group=3>(%a, %u)
        fold-shifted-input | %c = const f32[3,1,1] {0.25, -3, 2} %b = const f32[2] {1, 2} %a = Sub(%x, %c) %y = Conv(%a, %w, %b)
        fold-shifted-input | %c = const f32[3,1,1] {0.25, -3, 2} %u = const f32[6,1,1,1] {1, -2, 3, 4, 5, 6} %a = Add(%x, %c) %y = Conv<group=3>(%a, %u)
        """)
    void operatorsAfterAConvAreFolded(String rule, String nodes) {
        folds(rule, "%x: f32[n,3,h,4]", CONV_WEIGHTS + nodes, "Conv");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-scale | 1 | %c = const f32[1,1,1] {0.5} %y = Mul(%a, %c)
        fold-scale | 2 | %c = const f32[2,1,1] {0.5, -3} %y = Mul(%a, %c)
        fold-shift | 2 | %c = const f32[2,1,1] {0.5, -3} %y = Add(%a, %c)
        """)
    void operatorsAfterAConvTransposeAreFolded(String rule, int group, String nodes) {
        String bias = group == 1 ? "" : ", %b";
        folds(
                rule,
                "%x: f32[n,4,h,3]",
                TRANSPOSED_WEIGHTS + "%a = ConvTranspose<group=" + group + ">(%x, %w" + bias + ") " + nodes,
                "ConvTranspose");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-scale   | %a = Gemm<alpha=0.5f>(%x, %w) %c = const f32[2] {0.5, -3} %y = Mul(%a, %c)
        fold-scale   | %a = Gemm<beta=2.0f>(%x, %w, %b) %c = const f32[1,2] {0.5, -3} %y = Mul(%a, %c)
        fold-shift   | %a = Gemm<beta=2.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Add(%a, %c)
        fold-shift   | %a = Gemm<alpha=3.0f>(%x, %w) %c = const f32[] {0.5} %y = Add(%a, %c)
        fold-shift   | %d = const f32[1] {7} %a = Gemm(%x, %w, %d) %c = const f32[2] {0.5, 1} %y = Add(%a, %c)
        fold-divisor | %a = Gemm<beta=0.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Div(%a, %c)
        """)
    void operatorsAfterAGemmAreFolded(String rule, String nodes) {
        folds(rule, "%x: f32[n,3]", MATRIX + nodes, "Gemm");
    }

    @Test
    void operatorsAfterATransposedGemmAreFolded() {
        folds(
                "fold-scale",
                "%x: f32[n,2]",
                MATRIX + "%a = Gemm<transB=1>(%x, %w) %c = const f32[3] {2, 3, 4} %y = Mul(%a, %c)",
                "Gemm");
    }

    @Test
    void operatorsAfterAMatMulAreFolded() {
        folds(
                "fold-scale",
                "%x: f32[m,n,3]",
                MATRIX + "%a = MatMul(%x, %w) %c = const f32[2] {2, 3} %y = Mul(%a, %c)",
                "MatMul");
    }

    @Test
    void normalisationsAreFolded() {
        String parameters = " %s = const f32[2] {1.5, -2} %m = const f32[2] {0.1, 3} %v = const f32[2] {2, 0.5} ";
        folds(
                "fold-batch-normalization",
                "%x: f32[n,3,h,4]",
                CONV_WEIGHTS + "%b = const f32[2] {1, 2} %a = Conv(%x, %w)" + parameters
                        + "%y = BatchNormalization(%a, %s, %b, %m, %v)",
                "Conv");
        folds(
                "fold-batch-normalization",
                "%x: f32[n,3]",
                MATRIX + "%a = Gemm(%x, %w, %b)" + parameters + "%y = BatchNormalization(%a, %s, %b, %m, %v)",
                "Gemm");
        Graph result = Rewrites.fires(
                SET,
                "fold-batch-normalization",
                graph(
                        "%x: f32[n,3]",
                        MATRIX + "%a = MatMul(%x, %w)" + parameters + "%y = BatchNormalization(%a, %s, %b, %m, %v)"));
        assertThat(result.nodes()).extracting(n -> n.op().schema().name()).containsExactly("MatMul", "Add");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-batch-normalization | %s = const f32[2] {4, 1}; %m = const f32[2] {0, 1}; %v = const f32[2] {4, 1}; %a = Gemm(%x, %w, %b); %y = BatchNormalization<epsilon=0.0f>(%a, %s, %b, %m, %v) | %const = const f32[2,2] {2, 2, 6, 4}; %const_1 = const f32[2] {3, 3}; %y = Gemm(%x, %const, %const_1)
        fold-scale               | %c = const f32[2] {2, -1}; %a = MatMul(%x, %w); %y = Mul(%a, %c)   | %const = const f32[2,2] {2, -2, 6, -4}; %y = MatMul(%x, %const)
        fold-divisor             | %c = const f32[2] {2, -4}; %a = MatMul(%x, %w); %y = Div(%a, %c)   | %const = const f32[2,2] {0.5, -0.5, 1.5, -1}; %y = MatMul(%x, %const)
        fold-shift               | %c = const f32[2] {7, 8}; %a = Gemm(%x, %w, %b); %y = Add(%a, %c)  | %const = const f32[2,2] {1, 2, 3, 4}; %const_1 = const f32[2] {8, 10}; %y = Gemm(%x, %const, %const_1)
        fold-subtrahend          | %c = const f32[2] {7, 8}; %a = Gemm(%x, %w, %b); %y = Sub(%a, %c)  | %const = const f32[2,2] {1, 2, 3, 4}; %const_1 = const f32[2] {-6, -6}; %y = Gemm(%x, %const, %const_1)
        fold-scaled-input        | %c = const f32[] {3}; %a = Mul(%x, %c); %y = MatMul(%a, %w)        | %const = const f32[2,2] {3, 6, 9, 12}; %y = MatMul(%x, %const)
        fold-scaled-input        | %c = const f32[1,2] {3, -1}; %a = Mul(%x, %c); %y = MatMul(%a, %w) | %const = const f32[2,2] {3, 6, -3, -4}; %y = MatMul(%x, %const)
        fold-scaled-input        | %c = const f32[2] {4, 0.5}; %a = Div(%x, %c); %y = Gemm<transB=1>(%a, %w, %b) | %const = const f32[2,2] {0.25, 4, 0.75, 8}; %b = const f32[2] {1, 2}; %y = Gemm<transB=1>(%x, %const, %b)
        fold-shifted-input       | %c = const f32[2] {3, -1}; %a = Add(%x, %c); %y = MatMul(%a, %w)   | %w = const f32[2,2] {1, 2, 3, 4}; %const = const f32[2] {0, 2}; %MatMul = MatMul(%x, %w); %y = Add(%MatMul, %const)
        fold-shifted-input       | %c = const f32[2] {3, -1}; %a = Sub(%x, %c); %y = Gemm<transB=1>(%a, %w, %b) | %w = const f32[2,2] {1, 2, 3, 4}; %const = const f32[2] {0, -3}; %y = Gemm<transB=1>(%x, %w, %const)
        fold-scale-biased        | %c = const f32[2] {2, -1}; %p = MatMul(%x, %w); %a = Add(%p, %b); %y = Mul(%a, %c) | %const = const f32[2,2] {2, -2, 6, -4}; %const_1 = const f32[2] {2, -2}; %MatMul = MatMul(%x, %const); %y = Add(%MatMul, %const_1)
        fold-scale-biased        | %c = const f32[1,2] {2, -1}; %d = const f32[] {4}; %p = MatMul(%x, %w); %a = Add(%p, %d); %y = Div(%a, %c) | %const = const f32[2,2] {0.5, -2, 1.5, -4}; %const_1 = const f32[2] {2, -4}; %MatMul = MatMul(%x, %const); %y = Add(%MatMul, %const_1)
        batch-normalization-parts | %s = const f32[2] {4, 1}; %m = const f32[2] {0, 1}; %v = const f32[2] {4, 1}; %y = BatchNormalization<epsilon=0.0f>(%x, %s, %b, %m, %v) | %const = const f32[2] {2, 1}; %const_1 = const f32[2] {1, 1}; %Mul = Mul(%x, %const); %y = Add(%Mul, %const_1)
        merge-shifts             | %c = const f32[1,2] {7, 8}; %a = Add(%x, %c); %y = Add(%b, %a)     | %const = const f32[1,2] {8, 10}; %y = Add(%x, %const)
        """)
    void constantsAreFoldedIntoWeights(String rule, String before, String after) {
        String head = "graph g(%x: f32[n,2]) {\n";
        String weights = "%w = const f32[2,2] {1, 2, 3, 4}\n%b = const f32[2] {1, 2}\n";
        Rewrites.becomes(
                SET,
                rule,
                head + weights + before.replace("; ", "\n") + "\nreturn %y\n}",
                head + after.replace("; ", "\n") + "\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-batch-normalization | is not finite | %s = const f32[2] {4, 1} %b = const f32[2] {1, 1} %v = const f32[2] {-4, 1} %a = Conv(%x, %w) %y = BatchNormalization(%a, %s, %b, %b, %v)
        fold-batch-normalization | used 2        | %s = const f32[2] {4, 1} %a = Conv(%x, %w) %d = BatchNormalization(%a, %s, %s, %s, %s) %y = Sum(%a, %d)
        fold-divisor    | is not finite | %z = const f32[] {0} %a = Conv(%x, %w) %y = Div(%a, %z)
        fold-shift      | each channel  | %c = const f32[3] {1, 2, 4} %a = Conv(%x, %w) %y = Add(%a, %c)
        fold-subtrahend | not constant  | %r = const i64[4] {0, 1, 2, 3} %m = ReduceMax<keepdims=0>(%x) %o = const f32[2] {1, 2} %b = Mul(%o, %m) %z = const f32[] {1} %a = Conv(%x, %w, %b) %y = Sub(%a, %z)
        fold-scale      | out of range  | %z = const f32[] {1e38} %a = Conv(%x, %w) %y = Mul(%a, %z)
        fold-shift      | out of range  | %b = const f32[2] {3e38, 1} %z = const f32[] {3e38} %a = Conv(%x, %w, %b) %y = Add(%a, %z)
        fold-scaled-input | out of range | %z = const f32[] {1e38} %a = Mul(%x, %z) %y = Conv(%a, %w)
        fold-scaled-input | is not finite | %z = const f32[] {0} %a = Div(%x, %z) %y = Conv(%a, %w)
        fold-scaled-input | each channel | %c = const f32[4] {1, 2, 4, 8} %a = Mul(%x, %c) %y = Conv(%a, %w)
        fold-shifted-input | each channel | %c = const f32[5,1] {1, 2, 4, 8, 1} %a = Add(%x, %c) %y = Conv(%a, %w)
        fold-shifted-input | pads | %c = const f32[3,1,1] {1, 2, 4} %a = Add(%x, %c) %y = Conv<pads=[0, 1, 0, 1]>(%a, %w)
        fold-shifted-input | pads | %c = const f32[3,1,1] {1, 2, 4} %a = Add(%x, %c) %y = Conv<auto_pad="SAME_UPPER">(%a, %w)
        fold-shifted-input | the bias of the operator before | %u = const f32[3,3,1,1] {1, 2, 3, 4, 5, 6, 7, 8, 9} %d = Conv<group=1>(%x, %u) %c = const f32[5,1] {1, 1, 1, 1, 1} %a = Add(%d, %c) %y = Conv(%a, %w)
        fold-shifted-input | out of range | %c = const f32[3,1,1] {3e38, 3e38, 4} %a = Add(%x, %c) %y = Conv(%a, %w)
        batch-normalization-parts | not finite | %s = const f32[3] {1, 1, 1} %v = const f32[3] {-4, 1, 1} %y = BatchNormalization(%x, %s, %s, %s, %v)
        merge-shifts | larger | %c = const f32[4] {1, 2, 4, 8} %d = const f32[5,1] {1, 2, 4, 8, 1} %a = Add(%x, %c) %y = Add(%a, %d)
        merge-shifts | not finite | %c = const f32[4] {3e38, 2, 4, 8} %a = Add(%x, %c) %y = Add(%a, %c)
        fold-scale-biased | each channel | %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %b = const f32[2] {1, 2} %c = const f32[5,1] {1, 2, 4, 8, 1} %p = MatMul(%x, %m) %a = Add(%p, %b) %y = Mul(%a, %c)
        fold-scale-biased | out of range | %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %b = const f32[2] {3e38, 2} %c = const f32[] {2} %p = MatMul(%x, %m) %a = Add(%p, %b) %y = Mul(%a, %c)
        fold-scale | each channel | %c = const f32[3] {1, 2, 4} %a = Conv(%x, %w) %y = Mul(%a, %c)
        fold-scale | each channel | %u = const f32[1,3,1,1] {1, 2, 4} %c = const f32[3,1,1] {1, 2, 4} %a = Conv(%x, %u) %y = Mul(%a, %c)
        fold-scale | each channel | %u = const f32[5,3,1,1] {1, 2, 4, 1, 2, 4, 1, 2, 4, 1, 2, 4, 1, 2, 4} %c = const f32[5,1] {1, 2, 4, 8, 1} %a = Conv(%x, %u) %y = Mul(%a, %c)
        fold-scale | each channel | %m = const f32[1,4,2] {1, 2, 3, 4, 5, 6, 7, 8} %c = const f32[] {2} %a = MatMul(%x, %m) %y = Mul(%a, %c)
        fold-scale | each channel | %c = const f32[1,1,2,1,1] {1, 2} %a = Conv(%x, %w) %y = Mul(%a, %c)
        fold-scale | each channel | %c = const f32[2] {1, 2} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = MatMul(%unknown, %m) %y = Mul(%a, %c)
        fold-scale | no weights   | %c = const f32[2] {1, 2} %m = const f32[0,2] {} %a = MatMul(%e, %m) %y = Mul(%a, %c)
        fold-scale | out of range | %c = const f32[2] {1, 2} %b = const f32[1] {3e38} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Gemm(%f, %m, %b) %y = Mul(%a, %c)
        fold-shift | out of range | %c = const f32[2] {1e20, 1} %b = const f32[2] {3, 4} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Gemm<beta=1e-30f>(%f, %m, %b) %y = Add(%a, %c)
        fold-shift | is not finite | %c = const f32[2,1,1] {Infinity, 1} %a = Conv(%x, %w) %y = Add(%a, %c)
        fold-batch-normalization | each channel | %s = const f32[3] {4, 1, 2} %m = const f32[4,3] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3} %a = MatMul(%x, %m) %y = BatchNormalization(%a, %s, %s, %s, %s)
        fold-batch-normalization | each channel | %s = const f32[2] {4, 1} %m = const f32[4] {1, 2, 3, 4} %a = MatMul(%rows, %m) %y = BatchNormalization(%a, %s, %s, %s, %s)
        batch-normalization-parts | not finite | %s = const f32[3] {1, 1, 1} %b = const f32[3] {1, Infinity, 1} %y = BatchNormalization(%x, %s, %b, %s, %s)
        fold-shifted-input | pads | %c = const f32[3,1,1] {1, 2, 4} %a = Add(%x, %c) %y = Conv<auto_pad="SAME_LOWER">(%a, %w)
        fold-shifted-input | has factors | %c = const f32[4] {1, 2, 4, 8} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Add(%f, %c) %y = Gemm<alpha=2.0f>(%a, %m)
        fold-shifted-input | has factors | %c = const f32[4] {1, 2, 4, 8} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %b = const f32[2] {1, 2} %a = Add(%f, %c) %y = Gemm<beta=2.0f>(%a, %m, %b)
        fold-shifted-input | has factors | %c = const f32[] {2} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Add(%g, %c) %y = Gemm<transA=1>(%a, %m)
        fold-shifted-input | a bias of its own | %c = const f32[4] {1, 2, 4, 8} %m = const f32[4,0] {} %a = Add(%f, %c) %y = MatMul(%a, %m)
        fold-shifted-input | each channel | %c = const f32[4] {1, 2, 4, 8} %m = const f32[1,4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Add(%f, %c) %y = MatMul(%a, %m)
        fold-shifted-input | a bias of its own | %c = const f32[] {1} %m = const f32[1,4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Add(%f, %c) %y = MatMul(%a, %m)
        fold-shifted-input | the bias of the operator before | %u = const f32[3,3,1,1] {1, 2, 3, 4, 5, 6, 7, 8, 9} %d = ConvTranspose(%x, %u) %c = const f32[5,1] {1, 1, 1, 1, 1} %a = Add(%d, %c) %y = Conv(%a, %w)
        fold-shifted-input | the bias of the operator before | %m = const f32[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8} %d = MatMul(%f, %m) %c = const f32[4] {1, 1, 1, 1} %a = Add(%d, %c) %y = MatMul(%a, %m2)
        fold-shifted-input | the bias of the operator before | %m = const f32[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8} %d = Gemm(%f, %m) %c = const f32[4] {1, 1, 1, 1} %a = Add(%d, %c) %y = MatMul(%a, %m2)
        fold-scaled-input | each channel | %c = const f32[4] {1, 2, 4, 8} %m = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Mul(%g4, %c) %y = Gemm<transA=1>(%a, %m)
        fold-scaled-input | each channel | %c = const f32[0] {} %m = const f32[0,2] {} %a = Mul(%e, %c) %y = MatMul(%a, %m)
        fold-scaled-input | are integers | %c = const i32[] {2} %m = const i32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = Mul(%i, %c) %y = MatMul(%a, %m)
        fold-scaled-input | are shared   | %c = const f32[] {2} %a = Mul(%x, %c) %k = Conv(%a, %w) %l = Conv(%x, %w) %y = Add(%k, %l)
        fold-scale-biased | each column | %m = const f32[4,1] {1, 2, 3, 4} %b = const f32[3] {1, 2, 3} %c = const f32[] {2} %p = MatMul(%f, %m) %a = Add(%p, %b) %y = Mul(%a, %c)
        merge-shifts | changes the shape | %c = const f32[1,1,1,1,4] {1, 2, 4, 8} %d = const f32[4] {1, 2, 4, 8} %a = Add(%x, %c) %y = Add(%a, %d)
        merge-shifts | changes the shape | %c = const f32[1,1,1,1,4] {1, 2, 4, 8} %d = const f32[4] {1, 2, 4, 8} %a = Add(%x, %d) %y = Add(%a, %c)
        fold-scale | finite     | %z = const f32[] {Infinity} %a = Conv(%x, %w) %y = Mul(%a, %z)
        fold-scale | used 2     | %z = const f32[] {2} %a = Conv(%x, %w) %d = Mul(%a, %z) %y = Sum(%a, %d)
        fold-scale | shared     | %z = const f32[] {2} %a = Conv(%x, %w) %b = Conv(%x, %w) %d = Mul(%a, %z) %y = Sum(%b, %d)
        """)
    void foldingIsRefusedForReasons(String rule, String reason, String nodes) {
        Rewrites.refuses(
                SET.where(r -> r.name().equals(rule)),
                rule,
                graph(
                        "%x: f32[n,3,5,4], %f: f32[n,4], %g: f32[4,n], %g4: f32[4,4], %e: f32[n,0], %i: i32[n,4], %unknown: f32[*], %rows: f32[n,2,4]",
                        CONV_WEIGHTS
                                + nodes.replace("%m2", "%q")
                                        .replace("%d = ", "%q = const f32[4,1] {1, 2, 3, 4} %d = ")),
                reason);
    }

    /** The rules alone, since that for the factors of a Gemm takes them first. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-scale | 3 | %a = Gemm<beta=2.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Mul(%a, %c)
        fold-scale | 3 | %d = const f32[3,2] {1, 2, 3, 4, 5, 6} %a = Gemm<beta=2.0f>(%x, %w, %d) %c = const f32[2] {0.5, -3} %y = Mul(%a, %c)
        fold-scale | 2 | %a = Gemm<alpha=2.0f, beta=3.0f>(%x, %w) %c = const f32[2] {0.5, -3} %y = Mul(%a, %c)
        fold-scale | 2 | %a = Gemm<beta=0.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Mul(%a, %c)
        fold-shift | 3 | %a = Gemm<beta=2.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Add(%a, %c)
        fold-shift | 3 | %a = Gemm<beta=0.0f>(%x, %w, %b) %c = const f32[2] {0.5, -3} %y = Add(%a, %c)
        fold-shift | 3 | %a = Gemm<alpha=2.0f, beta=3.0f>(%x, %w) %c = const f32[2] {0.5, -3} %y = Add(%a, %c)
        fold-shift | 3 | %d = const f32[2] {Infinity, 3} %a = Gemm(%x, %w, %d) %c = const f32[2] {0.5, -3} %y = Add(%a, %c)
        fold-gemm-factors | 3 | %a = Gemm<beta=2.0f>(%x, %w, %b) %d = MatMul(%x, %w) %y = Sub(%a, %d)
        fold-scaled-input | 2 | %c = const f32[3] {0.5, -3, 2} %v = const f32[2,3] {1, 2, 3, 4, 5, 6} %a = Mul(%x, %c) %y = Gemm<transB=1>(%a, %v)
        fold-shifted-input | 2 | %c = const f32[3] {0.5, -3, 2} %a = Add(%x, %c) %y = MatMul(%a, %w)
        fold-shifted-input | 2 | %n = Neg(%x) %c = const f32[3] {0.5, -3, 2} %a = Add(%n, %c) %y = MatMul(%a, %w)
        """)
    void aRuleFoldsAlone(String rule, int operands, String nodes) {
        Graph result =
                Rewrites.fires(SET.where(r -> r.name().equals(rule)), rule, graph("%x: f32[3,3]", MATRIX + nodes));
        assertThat(result.nodes()).anySatisfy(n -> assertThat(n.inputs()).hasSize(operands));
    }

    @Test
    void paddingOfZeroIsNone() {
        folds(
                "fold-shifted-input",
                "%x: f32[n,3,h,4]",
                CONV_WEIGHTS
                        + "%c = const f32[3,1,1] {0.25, -3, 2} %a = Add(%x, %c) %y = Conv<pads=[0, 0, 0, 0]>(%a, %w)",
                "Conv");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %s = const f32[3] {4, 1, 2} %y, %a, %b = BatchNormalization<training_mode=1>(%x, %s, %s, %s, %s)
        %s = const f32[3] {4, 1, 2} %y = BatchNormalization<training_mode=1>(%x, %s, %s, %s, %s)
        %s = const f32[2] {4, 1} %a = Conv(%x, %w) %y = BatchNormalization<training_mode=1>(%a, %s, %s, %s, %s)
        %c = const i32[] {1} %a = Add(%i, %c) %y = Add(%a, %c)
        %c = const i32[] {2} %m = const i32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %a = MatMul(%i, %m) %y = Mul(%a, %c)
        %m = const i32[4,2] {1, 2, 3, 4, 5, 6, 7, 8} %y = Gemm<alpha=2.0f>(%i, %m)
        """)
    void trainingAndIntegersStay(String nodes) {
        Rewrites.stays(SET, graph("%x: f32[n,3,5,4], %i: i32[n,4]", CONV_WEIGHTS + nodes));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void operatorsBeforeAConvTransposeAreFolded(int group) {
        folds(
                "fold-scaled-input",
                "%x: f32[n,4,h,3]",
                TRANSPOSED_WEIGHTS + "%c = const f32[4,1,1] {0.5, -3, 2, 1} %a = Mul(%x, %c) %y = ConvTranspose<group="
                        + group + ">(%a, %w)",
                "ConvTranspose");
    }

    @Test
    void otherOperatorsStay() {
        Rewrites.stays(SET, """
            graph g(%x: f32[n,3,h,3], %w: f32[2,3,1,1], %s: f32[2,1,1], %v: f32[3,2]) {
              %k = const f32[2,3,1,1] {1, 2, 3, 4, 5, 6}
              %two = const f32[1] {2}
              %a = Conv(%x, %w)
              %b = Mul(%a, %two)
              %c = Conv(%x, %k)
              %d = Mul(%c, %s)
              %e = MatMul(%x, %v)
              %f = Add(%e, %two)
              return %b, %d, %f
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-gemm-factors | %y = Gemm<alpha=2.0f>(%x, %w)                       | %const = const f32[2,2] {2, 4, 6, 8}; %y = Gemm(%x, %const)
        fold-gemm-factors | %y = Gemm<beta=-3.0f>(%x, %w)                       | %w = const f32[2,2] {1, 2, 3, 4}; %y = Gemm(%x, %w)
        fold-gemm-factors | %y = Gemm<alpha=2.0f>(%x, %w, %s)                   | %const = const f32[2,2] {2, 4, 6, 8}; %y = Gemm(%x, %const, %s)
        fold-gemm-factors | %y = Gemm<beta=0.0f>(%x, %w, %b)                    | %w = const f32[2,2] {1, 2, 3, 4}; %const = const f32[2] {0, 0}; %y = Gemm(%x, %w, %const)
        fold-gemm-factors | %y = Gemm<transB=1, alpha=-1.0f, beta=4.0f>(%x, %w, %b) | %const = const f32[2,2] {-1, -2, -3, -4}; %const_1 = const f32[2] {4, 8}; %y = Gemm<transB=1>(%x, %const, %const_1)
        """)
    void factorsOfAGemmAreInItsWeights(String rule, String before, String after) {
        String head = "graph g(%x: f32[n,2], %s: f32[2]) {\n";
        String weights = "%w = const f32[2,2] {1, 2, 3, 4}\n%b = const f32[2] {1, 2}\n";
        Rewrites.becomes(
                WeightFoldingRules.SET,
                rule,
                head + weights + before.replace("; ", "\n") + "\nreturn %y\n}",
                head + after.replace("; ", "\n") + "\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-gemm-factors | is computed  | %y = Gemm<beta=2.0f>(%x, %w, %s)
        fold-gemm-factors | are shared   | %a = Gemm<alpha=2.0f>(%x, %w) %d = MatMul(%x, %w) %y = Sum(%a, %d)
        fold-gemm-factors | out of range | %y = Gemm<alpha=1e38f>(%x, %w)
        fold-gemm-factors | out of range | %y = Gemm<beta=3e38f>(%x, %w, %b)
        fold-gemm-factors | not finite   | %y = Gemm<alpha=Infinityf>(%x, %w)
        fold-gemm-factors | not finite   | %y = Gemm<beta=Infinityf>(%x, %w, %b)
        fold-gemm-factors | quantised    | %r = Round(%x) %y = Gemm<alpha=2.0f>(%r, %w)
        """)
    void factorsOfAGemmStayForReasons(String rule, String reason, String nodes) {
        Rewrites.refuses(WeightFoldingRules.SET, rule, graph("%x: f32[n,3], %s: f32[2]", MATRIX + nodes), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %c = Cast<to=6>(%x) %f = Cast<to=1>(%c)
        %f = dev.tenon.Fused<0.to=6, 1.to=1, inputs=1, operands=[[0], [1]], ops=["Cast", "Cast"]>(%x)
        %f = dev.tenon.Fused<inputs=2, operands=[[0], [2, 1]], ops=["Round", "Mul"]>(%x, %s)
        %c = Cast<to=6>(%x) %f = dev.tenon.Fused<0.to=1, inputs=2, operands=[[0], [2, 1]], ops=["Cast", "Mul"]>(%c, %s)
        %r = Round(%x) %f = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2, 1]], ops=["Mul", "Sub"]>(%r, %s)
        """)
    void quantisedValuesAreScaledInPlace(String nodes) {
        Rewrites.refuses(
                SET,
                "fold-scaled-input",
                graph(
                        "%x: f32[n,3], %s: f32[]",
                        nodes + " %k = const f32[] {2} %m = Mul(%f, %k) %w = const f32[3,2] {1, 2, 3, 4, 5, 6}"
                                + " %y = MatMul(%m, %w)"),
                "was quantised");
    }

    @Test
    void otherFusedOperatorsAreScaledInTheWeights() {
        Rewrites.fires(
                SET,
                "fold-scaled-input",
                graph(
                        "%x: f32[n,3], %s: f32[]",
                        "%f = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=[\"Mul\", \"Neg\"]>(%x, %s)"
                                + " %k = const f32[] {2} %m = Mul(%f, %k) %w = const f32[3,2] {1, 2, 3, 4, 5, 6}"
                                + " %y = MatMul(%m, %w)"));
    }
}
