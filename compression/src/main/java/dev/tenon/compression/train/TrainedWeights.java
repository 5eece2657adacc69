package dev.tenon.compression.train;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which constants of a network are trained: weights, biases, and what normalisations multiply with and add. All others are frozen.
 *
 * @param trained those that are trained, by name, in the order of the graph
 * @param frozen the reasons by the names of other floating-point constants of several elements
 */
record TrainedWeights(Map<String, Tensor> trained, Map<String, String> frozen) {
    /** Larger values are no weights: masks add them to scores. */
    private static final double LARGEST = 1000;

    /**
     * The weights of a network.
     *
     * @param scales the names of constants that are trained in any case
     */
    static TrainedWeights of(Graph graph, Set<String> scales) {
        GraphIndex index = new GraphIndex(graph);
        TrainedWeights all = new TrainedWeights(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (Value constant : graph.constants()) {
            Tensor t = constant.constant();
            if (scales.contains(constant.name())) {
                all.trained.put(constant.name(), t);
            } else if (t.dtype().isFloating() && t.size() > 1) {
                String reason = reason(index, constant);
                if (reason.isEmpty()) {
                    all.trained.put(constant.name(), t);
                } else {
                    all.frozen.put(constant.name(), reason);
                }
            }
        }
        return all;
    }

    /** Why a constant is frozen; empty if it is trained. */
    private static String reason(GraphIndex index, Value constant) {
        Tensor t = constant.constant();
        if (t.dtype() != DType.FLOAT32) {
            return "stored as " + t.dtype();
        }
        if (index.isOutput(constant)) {
            return "an output";
        }
        for (long i = 0; i < t.size(); i++) {
            if (!(Math.abs(t.getFloat(i)) < LARGEST)) {
                return "a value of " + t.getFloat(i) + ", which is no weight";
            }
        }
        return use(index, constant);
    }

    /** The first use of a value that is none of a weight; empty if all are. */
    private static String use(GraphIndex index, Value value) {
        for (Node node : index.consumers(value)) {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (value.equals(node.input(i))) {
                    boolean isOfConstants = node.inputs().stream().allMatch(TrainedWeights::isFixed);
                    String reason = isMove(node, i) || isOfConstants && isWeight(node, i)
                            ? use(index, node.output())
                            : isWeight(node, i)
                                    ? ""
                                    : "operand " + i + " of "
                                            + node.op().schema().name();
                    if (!reason.isEmpty()) {
                        return reason;
                    }
                }
            }
        }
        return "";
    }

    private static boolean isMove(Node node, int operand) {
        return operand == 0
                && switch (node.op()) {
                    case Transpose t -> true;
                    case Reshape r -> true;
                    case Squeeze s -> true;
                    case Unsqueeze u -> true;
                    case Identity i -> true;
                    // A bound beside a value is no weight.
                    case Max m -> hasFixedBeside(node);
                    case Min m -> hasFixedBeside(node);
                    case QuantizeLinear q -> true;
                    case DequantizeLinear d -> true;
                    default -> false;
                };
    }

    private static boolean hasFixedBeside(Node node) {
        return node.inputs().stream().skip(1).allMatch(TrainedWeights::isFixed);
    }

    /** Whether a value follows from constants alone, as a bound in units of a learned scale does. */
    private static boolean isFixed(Value value) {
        return value == null
                || value.isConstant()
                || value.producer() != null
                        && value.producer().inputs().stream().allMatch(TrainedWeights::isFixed);
    }

    private static boolean isWeight(Node node, int operand) {
        return switch (node.op()) {
            case MatMul m -> true;
            case Gemm g -> true;
            case Add a -> true;
            case Sub s -> true;
            case Mul m -> true;
            case Div d -> true;
            case Conv c -> operand > 0;
            case ConvTranspose c -> operand > 0;
            case PRelu p -> operand > 0;
            case LayerNormalization n -> operand > 0;
            case RMSNormalization n -> operand > 0;
            case InstanceNormalization n -> operand > 0;
            case GroupNormalization n -> operand > 0;
            case BatchNormalization n -> operand == 1 || operand == 2;
            default -> false;
        };
    }
}
