package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.floats;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.parsed;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.write;
import static dev.tenon.formats.onnx.TestGraphs.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in blocks become operators of ONNX Runtime again, and hold the same bytes. */
class BlockOperatorsTest {
    /** Bytes that differ from their neighbours. */
    static Tensor bytes(long... dims) {
        Tensor t = Tensor.allocate(DType.UINT8, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, (i * 37 + 11) % 256);
        }
        return t;
    }

    /** Zero points, of which rows start at whole bytes: the bits after the last one of a row are 0. */
    private static Tensor zeros(long rows, long blocks, long bits) {
        long perByte = 8 / bits;
        long stride = Math.ceilDiv(blocks, perByte);
        Tensor t = bytes(rows * stride);
        for (long row = 0; row < rows && blocks % perByte != 0; row++) {
            long at = row * stride + stride - 1;
            t.setLong(at, t.getLong(at) & (1L << blocks % perByte * bits) - 1);
        }
        return t;
    }

    private static OnnxModelBuilder product(long n, long k, long bits, long block, String zero) {
        long blocks = Math.ceilDiv(k, block);
        OnnxModelBuilder model = opset(20)
                .imports("com.microsoft", 1)
                .input("a", DType.FLOAT32, "m", k)
                .initializer("b", padded(n, k, bits, block))
                .initializer("s", floats(n * blocks));
        if (zero.equals("packed")) {
            model.initializer("z", zeros(n, blocks, bits));
        } else if (zero.equals("real")) {
            model.initializer("z", floats(n + 1, blocks).slice(1, n + 1));
        }
        return model.node(
                        "y = com.microsoft:MatMulNBits(a, b, s" + (zero.equals("none") ? ")" : ", z)"),
                        attribute("N", n),
                        attribute("K", k),
                        attribute("bits", bits),
                        attribute("block_size", block))
                .output("y");
    }

    /** Codes whose padding is 0, as the writer pads them. */
    private static Tensor padded(long n, long k, long bits, long block) {
        long blocks = Math.ceilDiv(k, block);
        Tensor t = bytes(n, blocks, block * bits / 8);
        long stride = blocks * block * bits / 8;
        for (long row = 0; row < n; row++) {
            for (long i = k; i < blocks * block; i++) {
                long at = row * stride + i * bits / 8;
                t.setLong(at, t.getLong(at) & ~(((1L << bits) - 1) << i * bits % 8));
            }
        }
        return t;
    }

    private static Tensor initializer(Graph graph, int version, String name) {
        List<TensorProto> found = parsed(write(graph, version)).graph().initializers().stream()
                .filter(t -> t.name().equals(name))
                .toList();
        assertThat(found).hasSize(1);
        return OnnxTensors.toTensor(found.getFirst(), ExternalData.none(), Limits.standard());
    }

    @ParameterizedTest
    @CsvSource({
        "5, 64, 4, 32, none",
        "3, 40, 4, 16, packed",
        "3, 40, 4, 32, real",
        "4, 32, 4, 16, real",
        "2, 70, 8, 64, packed",
        "2, 33, 2, 16, none"
    })
    void productsAreWrittenAsTheyWereRead(long n, long k, long bits, long block, String zero) {
        Graph graph = product(n, k, bits, block, zero).read();
        assertThat(written(graph, 20)).containsExactly("com.microsoft.MatMulNBits");
        Tensor a = floats(2, k);
        equal(run(again(graph, 20), a), run(graph, a));
        assertThat(initializer(graph, 20, "b").contentEquals(padded(n, k, bits, block)))
                .isTrue();
        assertThat(parsed(write(graph, 20)).graph().initializers()).hasSize(zero.equals("none") ? 2 : 3);
    }

    @Test
    void layersWithTheSameWeightsShareThem() {
        Graph graph = parse("""
            graph main(%x: f32[m,16], %z: f32[n,16]) {
              %q = const i4[2,16] {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 7, 6, 5, 4, 3, 2, 1, 0, -1, 0, 1, 2, 3, 4, 5, 6}
              %s = const f32[2,1] {0.5, 0.25}
              %w = DequantizeLinear<axis=1, block_size=16>(%q, %s)
              %t = Transpose<perm=[1, 0]>(%w)
              %y = MatMul(%x, %t)
              %v = MatMul(%z, %t)
              return %y, %v
            }
            """);
        assertThat(written(graph, 20)).containsExactly("com.microsoft.MatMulNBits", "com.microsoft.MatMulNBits");
        assertThat(parsed(write(graph, 20)).graph().initializers()).hasSize(2);
        assertThat(initializer(graph, 20, "q_packed").getLong(0)).isEqualTo(0xA9);
        equal(run(again(graph, 20), floats(3, 16), floats(1, 16)), run(graph, floats(3, 16), floats(1, 16)));
    }

    @Test
    void weightsThatAreUsedElsewhereStayToo() {
        Graph graph = parse("""
            graph main(%x: f32[m,16]) {
              %q = const u8[1,16] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
              %s = const f32[1,1] {0.5}
              %w = DequantizeLinear<axis=1, block_size=16>(%q, %s)
              %t = Transpose<perm=[1, 0]>(%w)
              %y = MatMul(%x, %t)
              return %y, %w
            }
            """);
        assertThat(written(graph, 21)).containsExactly("DequantizeLinear", "com.microsoft.MatMulNBits");
        equal(run(again(graph, 21), floats(3, 16)), run(graph, floats(3, 16)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            block_size=16 | [1, 0] | %t = Transpose<perm=[1, 0]>(%w); %y = MatMul(%t, %x)
            block_size=16 | [1, 0] | %y = MatMul(%w, %x)
            block_size=8  | [1, 0] | %t = Transpose<perm=[1, 0]>(%w); %y = MatMul(%x, %t)
            """)
    void otherFormsStay(String block, String order, String nodes) {
        Graph graph = parse("""
            graph main(%x: f32[16,16]) {
              %q = const u8[16,16] {ONES}
              %s = const f32[16,SCALES] {HALVES}
              %w = DequantizeLinear<axis=1, BLOCK>(%q, %s)
              NODES
              return %y
            }
            """.replace("SCALES", block.contains("16") ? "1" : "2")
                .replace("ONES", "1, ".repeat(255) + "1")
                .replace("HALVES", "0.5, ".repeat(block.contains("16") ? 15 : 31) + "0.5")
                .replace("BLOCK", block.strip())
                .replace("NODES", nodes.replace("; ", "\n")));
        assertThat(written(graph, 21)).contains("DequantizeLinear").doesNotContain("com.microsoft.MatMulNBits");
    }

    @Test
    void standardFilesHaveStandardOperators() {
        Graph graph = product(3, 40, 4, 16, "packed").read();
        byte[] file = write(
                new ModelFile(graph, ModelMetadata.EMPTY),
                WriteOptions.standard().withStandardOperatorsOnly(true));
        assertThat(parsed(file).graph().nodes()).allMatch(node -> node.domain().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"UINT4, 0, 1", "INT4, 0, 1", "UINT4, 1, 0", "INT4, 2, 1"})
    void gathersAreWrittenAsTheyWereRead(DType type, long gather, long quantise) {
        long[] dims = {18, 20, 6};
        long[] scales = dims.clone();
        scales[(int) quantise] = 2;
        Tensor codes = Tensor.allocate(type, dims);
        for (long i = 0; i < codes.size(); i++) {
            codes.setLong(i, i * 7 % 16 + type.minInteger());
        }
        Tensor zeros = Tensor.allocate(type, scales);
        for (long i = 0; i < zeros.size(); i++) {
            zeros.setLong(i, i % 5);
        }
        Graph graph = opset(21)
                .imports("com.microsoft", 1)
                .input("i", DType.INT64, 2, "n")
                .initializer("d", codes)
                .initializer("s", floats(scales))
                .initializer("z", zeros)
                .node(
                        "y = com.microsoft:GatherBlockQuantized(d, i, s, z)",
                        attribute("gather_axis", gather),
                        attribute("quantize_axis", quantise),
                        attribute("block_size", 16))
                .output("y")
                .read();
        assertThat(written(graph, 21)).containsExactly("com.microsoft.GatherBlockQuantized");
        Tensor indices = Tensor.of(new long[] {0, 3, 5, 1, 2, 0}, 2, 3);
        equal(run(again(graph, 21), indices), run(graph, indices));
        assertThatThrownBy(() -> write(graph, 20)).isInstanceOf(UnsupportedModelException.class);
    }
}
