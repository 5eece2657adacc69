package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lowerings of older versions of operators that normalise. */
public final class NormalizationLowerings {
    private NormalizationLowerings() {}

    /**
     * Softmax, LogSoftmax and Hardmax before version 13. They run over all dimensions from the axis on, as if the
     * operand were a matrix. This is the same as the canonical form if the axis is the last one.
     */
    static List<Value> softmaxOfMatrix(NodeLowering node) {
        long axis = node.attributes().integer("axis", 1);
        if (node.shape(0).hasRank()) {
            int rank = node.shape(0).rank();
            if (axis == -1 || axis == rank - 1) {
                return node.with(Attributes.none().with("axis", -1L));
            }
        }
        Value shape = node.add("Shape", Attributes.none(), node.input(0));
        Value matrix = node.add("Flatten", Attributes.none().with("axis", axis), node.input(0));
        Value result = node.add(node.operator(), Attributes.none().with("axis", -1L), matrix);
        return node.finish("Reshape", Attributes.none().with("allowzero", 1L), result, shape);
    }

    /**
     * LayerNormalization before it was a part of the standard. Its result has the type of its scale. If the types of
     * data and scale differ, it computes in the wider one.
     */
    static List<Value> layerOfTwoTypes(NodeLowering node) {
        DType type = node.dtype(0);
        DType result = node.input(1) == null ? type : node.dtype(1);
        if (type == result) {
            return node.unchanged();
        }
        OpBuilder ops = new OpBuilder(node);
        DType wide = type == DType.FLOAT64 || result == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        List<Value> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(v == null ? null : ops.cast(v, wide));
        }
        Op op = node.op("", "LayerNormalization", node.attributes());
        if (wide == result) {
            return node.finish(op, operands);
        }
        List<Value> all = node.addAll(op, operands, Math.max(1, node.outputs()));
        List<Value> results = new ArrayList<>(all);
        Attributes to = Attributes.none().with("to", (long) ElementTypes.number(result));
        results.set(0, node.output(0, "Cast", to, all.getFirst()));
        return results;
    }

    /**
     * BatchNormalization before version 14. It trains unless {@code is_test} is set, and since version 7 if the node
     * names more outputs than the first. The canonical form does not have the outputs for saved statistics.
     */
    static List<Value> batch(NodeLowering node) {
        Attributes a = node.attributes();
        boolean training = node.version() < 7 ? !a.flag("is_test", false) : node.areMoreOutputsNamed();
        if (!a.flag("spatial", true)) {
            if (training) {
                throw node.error("spatial is 0 in training", "spatial 1, or inference", "export for inference");
            }
            return batchOfActivations(node, a.real("epsilon", 1e-5f));
        }
        Attributes kept = OnnxAttributes.without(a, "is_test", "spatial", "consumed_inputs");
        int outputs = training ? Math.min(3, node.outputs()) : 1;
        Op op = node.op("", "BatchNormalization", kept.with("training_mode", training));
        List<Value> results = new ArrayList<>(node.finish(op, node.inputs(), outputs));
        while (results.size() < node.outputs()) {
            results.add(null);
        }
        return results;
    }

    /**
     * Normalises with a mean and a variance for each activation. They have the shape of X without its first dimension.
     */
    private static List<Value> batchOfActivations(NodeLowering node, float epsilon) {
        Tensor added = Tensor.allocate(node.dtype(0));
        added.setDouble(0, epsilon);
        Value variance = node.add("Add", Attributes.none(), node.input(4), node.constant(added));
        Value deviation = node.add("Sqrt", Attributes.none(), variance);
        Value centred = node.add("Sub", Attributes.none(), node.input(0), node.input(3));
        Value normal = node.add("Div", Attributes.none(), centred, deviation);
        Value scaled = node.add("Mul", Attributes.none(), normal, node.input(1));
        List<Value> results = new ArrayList<>();
        results.add(node.output(0, "Add", Attributes.none(), scaled, node.input(2)));
        results.addAll(Arrays.asList(new Value[Math.max(0, node.outputs() - 1)]));
        return results;
    }

    /** MeanVarianceNormalization before version 9, for each channel or for all channels together. */
    static List<Value> meanVariance(NodeLowering node) {
        Attributes a = node.attributes();
        if (!node.shape(0).hasRank() || node.shape(0).rank() < 2) {
            throw node.error("input of shape " + node.shape(0), "a known rank of 2 or more", null);
        }
        List<Long> axes = new ArrayList<>();
        boolean together = a.flag("across_channels", false);
        for (long i = 0; i < node.shape(0).rank(); i++) {
            if (i != 1 || together) {
                axes.add(i);
            }
        }
        if (a.flag("normalize_variance", true)) {
            return node.with(Attributes.none().with("axes", axes));
        }
        long[] list = axes.stream().mapToLong(Long::longValue).toArray();
        Value mean =
                node.add("ReduceMean", Attributes.none(), node.input(0), node.constant(Tensor.of(list, list.length)));
        return node.finish("Sub", Attributes.none(), node.input(0), mean);
    }

    /** GroupNormalization-18, whose scale and bias have an element for each group and not for each channel. */
    static List<Value> groupsOfChannels(NodeLowering node) {
        long groups = node.attributes().integer("num_groups", 0);
        if (groups < 1) {
            throw node.error("num_groups " + groups, "1 and above", null);
        }
        Value channels = node.add("Shape", Attributes.none().with("start", 1L).with("end", 2L), node.input(0));
        Value count = node.constant(Tensor.of(new long[] {groups}, 1));
        Value each = node.add("Div", Attributes.none(), channels, count);
        Value table = node.add("Concat", Attributes.none().with("axis", 0L), count, each);
        Value scale = repeated(node, node.input(1), table);
        Value bias = repeated(node, node.input(2), table);
        return node.finish("GroupNormalization", node.attributes(), node.input(0), scale, bias);
    }

    private static Value repeated(NodeLowering node, Value v, Value table) {
        Value one = node.constant(Tensor.of(new long[] {1}, 1));
        Value all = node.constant(Tensor.of(new long[] {-1}, 1));
        Value column = node.add("Unsqueeze", Attributes.none(), v, one);
        return node.add("Reshape", Attributes.none(), node.add("Expand", Attributes.none(), column, table), all);
    }

    /**
     * Lowers SimplifiedLayerNormalization, which is the name of ONNX Runtime for RMSNormalization.
     *
     * @param node the node
     * @return its outputs
     */
    public static List<Value> simplifiedLayer(NodeLowering node) {
        Attributes a = node.attributes();
        Attributes kept = Attributes.none()
                .with("axis", a.integer("axis", -1))
                .with("epsilon", a.real("epsilon", 1e-5f))
                .with("stash_type", a.get("stash_type").orElse(null));
        Op op = node.op("", "RMSNormalization", kept);
        List<Value> y = node.finish(op, List.of(node.required(0), node.required(1)), 1);
        return Arrays.asList(Arrays.copyOf(y.toArray(Value[]::new), node.outputs()));
    }
}
