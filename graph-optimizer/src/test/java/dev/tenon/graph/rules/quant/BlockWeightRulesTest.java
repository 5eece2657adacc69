package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.graph.rules.precision.PrecisionRules;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockWeightRulesTest {
    private static final String CODES =
            "%q = const i4[2,18] {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2,"
                    + " 7, 6, 5, 4, 3, 2, 1, 0, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8}\n";

    private static final String PRODUCT = """
            graph g(%x: f32[n,18]) {
              %q = const i4[2,18] {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 7, 6, 5, 4, 3, 2, 1, 0, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8}
              %s = const f32[2,2] {0.5, 0.25, 1, 2}
              %w = DequantizeLinear<axis=1, block_size=16>(%q, %s)
              %t = Transpose<perm=[1, 0]>(%w)
              %y = MatMul(%x, %t)
              return %y
            }
            """;

    @Test
    void aProductWithBlocksKeepsThem() {
        Rewrites.becomes(BlockWeightRules.SET, "block-product", PRODUCT, """
            graph g(%x: f32[n,18]) {
              %q = const i4[2,18] {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 7, 6, 5, 4, 3, 2, 1, 0, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8}
              %s = const f32[2,2] {0.5, 0.25, 1, 2}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=16>(%x, %q, %s)
              return %y
            }
            """);
    }

    @Test
    void aBiasIsAdded() {
        Rewrites.becomes(BlockWeightRules.SET, "block-product-bias", """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %z = const u8[2,1] {2, 3}
              %b = const f32[2] {10, 20}
              %p = dev.tenon.BlockQuantizedMatMul<block_size=16, accuracy_level=4>(%x, %q, %s, %z)
              %y = Add(%b, %p)
              return %y
            }
            """, """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %z = const u8[2,1] {2, 3}
              %b = const f32[2] {10, 20}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=16, accuracy_level=4>(%x, %q, %s, %z, %b)
              return %y
            }
            """);
    }

    @Test
    void theFormOfTheReaderIsFound() {
        Graph graph = Rewrites.fires(BlockWeightRules.SET, "block-product", """
            graph g(%x: f32[n,17]) {
            """ + CODES + """
              %s = const f32[4] {0.5, 0.25, 1, 2}
              %z = const i4[2,2] {1, 2, 3, -4}
              %d = const i64[2] {2, 2}
              %r = Reshape(%s, %d)
              %w = DequantizeLinear<axis=1, block_size=16>(%q, %r, %z)
              %a = const i64[1] {0}
              %e = const i64[1] {17}
              %o = const i64[1] {1}
              %c = Slice(%w, %a, %e, %o)
              %t = Transpose<perm=[1, 0]>(%c)
              %y = MatMul(%x, %t)
              return %y
            }
            """);
        Node node = graph.outputs().getFirst().producer();
        assertThat(node.op()).isEqualTo(new BlockQuantizedMatMul(16, 0));
        assertThat(node.input(1).constant().dims()).containsExactly(2, 17);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            block-product | block_size=16 | block_size=8   | no constant in blocks
            block-product | block_size=16 | block_size=512 | no constant in blocks
            block-product | %q            | %v             | no constant in blocks
            """)
    void otherWeightsAreRefused(String rule, String from, String to, String reason) {
        if (to.equals("%v")) {
            Rewrites.refuses(BlockWeightRules.SET, rule, """
            graph g(%x: f32[n,18], %v: u8[2,18]) {
              %s = const f32[2,2] {0.5, 0.25, 1, 2}
              %w = DequantizeLinear<axis=1, block_size=16>(%v, %s)
              %t = Transpose<perm=[1, 0]>(%w)
              %y = MatMul(%x, %t)
              return %y
            }
            """, reason);
            return;
        }
        String scales = to.endsWith("=8") ? "f32[2,3] {0.5, 0.25, 1, 2, 3, 4}" : "f32[2,1] {0.5, 0.25}";
        Rewrites.refuses(
                BlockWeightRules.SET,
                rule,
                PRODUCT.replace(from, to).replace("f32[2,2] {0.5, 0.25, 1, 2}", scales),
                reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            not a number for each column | f32[1,2] {10, 20} | (%x, %q, %s)
            not a number for each column | f32[1] {10}       | (%x, %q, %s)
            has a bias already           | f32[2] {10, 20}   | (%x, %q, %s, _, %b)
            """)
    void otherTermsAreNoBias(String reason, String bias, String operands) {
        Rewrites.refuses(
                BlockWeightRules.SET,
                "block-product-bias",
                """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %b = const BIAS
              %p = dev.tenon.BlockQuantizedMatMul<block_size=16>OPERANDS
              %y = Add(%p, %b)
              return %y
            }
            """.replace("BIAS", bias).replace("OPERANDS", operands),
                reason);
    }

    @Test
    void aMatrixThatIsNotTurnedStays() {
        String square = PRODUCT.replace("18]", "16]")
                .replaceFirst("i4\\[2,16] \\{[^}]*}", "i4[16,16] {" + "1, 2, -3, 4, ".repeat(63) + "5, 6, 7, -8}")
                .replaceFirst("f32\\[2,2] \\{[^}]*}", "f32[16,1] {" + "0.5, 0.25, ".repeat(7) + "1, 2}");
        Rewrites.fires(BlockWeightRules.SET, "block-product", square);
        Rewrites.stays(BlockWeightRules.SET, "block-product", square.replace("perm=[1, 0]", "perm=[0, 1]"));
    }

    @Test
    void largeWeightsStayIntegersWhereTheProductPays() {
        Pipeline pipeline = Pipeline.standard(StandardRules.FLOATS.paying(type -> true));
        GraphBuilder b = new GraphBuilder("g");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(1024))));
        Value codes = b.constant("q", Tensor.allocate(DType.UINT4, 1024, 1024));
        Value scales = b.constant("s", Tensor.allocate(DType.FLOAT32, 1024, 32));
        Value matrix = b.add(new DequantizeLinear(1, 32, null), codes, scales);
        Value y = b.add(new MatMul(), x, b.add(new Transpose(List.of(1, 0)), matrix));
        Graph graph = pipeline.apply(b.output("y", y).build());
        assertThat(graph.nodes()).hasSize(1);
        assertThat(graph.nodes().getFirst().op()).isEqualTo(new BlockQuantizedMatMul(32, 0));
        assertThat(GraphText.print(pipeline.apply(Graphs.parse(PRODUCT)))).doesNotContain("Block", "Dequantize", "i4[");
    }

    @Test
    void reducedPrecisionAllowsBytes() {
        String product = """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %b = const f32[2] {10, 20}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=16>(%x, %q, %s, _, %b)
              return %y
            }
            """;
        String bytes = product.replace("<block_size=16>", "<block_size=16, accuracy_level=4>");
        Rewrites.becomes(PrecisionRules.INT8_DYNAMIC, "int8-dynamic-blocks", product, bytes);
        Rewrites.stays(PrecisionRules.INT8_DYNAMIC, "int8-dynamic-blocks", bytes);
    }

    @Test
    void theyBecomeNumbersElsewhere() {
        Pipeline other = Pipeline.standard(StandardRules.FLOATS.paying(type -> type != BlockQuantizedMatMul.class));
        String own = """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %b = const f32[2] {10, 20}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=16, accuracy_level=4>(%x, %q, %s, _, %b)
              return %y
            }
            """;
        assertThat(GraphText.print(other.apply(Graphs.parse(PRODUCT)))).doesNotContain("Block", "Dequantize", "i4[");
        String lowered = GraphText.print(other.apply(Graphs.parse(own)));
        assertThat(lowered).doesNotContain("Block", "Dequantize", "u8[");
        Rewrites.stays(BlockWeightRules.EXPANSION, "block-product-expanded", PRODUCT);
        Rewrites.becomes(BlockWeightRules.EXPANSION, "block-product-expanded", own, """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %b = const f32[2] {10, 20}
              %DequantizeLinear = DequantizeLinear<block_size=16>(%q, %s)
              %Transpose = Transpose<perm=[1, 0]>(%DequantizeLinear)
              %MatMul = MatMul(%x, %Transpose)
              %y = Add(%MatMul, %b)
              return %y
            }
            """);
        Rewrites.becomes(
                BlockWeightRules.EXPANSION,
                "block-product-expanded",
                own.replace("%s, _, %b)", "%s, %z)").replace("%b = const f32[2] {10, 20}", "%z = const u8[2,1] {2, 3}"),
                """
            graph g(%x: f32[n,3]) {
              %q = const u8[2,3] {1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %z = const u8[2,1] {2, 3}
              %DequantizeLinear = DequantizeLinear<block_size=16>(%q, %s, %z)
              %Transpose = Transpose<perm=[1, 0]>(%DequantizeLinear)
              %y = MatMul(%x, %Transpose)
              return %y
            }
            """);
    }
}
