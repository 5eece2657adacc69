package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.floats;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in blocks that become forms of ONNX give the same numbers. */
class StandardBlocksTest {
    private static final int ROWS = 4;
    private static final int COLUMNS = 64;
    private static final Tensor IDS = Tensor.of(new long[] {3, 0, 1, 0});

    /** Rows of blocks with integers of any size, and scales and minima of one. */
    private static Tensor blocks(BlockFormat format, float scale) {
        byte[] bytes = new byte[ROWS * (int) format.rowBytes(COLUMNS)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 37 + i / 16);
        }
        short half = Float.floatToFloat16(scale);
        for (int at = 0; at < bytes.length; at += format.blockBytes()) {
            for (int i = 0; i < (format.hasMinimum() ? 4 : 2); i++) {
                bytes[at + i] = (byte) (i % 2 == 0 ? half : half >> Byte.SIZE);
            }
        }
        return Tensor.of(DType.UINT8, MemorySegment.ofArray(bytes), ROWS, format.rowBytes(COLUMNS));
    }

    private static Graph product(BlockFormat format, boolean biased) {
        GraphBuilder g = new GraphBuilder("product");
        Value x = g.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("m"), Dim.of(COLUMNS))));
        Value w = g.constant("w", blocks(format, 0.5f));
        BlockMatMul op = new BlockMatMul(format, Activations.F32);
        Value y = biased ? g.add(op, x, w, g.constant("b", floats(ROWS))) : g.add(op, x, w);
        return g.output("y", y).build();
    }

    /** Numbers of gathered rows, from one Gather for all, or from one each. */
    private static Graph rows(BlockFormat format, float scale, List<DequantizeBlocks> users) {
        GraphBuilder g = new GraphBuilder("rows");
        Value ids = g.input("ids", new TensorType(DType.INT64, Shape.of(Dim.symbol("n"))));
        Value rows = g.add(new Gather(0), g.constant("w", blocks(format, scale)), ids);
        for (int i = 0; i < users.size(); i++) {
            g.output("y" + i, g.add(users.get(i), rows));
        }
        return g.build();
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(node -> node.op().schema().name()).toList();
    }

    @ParameterizedTest
    @CsvSource({"Q4_0", "Q8_0", "Q4_1"})
    void aBiasIsAdded(BlockFormat format) {
        Graph plain = product(format, false);
        Graph biased = product(format, true);
        Graph written = StandardBlocks.of(biased);
        assertThat(operators(written)).contains("MatMul", "Add").doesNotContain("BlockMatMul");
        Tensor x = floats(3, COLUMNS);
        double[] expected = run(biased, x).toDoubleArray();
        double[] without = run(plain, x).toDoubleArray();
        assertThat(expected).isNotEqualTo(without);
        // Halves and quarters: all sums are exact.
        assertThat(run(written, x).toDoubleArray()).isEqualTo(expected);
        assertThat(run(again(biased, 21), x).toDoubleArray()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"100, FLOAT16", "6000, FLOAT32"})
    void numbersThatFloat16DoesNotHoldBecomeFloat32(float scale, DType stored) {
        DequantizeBlocks op = new DequantizeBlocks(BlockFormat.Q4_1, null);
        Graph graph = rows(BlockFormat.Q4_1, scale, List.of(op));
        double most = Arrays.stream(run(graph, IDS).toDoubleArray()).max().orElseThrow();
        assertThat(most > 65504).isEqualTo(stored == DType.FLOAT32);
        Graph written = StandardBlocks.of(graph);
        assertThat(written.constants().getFirst().constant().dtype()).isEqualTo(stored);
        equal(run(written, IDS), run(graph, IDS));
    }

    @ParameterizedTest
    @CsvSource({"Q4_0", "Q5_1"})
    void anOutputTypeIsKept(BlockFormat format) {
        Graph graph = rows(format, 0.5f, List.of(new DequantizeBlocks(format, DType.FLOAT16)));
        Graph written = StandardBlocks.of(graph);
        assertThat(run(graph, IDS).dtype()).isEqualTo(DType.FLOAT16);
        equal(run(written, IDS), run(graph, IDS));
    }

    @ParameterizedTest
    @CsvSource({"Q4_0", "Q5_1"})
    void aGatherThatSeveralNodesReadGoesAway(BlockFormat format) {
        DequantizeBlocks wide = new DequantizeBlocks(format, null);
        Graph graph = rows(format, 0.5f, List.of(wide, new DequantizeBlocks(format, DType.FLOAT16)));
        Graph written = StandardBlocks.of(graph);
        assertThat(operators(written)).doesNotContain("DequantizeBlocks");
        assertThat(written.nodes().stream().map(Node::inputs))
                .noneMatch(inputs -> inputs.getFirst().name().equals("w"));
        equal(run(written, IDS), run(graph, IDS));
    }

    @Test
    void aGatherThatIsAnOutputStays() {
        GraphBuilder g = new GraphBuilder("rows");
        Value ids = g.input("ids", new TensorType(DType.INT64, Shape.of(Dim.symbol("n"))));
        Value rows = g.add(new Gather(0), g.constant("w", blocks(BlockFormat.Q4_0, 1)), ids);
        g.output("y", g.add(new DequantizeBlocks(BlockFormat.Q4_0, null), rows)).output("bytes", rows);
        Graph graph = g.build();
        Graph written = StandardBlocks.of(graph);
        assertThat(written.nodes().stream().map(Node::inputs))
                .anyMatch(inputs -> inputs.getFirst().name().equals("w"));
        equal(run(written, IDS), run(graph, IDS));
    }
}
