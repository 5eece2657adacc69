package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How canonical operators are written for operator sets that are older than their canonical form. Also tells since
 * which version an attribute can be written at all. {@link StandardDomain} has the opposite direction.
 */
final class Downgrades {
    private static final Map<String, Downgrade> DOWNGRADES = downgrades();

    /** The version since which an attribute exists, by operator and attribute. */
    private static final Map<String, Integer> ATTRIBUTES = attributes();

    private Downgrades() {}

    /** The downgrade of an operator, or null if there is none. */
    static Downgrade find(String operator) {
        return DOWNGRADES.get(operator);
    }

    private static Map<String, Integer> attributes() {
        Map<String, Integer> since = new HashMap<>();
        since.put("MaxPool.storage_order", 8);
        since.put("MaxPool.ceil_mode", 10);
        since.put("MaxPool.dilations", 10);
        since.put("AveragePool.ceil_mode", 10);
        since.put("AveragePool.dilations", 19);
        since.put("DepthToSpace.mode", 11);
        since.put("ArgMax.select_last_index", 12);
        since.put("ArgMin.select_last_index", 12);
        since.put("GatherND.batch_dims", 12);
        since.put("QuantizeLinear.axis", 13);
        since.put("QuantizeLinear.saturate", 19);
        since.put("QuantizeLinear.block_size", 21);
        since.put("QuantizeLinear.output_dtype", 21);
        since.put("QuantizeLinear.precision", 23);
        since.put("DequantizeLinear.axis", 13);
        since.put("DequantizeLinear.block_size", 21);
        since.put("DequantizeLinear.output_dtype", 23);
        since.put("LpPool.ceil_mode", 18);
        since.put("LpPool.dilations", 18);
        since.put("Reshape.allowzero", 14);
        since.put("Resize.antialias", 18);
        since.put("Resize.axes", 18);
        since.put("Resize.keep_aspect_ratio_policy", 18);
        since.put("Shape.start", 15);
        since.put("Shape.end", 15);
        since.put("ScatterElements.reduction", 16);
        since.put("ScatterND.reduction", 16);
        since.put("Cast.saturate", 19);
        since.put("Cast.round_mode", 24);
        since.put("CastLike.saturate", 19);
        since.put("CastLike.round_mode", 24);
        since.put("Range.stash_type", 27);
        since.put("TopK.largest", 11);
        since.put("TopK.sorted", 11);
        return since;
    }

    /** Refuses attributes, modes and operands that the operator set does not have yet. */
    static void checkAttributes(NodeDraft draft) {
        for (String name : draft.attributes().names()) {
            int since = ATTRIBUTES.getOrDefault(draft.operator() + "." + name, 0);
            if (draft.target() < since) {
                throw draft.needs("attribute '" + name + "'", since);
            }
        }
        if (draft.operator().equals("Pad")
                && draft.attributes().string("mode", "").equals("wrap")
                && draft.target() < 19) {
            throw draft.needs("mode 'wrap'", 19);
        }
        String reduction =
                draft.attributes().has("reduction") ? draft.attributes().string("reduction", "") : "";
        if ((reduction.equals("max") || reduction.equals("min")) && draft.target() < 18) {
            throw draft.needs("reduction '" + reduction + "'", 18);
        }
        if (draft.target() < 11 && draft.attributes().get("axis").orElse(null) instanceof Long axis && axis < 0) {
            draft.set("axis", draft.positiveAxes(List.of(axis), 0, 0).getFirst());
        }
        if (draft.operator().equals("Gemm") && !draft.has(2) && draft.target() < 11) {
            throw draft.needs("a missing input C", 11);
        }
        if (draft.operator().equals("Pad") && draft.has(3) && draft.target() < 18) {
            throw draft.needs("the input 'axes'", 18);
        }
    }

    private static Map<String, Downgrade> downgrades() {
        Map<String, Downgrade> downgrades = new HashMap<>();
        for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            downgrades.put(name, Downgrades::ofLastAxis);
        }
        for (String name :
                List.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")) {
            downgrades.put("Reduce" + name, Downgrades::reduce);
        }
        for (String name : List.of("Max", "Mean", "Min", "Sum")) {
            downgrades.put(name, Downgrades::ofEqualShapes);
        }
        downgrades.put("Squeeze", draft -> axes(draft, 0));
        downgrades.put(
                "Unsqueeze",
                draft -> axes(
                        draft,
                        draft.has(1)
                                ? (int) Math.max(0, draft.shape(1).elements().orElse(0))
                                : 0));
        downgrades.put("BatchNormalization", Downgrades::batchNormalization);
        downgrades.put("Clip", Downgrades::clip);
        downgrades.put("Dropout", Downgrades::dropout);
        downgrades.put("Pad", Downgrades::pad);
        downgrades.put("Resize", Downgrades::resize);
        downgrades.put("ScatterElements", Downgrades::scatter);
        downgrades.put("Slice", Downgrades::slice);
        downgrades.put("Split", Downgrades::split);
        downgrades.put("TopK", Downgrades::topK);
        return downgrades;
    }

    /** Moves the axes to an attribute. The rank of the result exceeds that of the data by the added axes. */
    private static void axes(NodeDraft draft, int added) {
        List<Long> axes = draft.integers(1, 13);
        draft.keepOperands(1);
        if (axes != null) {
            draft.set("axes", draft.positiveAxes(axes, 0, added));
        }
    }

    private static void reduce(NodeDraft draft) {
        int since = draft.canonicalSince();
        List<Long> axes = draft.integers(1, since);
        boolean none = axes == null || axes.isEmpty();
        if (none && draft.attributes().flag("noop_with_empty_axes", false)) {
            throw draft.needs("attribute 'noop_with_empty_axes'", since);
        }
        draft.drop("noop_with_empty_axes");
        draft.keepOperands(1);
        if (!none) {
            draft.set("axes", draft.positiveAxes(axes, 0, 0));
        }
    }

    private static void ofLastAxis(NodeDraft draft) {
        long axis = draft.attributes().integer("axis", -1);
        if (draft.shape(0).hasRank()) {
            int rank = draft.shape(0).rank();
            if (axis != -1 && axis != rank - 1) {
                throw draft.needs("axis " + axis + ", which is not the last", 13);
            }
            draft.set("axis", Math.max(0L, rank - 1L));
        } else if (axis == -1 && draft.target() >= 11) {
            draft.set("axis", -1L);
        } else {
            throw draft.needs("axis " + axis + " of a value of unknown rank", 13);
        }
    }

    private static void ofEqualShapes(NodeDraft draft) {
        for (int i = 1; i < draft.operands().size(); i++) {
            if (!draft.shape(i).isKnown() || !draft.shape(i).equals(draft.shape(0))) {
                throw draft.needs("broadcasting", 8);
            }
        }
    }

    private static void batchNormalization(NodeDraft draft) {
        if (draft.attributes().flag("training_mode", false)) {
            throw draft.needs("training_mode", 14);
        }
        draft.drop("training_mode");
    }

    private static void clip(NodeDraft draft) {
        DType type = draft.dtype(0);
        if (type == null || !type.isFloating()) {
            throw draft.needs("elements that are not floating", 12);
        }
        String[] names = {null, "min", "max"};
        for (int i = 1; i <= 2; i++) {
            if (draft.has(i)) {
                Tensor bound = draft.constant(i, 11);
                float value = (float) bound.getDouble(0);
                if (!bound.dtype().isFloating() || value != bound.getDouble(0)) {
                    throw draft.needs("a bound of " + bound, 11);
                }
                draft.set(names[i], value);
            }
        }
        draft.keepOperands(1);
    }

    private static void dropout(NodeDraft draft) {
        if (draft.has(2) && draft.constant(2, 12).getBoolean(0)) {
            throw draft.needs("training_mode", 12);
        }
        if (draft.node().outputs().size() > 1 && draft.node().outputs().get(1) != null && draft.target() < 10) {
            throw draft.needs("a mask of bool", 10);
        }
        if (draft.has(1)) {
            draft.set("ratio", (float) draft.constant(1, 12).getDouble(0));
        }
        draft.drop("seed");
        draft.keepOperands(1);
    }

    private static void pad(NodeDraft draft) {
        List<Long> pads = draft.integers(1, 11);
        if (draft.has(3)) {
            throw draft.needs("the input 'axes'", 18);
        }
        draft.set("pads", pads);
        if (draft.has(2)) {
            Tensor value = draft.constant(2, 11);
            if (!value.dtype().isFloating()) {
                throw draft.needs("a value of " + value.dtype().text(), 11);
            }
            draft.set("value", (float) value.getDouble(0));
        }
        draft.keepOperands(1);
    }

    /** Before version 13, Resize has empty tensors for operands that are left out. */
    private static void resize(NodeDraft draft) {
        if (draft.target() < 11) {
            throw draft.needs("the operator", 11);
        }
        for (int i = 1; i <= 2; i++) {
            if (!draft.has(i)) {
                draft.operand(i, draft.node().name() + ".empty", Tensor.of(new float[0]));
            }
        }
    }

    private static void scatter(NodeDraft draft) {
        if (draft.target() < 9) {
            throw draft.needs("the operator", 9);
        }
        draft.operator("Scatter");
        if (draft.attributes().has("reduction")) {
            throw draft.needs("attribute 'reduction'", 16);
        }
    }

    private static void slice(NodeDraft draft) {
        List<Long> steps = draft.integers(4, 10);
        if (steps != null && steps.stream().anyMatch(s -> s != 1)) {
            throw draft.needs("steps " + steps, 10);
        }
        draft.set("starts", draft.integers(1, 10));
        draft.set("ends", draft.integers(2, 10));
        List<Long> axes = draft.integers(3, 10);
        if (axes != null) {
            draft.set("axes", draft.positiveAxes(axes, 0, 0));
        }
        draft.keepOperands(1);
    }

    private static void split(NodeDraft draft) {
        List<Long> sizes = null;
        if (draft.has(1)) {
            sizes = draft.target() < 13 ? draft.integers(1, 13) : null;
        } else {
            sizes = unevenSizes(draft);
        }
        draft.drop("num_outputs");
        if (sizes != null && draft.target() < 13) {
            draft.keepOperands(1);
            draft.set("split", sizes);
        } else if (sizes != null) {
            long[] array = sizes.stream().mapToLong(Long::longValue).toArray();
            draft.operand(1, draft.node().name() + ".split", Tensor.of(array, array.length));
        }
    }

    /** The sizes of the pieces if the last one is smaller, or null if all are equal, as in older versions. */
    private static List<Long> unevenSizes(NodeDraft draft) {
        int pieces = draft.node().outputs().size();
        long axis = draft.attributes().integer("axis", 0);
        if (!draft.shape(0).hasRank()) {
            throw draft.needs("equal pieces of a value of unknown rank", 18);
        }
        Dim d = draft.shape(0).dim((int) (axis < 0 ? axis + draft.shape(0).rank() : axis));
        if (d.dividedExactlyBy(Dim.of(pieces)).isPresent()) {
            return null;
        }
        if (!d.isKnown()) {
            throw draft.needs("pieces of dimension " + d + ", of which the last may be smaller", 18);
        }
        long each = Math.ceilDiv(d.value(), pieces);
        List<Long> sizes = new ArrayList<>();
        for (long at = 0; sizes.size() < pieces; at += each) {
            sizes.add(Math.max(0, Math.min(each, d.value() - at)));
        }
        return sizes;
    }

    private static void topK(NodeDraft draft) {
        if (!draft.attributes().flag("largest", true)) {
            throw draft.needs("largest 0", 11);
        }
        draft.drop("largest");
        draft.drop("sorted");
        if (draft.target() < 10) {
            draft.set(
                    "k",
                    Arrays.stream(draft.constant(1, 10).toLongArray())
                            .findFirst()
                            .orElse(0));
            draft.keepOperands(1);
        }
    }
}
