package dev.tenon.compression.floats;

import dev.tenon.compression.LayerFilter;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSchema.Parameter;
import dev.tenon.op.OpSchema.Presence;
import dev.tenon.op.math.Cast;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which nodes of a graph compute in float16.
 *
 * <p>A node computes in float32 if its operator does not take float16; if it is in the list below; or if an operand or
 * result may be beyond 65504. A constant beyond that makes so the results of sums, products and moves that use it, and
 * calibration finds others. A node with a small constant that would become 0, such as 1e-12, computes in float32 too.
 */
final class PrecisionPlan {
    /**
     * Operators that compute in float32 although they take float16: those that count or order by exact numbers, draw
     * random numbers, make values from attributes, sum along an axis, or quantise.
     */
    private static final Set<String> FLOAT32 = Set.of(
            "Bernoulli",
            "BlackmanWindow",
            "CastLike",
            "ConstantOfShape",
            "CumProd",
            "CumSum",
            "DFT",
            "DequantizeLinear",
            "Det",
            "DynamicQuantizeLinear",
            "EyeLike",
            "HammingWindow",
            "HannWindow",
            "MaxRoiPool",
            "MelWeightMatrix",
            "Multinomial",
            "NonMaxSuppression",
            "OneHot",
            "QuantizeLinear",
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Range",
            "RoiAlign",
            "STFT",
            "TfIdfVectorizer",
            "TopK",
            "Unique");

    /** Operators whose results are elements of their operands. */
    private static final Set<String> MOVES = Set.of(
            "Compress",
            "Concat",
            "DepthToSpace",
            "Expand",
            "Flatten",
            "Gather",
            "GatherElements",
            "GatherND",
            "Identity",
            "Pad",
            "Reshape",
            "ReverseSequence",
            "Slice",
            "SpaceToDepth",
            "Split",
            "Squeeze",
            "Tile",
            "Transpose",
            "Trilu",
            "Unsqueeze");

    /** Operators whose results may be as large as their operands, beside moves. */
    private static final Set<String> GROWING = Set.of(
            "Abs",
            "Add",
            "Div",
            "Max",
            "Mean",
            "Min",
            "Mul",
            "Neg",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceSum",
            "Relu",
            "Sub",
            "Sum",
            "Where",
            "Clip",
            "MatMul",
            "Gemm",
            "Pow",
            "LeakyRelu",
            "PRelu");

    /** Operators that take any type and give a result that does not depend on it. */
    private static final Set<String> INDIFFERENT = Set.of("Cast", "Shape", "Size", "IsInf", "IsNaN");

    /** Constants with fewer elements are numbers of a formula, not weights. */
    private static final int FEW = 32;

    private final Graph graph;
    private final GraphIndex index;

    /** The nodes that compute in float32, with the reasons; an empty reason is no news. */
    private final Map<Node, String> full = new LinkedHashMap<>();

    /** Casts to float32 that become Casts to float16. */
    private final Set<Node> retargeted = new HashSet<>();

    /** The use that a node makes of an operand of float32. */
    enum Wish {
        HALF,
        FULL,
        EITHER
    }

    /**
     * Makes the plan.
     *
     * @param graph the graph
     * @param filter the nodes that may compute in float16
     * @param beyond the names of values that calibration has found beyond the range
     */
    PrecisionPlan(Graph graph, LayerFilter filter, Set<String> beyond) {
        this.graph = graph;
        this.index = new GraphIndex(graph);
        decide(filter, beyond);
        leaveMoves();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Cast cast && cast.to() == DType.FLOAT32 && isRetargeted(node)) {
                retargeted.add(node);
            }
        }
    }

    static boolean isFloat32(Value v) {
        return v != null && v.tensorType() != null && v.tensorType().dtype() == DType.FLOAT32;
    }

    private void decide(LayerFilter filter, Set<String> beyond) {
        Set<Value> wide = new HashSet<>();
        for (Value v : graph.constants()) {
            if (isFloat32(v) && HalfTensor.overflows(v.constant(), DType.FLOAT16)) {
                wide.add(v);
            }
        }
        for (Node node : graph.nodes()) {
            String name = node.op().schema().name();
            boolean isWide = node.inputs().stream().anyMatch(wide::contains);
            boolean grows = isWide && (MOVES.contains(name) || GROWING.contains(name));
            for (Value v : node.outputs()) {
                if (isFloat32(v) && (grows || beyond.contains(v.name()))) {
                    wide.add(v);
                }
            }
            boolean gives = node.outputs().stream().anyMatch(wide::contains);
            String reason = reason(node, filter);
            if (reason == null && (isWide || gives)) {
                reason = isWide ? "an operand may exceed 65504" : "its result exceeds 65504";
            }
            if (reason != null) {
                full.put(node, reason);
            }
        }
    }

    /** Why a node computes in float32 whatever its values are, or null. */
    private static String reason(Node node, LayerFilter filter) {
        if (INDIFFERENT.contains(node.op().schema().name())
                || node.inputs().stream().noneMatch(PrecisionPlan::isFloat32)) {
            return "";
        }
        if (!filter.accepts(node)) {
            return "excluded";
        }
        OpSchema schema = node.op().schema();
        if (node.op() instanceof GraphOp) {
            return "";
        }
        if (!schema.domain().isEmpty() || FLOAT32.contains(schema.name())) {
            return schema.name() + " stays float32";
        }
        for (Value v : node.outputs()) {
            if (v != null && v.tensorType() == null) {
                return "its result is no tensor";
            }
        }
        boolean takesHalf = false;
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = node.input(i);
            if (v != null && v.tensorType() == null) {
                return "an operand is no tensor";
            }
            if (!isFloat32(v)) {
                continue;
            }
            takesHalf |= takesHalf(node, i);
            if (v.isConstant() && v.constant().size() < FEW && HalfTensor.underflows(v.constant())) {
                return "a constant is below the range";
            }
        }
        return takesHalf ? null : schema.name() + " takes no float16";
    }

    private static Parameter parameter(List<Parameter> formal, int i) {
        return i < formal.size() || formal.getLast().presence() != Presence.VARIADIC ? formal.get(i) : formal.getLast();
    }

    private static boolean takesHalf(Node node, int input) {
        if (node.op() instanceof Resize) {
            return input == 0;
        }
        OpSchema schema = node.op().schema();
        return node.op() instanceof Identity
                || schema.allowed(parameter(schema.inputs(), input).type()).contains(DType.FLOAT16);
    }

    /** Moves between nodes in float32 stay there too. */
    private void leaveMoves() {
        boolean hasChanged = true;
        while (hasChanged) {
            hasChanged = false;
            for (Node node : graph.nodes()) {
                if (!full.containsKey(node) && MOVES.contains(node.op().schema().name()) && isBetweenFull(node)) {
                    full.put(node, "");
                    hasChanged = true;
                }
            }
        }
    }

    private boolean isBetweenFull(Node node) {
        boolean hasOperand = false;
        for (Value v : node.inputs()) {
            if (isFloat32(v) && !v.isConstant()) {
                hasOperand = true;
                if (isHalf(v)) {
                    return false;
                }
            }
        }
        return hasOperand && node.outputs().stream().allMatch(this::areConsumersFull);
    }

    private boolean areConsumersFull(Value v) {
        return v == null || index.consumers(v).stream().noneMatch(node -> wishes(node, v, Wish.HALF));
    }

    private boolean wishes(Node node, Value v, Wish wish) {
        for (int i = 0; i < node.inputs().size(); i++) {
            if (node.input(i) == v && wish(node, i) == wish) {
                return true;
            }
        }
        return false;
    }

    private boolean isRetargeted(Node node) {
        Value y = node.output();
        return node.input(0).tensorType().dtype() != DType.FLOAT16
                && !index.isOutput(y)
                && !index.consumers(y).isEmpty()
                && index.consumers(y).stream().allMatch(user -> !wishes(user, y, Wish.FULL));
    }

    /** {@return what a node does with an operand of float32} */
    Wish wish(Node node, int input) {
        if (INDIFFERENT.contains(node.op().schema().name())) {
            return Wish.EITHER;
        }
        return !full.containsKey(node) && takesHalf(node, input) ? Wish.HALF : Wish.FULL;
    }

    /** {@return whether a value of float32 will be float16} */
    boolean isHalf(Value v) {
        Node node = v.producer();
        if (node == null || !isFloat32(v)) {
            return false;
        }
        if (retargeted.contains(node)) {
            return true;
        }
        if (full.containsKey(node)) {
            return false;
        }
        List<Parameter> outputs = node.op().schema().outputs();
        String type = parameter(outputs, v.index()).type();
        for (int i = 0; i < node.inputs().size(); i++) {
            Parameter p = parameter(node.op().schema().inputs(), i);
            if (isFloat32(node.input(i)) && takesHalf(node, i) && p.type().equals(type)) {
                return true;
            }
        }
        return false;
    }

    /** {@return the Casts to float32 that become Casts to float16} */
    Set<Node> retargeted() {
        return retargeted;
    }

    /** {@return the nodes that compute in float32, with the reasons; an empty reason is no news} */
    Map<Node, String> full() {
        return full;
    }
}
