package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizedBlock;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Replaces weights in the blocks of GGUF files by forms of ONNX. Formats without a minimum become DequantizeLinear with the same
 * numbers, of 4 bits for Q4_0 and of 8 bits for the others; {@link BlockOperators} writes them as operators of ONNX Runtime where it
 * may. ONNX has no minimum that is a number of its own, so the others become float16, or float32 if a number is too large; a
 * warning is logged. A product that rounds activations is saved without that rounding.
 */
public final class StandardBlocks {
    private static final int BYTE_MIDDLE = 128;
    private static final float MOST_FLOAT16 = 65504;

    private final GraphEditor editor;
    private final Map<Tensor, List<ValueRef>> made = new IdentityHashMap<>();
    private final Map<Node, Integer> replaced = new IdentityHashMap<>();
    private final Set<BlockFormat> rounded = new TreeSet<>();

    private StandardBlocks(Graph graph) {
        this.editor = new GraphEditor(graph);
    }

    /**
     * Replaces the weights of a graph, but for those of bodies.
     *
     * @param graph the graph
     * @return a graph without such weights; the same one if it has none
     */
    public static Graph of(Graph graph) {
        List<Node> found =
                graph.nodes().stream().filter(node -> weights(node) != null).toList();
        if (found.isEmpty()) {
            return graph;
        }
        StandardBlocks blocks = new StandardBlocks(graph);
        found.forEach(blocks::replace);
        if (!blocks.rounded.isEmpty()) {
            System.getLogger("dev.tenon")
                    .log(
                            System.Logger.Level.WARNING,
                            "weights of {0} in ''{1}'' are saved as float16 or float32 numbers: ONNX has no form for them",
                            blocks.rounded,
                            graph.name());
        }
        return blocks.editor.build();
    }

    /** The bytes of the weights of a node: an operand, or the table that one is gathered from. Null if there are none. */
    private static Tensor weights(Node node) {
        if (node.op() instanceof BlockMatMul) {
            return node.input(1).constant();
        }
        boolean gathered = node.op() instanceof DequantizeBlocks
                && node.input(0).producer() != null
                && node.input(0).producer().op().equals(new Gather(0));
        Tensor table = gathered ? node.input(0).producer().input(0).constant() : null;
        return table != null && table.rank() == 2 ? table : null;
    }

    private void replace(Node node) {
        Tensor bytes = weights(node);
        if (node.op() instanceof BlockMatMul product) {
            List<ValueRef> parts = parts(bytes, product.format(), node.input(1).name());
            ValueRef matrix = numbers(parts, product.format(), null);
            NewValue y = editor.add(new MatMul(), node.input(0), editor.add(new Transpose(List.of(1, 0)), matrix));
            boolean biased = node.inputs().size() > 2 && node.input(2) != null;
            editor.replaceNode(node, biased ? editor.add(new Add(), y, node.input(2)) : y);
            return;
        }
        DequantizeBlocks rows = (DequantizeBlocks) node.op();
        Node gather = node.input(0).producer();
        List<ValueRef> parts = new ArrayList<>();
        for (ValueRef part : parts(bytes, rows.format(), gather.input(0).name())) {
            parts.add(editor.add(new Gather(0), part, gather.input(1)));
        }
        editor.replaceNode(node, numbers(parts, rows.format(), rows.outputDtype()));
        Value gathered = gather.output();
        int done = replaced.merge(gather, 1, Integer::sum);
        if (editor.index().consumers(gathered).size() == done && !editor.index().isOutput(gathered)) {
            editor.remove(gather);
        }
    }

    /** Codes, scales and zero points; or numbers alone. */
    private List<ValueRef> parts(Tensor bytes, BlockFormat format, String name) {
        return made.computeIfAbsent(bytes, any -> {
            if (format.hasMinimum()) {
                rounded.add(format);
                return List.of(editor.constant(name + ".numbers", numbers(bytes, format)));
            }
            return exact(bytes, format, name);
        });
    }

    private ValueRef numbers(List<ValueRef> parts, BlockFormat format, DType type) {
        if (format.hasMinimum()) {
            return editor.add(new Cast(type == null ? DType.FLOAT32 : type), parts.getFirst());
        }
        return editor.add(new DequantizeLinear(-1, format.groupSize(), type), parts.toArray(ValueRef[]::new));
    }

    private List<ValueRef> exact(Tensor bytes, BlockFormat format, String name) {
        long rows = bytes.dim(0);
        long columns = format.elements(bytes.dim(1));
        int group = format.groupSize();
        boolean small = format.bits() == Byte.SIZE / 2;
        DType type = small ? DType.UINT4 : DType.UINT8;
        Tensor codes = Tensor.allocate(type, rows, columns);
        Tensor scales = Tensor.allocate(DType.FLOAT32, rows, columns / group);
        Tensor zeros = Tensor.allocate(type, rows, columns / group);
        MemorySegment to = codes.segment();
        QuantizedBlock block = new QuantizedBlock(format);
        int size = format.blockSize();
        for (long b = 0; b < rows * columns / size; b++) {
            block.read(bytes.segment(), b * format.blockBytes());
            for (int g = 0; g < size / group; g++) {
                scales.setDouble(b * (size / group) + g, block.blockScale() * block.subScale(g));
            }
            for (int i = 0; i < size; i++) {
                int code = block.code(i);
                if (!small) {
                    to.set(ValueLayout.JAVA_BYTE, b * size + i, (byte) (code + BYTE_MIDDLE - format.zero()));
                } else if (i % 2 == 0) {
                    to.set(ValueLayout.JAVA_BYTE, (b * size + i) / 2, (byte) (code | block.code(i + 1) << 4));
                }
            }
        }
        for (long i = 0; i < zeros.size(); i++) {
            zeros.setLong(i, small ? format.zero() : BYTE_MIDDLE);
        }
        return List.of(
                editor.constant(name + ".codes", codes),
                editor.constant(name + ".scales", scales),
                editor.constant(name + ".zeros", zeros));
    }

    private static Tensor numbers(Tensor bytes, BlockFormat format) {
        long rows = bytes.dim(0);
        long elements = format.elements(bytes.dim(1));
        int columns = (int) Math.min(elements, Integer.MAX_VALUE - Long.BYTES);
        if (columns < elements) {
            throw new UnsupportedModelException(
                    "weights in blocks of " + format, "rows of " + elements + " elements", "at most " + columns, null);
        }
        QuantizedBlock block = new QuantizedBlock(format);
        Tensor narrow = Tensor.allocate(DType.FLOAT16, rows, columns);
        float[] row = new float[columns];
        for (long r = 0; r < rows; r++) {
            block.dequantize(bytes.segment(), r * bytes.dim(1), row, columns);
            for (int i = 0; i < columns; i++) {
                if (!(Math.abs(row[i]) <= MOST_FLOAT16)) {
                    return wide(bytes, block, row);
                }
                narrow.segment()
                        .setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, r * columns + i, Float.floatToFloat16(row[i]));
            }
        }
        return narrow;
    }

    private static Tensor wide(Tensor bytes, QuantizedBlock block, float[] row) {
        Tensor wide = Tensor.allocate(DType.FLOAT32, bytes.dim(0), row.length);
        for (long r = 0; r < bytes.dim(0); r++) {
            block.dequantize(bytes.segment(), r * bytes.dim(1), row, row.length);
            MemorySegment.copy(
                    MemorySegment.ofArray(row),
                    0,
                    wide.segment(),
                    r * row.length * Float.BYTES,
                    (long) row.length * Float.BYTES);
        }
        return wide;
    }
}
