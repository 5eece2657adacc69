package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.floats;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MatMulNBits with an accuracy level, which an operator keeps from reading to writing. */
class BlockProductsTest {
    private static OnnxModelBuilder model(
            long n, long k, long bits, long block, long level, boolean zero, boolean bias) {
        long blocks = Math.ceilDiv(k, block);
        OnnxModelBuilder model = opset(20)
                .imports("com.microsoft", 1)
                .input("a", DType.FLOAT32, "m", k)
                .initializer("b", BlockOperatorsTest.bytes(n, blocks, block * bits / 8))
                .initializer("s", floats(n * blocks));
        if (zero) {
            model.initializer("z", BlockOperatorsTest.bytes(n * Math.ceilDiv(blocks * bits, 8)));
        }
        if (bias) {
            model.initializer("c", floats(n));
        }
        String operands = "a, b, s" + (zero ? ", z" : bias ? ", " : "") + (bias ? ", , c" : "");
        return model.node(
                        "y = com.microsoft:MatMulNBits(" + operands + ")",
                        attribute("N", n),
                        attribute("K", k),
                        attribute("bits", bits),
                        attribute("accuracy_level", level),
                        attribute("block_size", block))
                .output("y");
    }

    @ParameterizedTest
    @CsvSource({
        "5, 64, 4, 32, false, false",
        "3, 40, 4, 16, true, false",
        "3, 40, 8, 32, true, true",
        "4, 33, 4, 16, false, true",
        "2, 300, 4, 256, true, true"
    })
    void theLevelIsKept(long n, long k, long bits, long block, boolean zero, boolean bias) {
        Graph graph = model(n, k, bits, block, 4, zero, bias).read();
        Node node = graph.outputs().getFirst().producer();
        assertThat(node.op()).isEqualTo(new BlockQuantizedMatMul(block, 4));
        assertThat(node.input(1).constant().dims()).containsExactly(n, k);
        assertThat(written(graph, 20)).containsExactly("com.microsoft.MatMulNBits");
        Graph again = again(graph, 20);
        assertThat(again.outputs().getFirst().producer().op()).isEqualTo(node.op());
        Tensor a = floats(2, k);
        equal(run(again, a), run(graph, a));
        equal(run(graph, a), run(model(n, k, bits, block, 0, zero, bias).read(), a));
    }

    @ParameterizedTest
    @CsvSource({"4, 32, 0", "4, 32, 1", "4, 512, 4", "2, 32, 4"})
    void othersAreReadAsTheOperatorsThatTheyStandFor(long bits, long block, long level) {
        Graph graph = model(4, 64, bits, block, level, false, false).read();
        assertThat(graph.nodes()).noneMatch(node -> node.op() instanceof BlockQuantizedMatMul);
    }

    @Test
    void productsThatShareWeightsShareThemInTheFile() {
        Graph graph = parse("""
            graph main(%x: f32[m,16], %z: f32[n,16]) {
              %q = const i4[2,16] {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 7, 6, 5, 4, 3, 2, 1, 0, -1, 0, 1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=16>(%x, %q, %s)
              %v = dev.tenon.BlockQuantizedMatMul<block_size=16>(%z, %q, %s)
              return %y, %v
            }
            """);
        assertThat(written(graph, 20)).containsExactly("com.microsoft.MatMulNBits", "com.microsoft.MatMulNBits");
        equal(run(again(graph, 20), floats(3, 16), floats(1, 16)), run(graph, floats(3, 16), floats(1, 16)));
    }

    @Test
    void formsThatRuntimesDoNotHaveAreWrittenAsStandardOperators() {
        Graph graph = parse("""
            graph main(%x: f32[m,4], %s: f32[2,2]) {
              %q = const u8[2,4] {1, 2, 3, 4, 5, 6, 7, 8}
              %y = dev.tenon.BlockQuantizedMatMul<block_size=2>(%x, %q, %s)
              return %y
            }
            """);
        assertThat(written(graph, 21)).containsExactly("DequantizeLinear", "Transpose", "MatMul");
        equal(run(again(graph, 21), floats(3, 4), floats(2, 2)), run(graph, floats(3, 4), floats(2, 2)));
    }
}
