package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The nodes of a graph that are written as operators of ONNX Runtime for weights in blocks: MatMulNBits and
 * GatherBlockQuantized. The forms are those that the reader makes of these operators. QuantizeLinear and
 * DequantizeLinear in other places are written as they are.
 */
final class BlockOperators {
    /** The operator set since which there are types of 4 bits. */
    private static final int SMALL_TYPES = 21;

    /** The rank of packed codes: [rows, blocks, bytes of a block]. Scales and zero points are vectors or matrices. */
    private static final int PACKED_RANK = 3;

    /** The index of the bias among the operands, and among those of MatMulNBits. */
    private static final int BIAS = 4;

    private static final int MATMULNBITS_BIAS = 5;

    private final GraphWriter writer;
    private final List<Value> constants = new ArrayList<>();
    private final Map<Node, BlockWeights> products = new IdentityHashMap<>();
    private final Map<Node, List<Node>> gathers = new IdentityHashMap<>();

    /** Nodes that nothing uses but the operators in whose place they were. */
    private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

    /** The names of packed constants, by the node that transposes the weights, or the codes if there is none. */
    private final Map<Object, List<String>> packed = new IdentityHashMap<>();

    BlockOperators(GraphWriter writer) {
        this.writer = writer;
    }

    /** Finds the nodes of a graph. */
    void find(Graph graph) {
        constants.addAll(graph.constants());
        for (Node node : graph.nodes()) {
            if (node.op() instanceof BlockQuantizedMatMul) {
                BlockWeights weights = BlockWeights.of(node);
                if (weights != null) {
                    products.put(node, weights);
                }
            } else if (node.op() instanceof MatMul) {
                BlockWeights weights = BlockWeights.of(node.input(1));
                if (weights != null && type(node.input(0)) == weights.scales().dtype()) {
                    products.put(node, weights);
                    absorbed.addAll(weights.nodes());
                }
            } else if (node.op() instanceof DequantizeLinear op
                    && writer.target().operatorSet() >= SMALL_TYPES) {
                List<Node> parts = parts(node, op);
                if (parts != null) {
                    gathers.put(node, parts);
                    absorbed.addAll(parts);
                }
            }
        }
        keepUsed(graph);
    }

    private static DType type(Value v) {
        return v.tensorType() == null ? null : v.tensorType().dtype();
    }

    /** Nodes whose results are used elsewhere too are written. So are the nodes before them. */
    private void keepUsed(Graph graph) {
        Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        needed.addAll(graph.outputs());
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (absorbed.contains(node)) {
                if (node.outputs().stream().noneMatch(needed::contains)) {
                    continue;
                }
                absorbed.remove(node);
            }
            if (products.containsKey(node)) {
                needed.add(node.input(0));
                needed.add(bias(node));
            } else if (gathers.containsKey(node)) {
                needed.add(gathers.get(node).getFirst().input(1));
            } else {
                needed.addAll(node.inputs());
            }
        }
    }

    /** The nodes that gather codes, scales and zero points for a node, or null if the operands are others. */
    private static List<Node> parts(Node node, DequantizeLinear op) {
        List<Node> parts = new ArrayList<>();
        for (Value v : node.inputs()) {
            if (v == null) {
                continue;
            }
            Node part = v.producer();
            if (part == null || !(part.op() instanceof Gather) || !part.input(0).isConstant()) {
                return null;
            }
            Node first = parts.isEmpty() ? part : parts.getFirst();
            if (!part.op().equals(first.op()) || part.input(1) != first.input(1)) {
                return null;
            }
            parts.add(part);
        }
        return parts.size() >= 2 && op.outputDtype() == null && fits(parts, op) ? parts : null;
    }

    private static boolean fits(List<Node> parts, DequantizeLinear op) {
        Tensor codes = parts.getFirst().input(0).constant();
        Tensor scales = parts.get(1).input(0).constant();
        boolean isWhole = codes.dtype() == DType.UINT8;
        Value indices = parts.getFirst().input(1);
        if (!BlockWeights.isBlock(op.blockSize())
                || codes.rank() < 2
                || scales.rank() != codes.rank()
                || !(isWhole || codes.dtype() == DType.UINT4 || codes.dtype() == DType.INT4)
                || !(scales.dtype() == DType.FLOAT32 || scales.dtype() == DType.FLOAT16)
                || !indices.tensorType().shape().hasRank()) {
            return false;
        }
        int axis = quantized(parts, op);
        return axis >= 0
                && axis < codes.rank()
                && axis != gathered(parts)
                && (!isWhole || parts.size() > 2 && axis == codes.rank() - 1 && gathered(parts) == 0);
    }

    private static int gathered(List<Node> parts) {
        int axis = ((Gather) parts.getFirst().op()).axis();
        return axis < 0 ? axis + parts.getFirst().input(0).constant().rank() : axis;
    }

    /** The axis of the codes along which blocks run, or -1 if it is among those of the indices. */
    private static int quantized(List<Node> parts, DequantizeLinear op) {
        Shape indices = parts.getFirst().input(1).tensorType().shape();
        int rank = parts.getFirst().input(0).constant().rank() + indices.rank() - 1;
        int axis = op.axis() < 0 ? op.axis() + rank : op.axis();
        int gathered = gathered(parts);
        if (axis < gathered) {
            return axis;
        }
        return axis < gathered + indices.rank() ? -1 : axis - indices.rank() + 1;
    }

    /** Whether a node is not written, since an operator has taken its place. */
    boolean isAbsorbed(Node node) {
        return absorbed.contains(node);
    }

    /** Writes a node, if it is one of those found. */
    boolean write(Node node) {
        if (products.containsKey(node)) {
            product(node, products.get(node));
            return true;
        }
        if (gathers.containsKey(node)) {
            gather(node, gathers.get(node));
            return true;
        }
        return false;
    }

    private static String base(List<Node> nodes) {
        for (Node node : nodes) {
            if (node.input(0).isConstant() && node.input(0).constant().dtype().isInteger()) {
                return node.input(0).name();
            }
        }
        return "weights";
    }

    private static Tensor flat(Tensor t) {
        return t.reshape(t.size());
    }

    /** The name of a constant. A graph that was read has the packed ones already. */
    private String constant(String name, Tensor tensor) {
        for (Value v : constants) {
            Tensor own = v.constant();
            if (own.dtype() == tensor.dtype()
                    && own.size() == tensor.size()
                    && (own.rank() < PACKED_RANK) == (tensor.rank() < PACKED_RANK)
                    && own.contentEquals(tensor.reshape(own.dims()))) {
                return writer.reference(v);
            }
        }
        return writer.constant(name, tensor);
    }

    /** The bias of a product, or null. */
    private static Value bias(Node node) {
        return node.op() instanceof BlockQuantizedMatMul && node.inputs().size() > BIAS ? node.input(BIAS) : null;
    }

    private void product(Node node, BlockWeights weights) {
        Object key =
                weights.nodes().isEmpty() ? weights.codes() : weights.nodes().getFirst();
        List<String> operands = packed.computeIfAbsent(key, first -> {
            String base = weights.nodes().isEmpty() ? node.input(1).name() : base(weights.nodes());
            Tensor zeros = weights.packedZeros();
            return Arrays.asList(
                    constant(base + "_packed", weights.packedCodes()),
                    constant(base + "_scales", flat(weights.scales())),
                    zeros == null ? null : constant(base + "_zeros", zeros));
        });
        List<String> inputs = new ArrayList<>(List.of(writer.reference(node.input(0))));
        operands.stream().filter(name -> name != null).forEach(inputs::add);
        SortedMap<String, Long> attributes = new TreeMap<>();
        if (bias(node) != null) {
            while (inputs.size() < MATMULNBITS_BIAS) {
                inputs.add("");
            }
            inputs.add(writer.reference(bias(node)));
        }
        if (node.op() instanceof BlockQuantizedMatMul op && op.accuracyLevel() != 0) {
            attributes.put("accuracy_level", (long) op.accuracyLevel());
        }
        attributes.put("K", weights.columns());
        attributes.put("N", weights.rows());
        attributes.put("bits", (long) weights.bits());
        attributes.put("block_size", weights.block());
        writer.microsoft(node, "MatMulNBits", inputs, attributes(node, attributes));
    }

    private void gather(Node node, List<Node> parts) {
        DequantizeLinear op = (DequantizeLinear) node.op();
        Value codes = parts.getFirst().input(0);
        List<String> inputs = new ArrayList<>();
        inputs.add(writer.reference(codes));
        inputs.add(writer.reference(parts.getFirst().input(1)));
        for (Node part : parts.subList(1, parts.size())) {
            inputs.add(writer.reference(part.input(0)));
        }
        SortedMap<String, Long> attributes = new TreeMap<>();
        if (codes.constant().dtype() == DType.UINT8) {
            // Older versions of ONNX Runtime do not know the attribute.
            attributes.put("bits", (long) Byte.SIZE);
        }
        attributes.put("block_size", op.blockSize());
        attributes.put("gather_axis", (long) gathered(parts));
        attributes.put("quantize_axis", (long) quantized(parts, op));
        writer.microsoft(node, "GatherBlockQuantized", inputs, attributes(node, attributes));
    }

    private static List<AttributeProto> attributes(Node node, SortedMap<String, Long> values) {
        return values.keySet().stream()
                .map(name -> AttributeProto.of(name, OnnxAttributes.toProto(node, name, values.get(name))))
                .toList();
    }
}
