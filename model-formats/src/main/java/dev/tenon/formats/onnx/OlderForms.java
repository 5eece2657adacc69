package dev.tenon.formats.onnx;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How canonical operators are written for versions from before their canonical form, and since which version attributes
 * can be written at all. The counterpart of the reader's {@link OnnxLines}.
 */
final class OlderForms {
    /** Gives a node its older form, or fails. */
    @FunctionalInterface
    interface Older {
        void rewrite(NodeForm form);
    }

    private static final Map<String, Older> FORMS = forms();

    private static final Map<String, Integer> ATTRIBUTES = attributes();

    private OlderForms() {}

    static Older find(String operator) {
        return FORMS.get(operator);
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

    /** Fails for attributes that the version does not have yet. */
    static void checkAttributes(NodeForm form) {
        for (String name : form.attributes().names()) {
            int since = ATTRIBUTES.getOrDefault(form.operator() + "." + name, 0);
            if (form.target() < since) {
                throw form.needs("attribute '" + name + "'", since);
            }
        }
        if (form.operator().equals("Pad")
                && form.attributes().string("mode", "").equals("wrap")
                && form.target() < 19) {
            throw form.needs("mode 'wrap'", 19);
        }
        String reduction =
                form.attributes().has("reduction") ? form.attributes().string("reduction", "") : "";
        if ((reduction.equals("max") || reduction.equals("min")) && form.target() < 18) {
            throw form.needs("reduction '" + reduction + "'", 18);
        }
        if (form.target() < 11 && form.attributes().get("axis").orElse(null) instanceof Long axis && axis < 0) {
            form.set("axis", form.natural(List.of(axis), 0, 0).getFirst());
        }
        if (form.operator().equals("Gemm") && !form.has(2) && form.target() < 11) {
            throw form.needs("a missing input C", 11);
        }
        if (form.operator().equals("Pad") && form.has(3) && form.target() < 18) {
            throw form.needs("the input 'axes'", 18);
        }
    }

    private static Map<String, Older> forms() {
        Map<String, Older> forms = new HashMap<>();
        for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            forms.put(name, OlderForms::ofLastAxis);
        }
        for (String name :
                List.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")) {
            forms.put("Reduce" + name, OlderForms::reduce);
        }
        for (String name : List.of("Max", "Mean", "Min", "Sum")) {
            forms.put(name, OlderForms::ofEqualShapes);
        }
        forms.put("Squeeze", form -> axes(form, 0));
        forms.put(
                "Unsqueeze",
                form -> axes(
                        form,
                        form.has(1) ? (int) Math.max(0, form.shape(1).elements().orElse(0)) : 0));
        forms.put("BatchNormalization", OlderForms::batchNormalization);
        forms.put("Clip", OlderForms::clip);
        forms.put("Dropout", OlderForms::dropout);
        forms.put("Pad", OlderForms::pad);
        forms.put("Resize", OlderForms::resize);
        forms.put("ScatterElements", OlderForms::scatter);
        forms.put("Slice", OlderForms::slice);
        forms.put("Split", OlderForms::split);
        forms.put("TopK", OlderForms::topK);
        return forms;
    }

    private static void axes(NodeForm form, int more) {
        List<Long> axes = form.integers(1, 13);
        form.keepOperands(1);
        if (axes != null) {
            form.set("axes", form.natural(axes, 0, more));
        }
    }

    private static void reduce(NodeForm form) {
        int since = OnnxTable.canonicalSince(form.operator());
        List<Long> axes = form.integers(1, since);
        boolean none = axes == null || axes.isEmpty();
        if (none && form.attributes().flag("noop_with_empty_axes", false)) {
            throw form.needs("attribute 'noop_with_empty_axes'", since);
        }
        form.drop("noop_with_empty_axes");
        form.keepOperands(1);
        if (!none) {
            form.set("axes", form.natural(axes, 0, 0));
        }
    }

    private static void ofLastAxis(NodeForm form) {
        long axis = form.attributes().integer("axis", -1);
        if (form.shape(0).hasRank()) {
            int rank = form.shape(0).rank();
            if (axis != -1 && axis != rank - 1) {
                throw form.needs("axis " + axis + ", which is not the last", 13);
            }
            form.set("axis", Math.max(0L, rank - 1L));
        } else if (axis == -1 && form.target() >= 11) {
            form.set("axis", -1L);
        } else {
            throw form.needs("axis " + axis + " of a value of unknown rank", 13);
        }
    }

    private static void ofEqualShapes(NodeForm form) {
        for (int i = 1; i < form.operands().size(); i++) {
            if (!form.shape(i).isKnown() || !form.shape(i).equals(form.shape(0))) {
                throw form.needs("broadcasting", 8);
            }
        }
    }

    private static void batchNormalization(NodeForm form) {
        if (form.attributes().flag("training_mode", false)) {
            throw form.needs("training_mode", 14);
        }
        form.drop("training_mode");
    }

    private static void clip(NodeForm form) {
        DType type = form.dtype(0);
        if (type == null || !type.isFloating()) {
            throw form.needs("elements that are not floating", 12);
        }
        String[] names = {null, "min", "max"};
        for (int i = 1; i <= 2; i++) {
            if (form.has(i)) {
                Tensor bound = form.constant(i, 11);
                float value = (float) bound.getDouble(0);
                if (!bound.dtype().isFloating() || value != bound.getDouble(0)) {
                    throw form.needs("a bound of " + bound, 11);
                }
                form.set(names[i], value);
            }
        }
        form.keepOperands(1);
    }

    private static void dropout(NodeForm form) {
        if (form.has(2) && form.constant(2, 12).getBoolean(0)) {
            throw form.needs("training_mode", 12);
        }
        if (form.node().outputs().size() > 1 && form.node().outputs().get(1) != null && form.target() < 10) {
            throw form.needs("a mask of bool", 10);
        }
        if (form.has(1)) {
            form.set("ratio", (float) form.constant(1, 12).getDouble(0));
        }
        form.drop("seed");
        form.keepOperands(1);
    }

    private static void pad(NodeForm form) {
        List<Long> pads = form.integers(1, 11);
        if (form.has(3)) {
            throw form.needs("the input 'axes'", 18);
        }
        form.set("pads", pads);
        if (form.has(2)) {
            Tensor value = form.constant(2, 11);
            if (!value.dtype().isFloating()) {
                throw form.needs("a value of " + value.dtype().text(), 11);
            }
            form.set("value", (float) value.getDouble(0));
        }
        form.keepOperands(1);
    }

    /** Before version 13 Resize takes empty tensors for what is left out. */
    private static void resize(NodeForm form) {
        if (form.target() < 11) {
            throw form.needs("the operator", 11);
        }
        for (int i = 1; i <= 2; i++) {
            if (!form.has(i)) {
                form.operand(i, form.node().name() + ".empty", Tensor.of(new float[0]));
            }
        }
    }

    private static void scatter(NodeForm form) {
        if (form.target() < 9) {
            throw form.needs("the operator", 9);
        }
        form.operator("Scatter");
        if (form.attributes().has("reduction")) {
            throw form.needs("attribute 'reduction'", 16);
        }
    }

    private static void slice(NodeForm form) {
        List<Long> steps = form.integers(4, 10);
        if (steps != null && steps.stream().anyMatch(s -> s != 1)) {
            throw form.needs("steps " + steps, 10);
        }
        form.set("starts", form.integers(1, 10));
        form.set("ends", form.integers(2, 10));
        List<Long> axes = form.integers(3, 10);
        if (axes != null) {
            form.set("axes", form.natural(axes, 0, 0));
        }
        form.keepOperands(1);
    }

    private static void split(NodeForm form) {
        List<Long> sizes = null;
        if (form.has(1)) {
            sizes = form.target() < 13 ? form.integers(1, 13) : null;
        } else {
            sizes = unevenSizes(form);
        }
        form.drop("num_outputs");
        if (sizes != null && form.target() < 13) {
            form.keepOperands(1);
            form.set("split", sizes);
        } else if (sizes != null) {
            long[] array = sizes.stream().mapToLong(Long::longValue).toArray();
            form.operand(1, form.node().name() + ".split", Tensor.of(array, array.length));
        }
    }

    /** The sizes of pieces of which the last is smaller; null if all are equal, as older versions make them. */
    private static List<Long> unevenSizes(NodeForm form) {
        int pieces = form.node().outputs().size();
        long axis = form.attributes().integer("axis", 0);
        if (!form.shape(0).hasRank()) {
            throw form.needs("equal pieces of a value of unknown rank", 18);
        }
        Dim d = form.shape(0).dim((int) (axis < 0 ? axis + form.shape(0).rank() : axis));
        if (d.dividedExactlyBy(Dim.of(pieces)).isPresent()) {
            return null;
        }
        if (!d.isKnown()) {
            throw form.needs("pieces of dimension " + d + ", of which the last may be smaller", 18);
        }
        long each = Math.ceilDiv(d.value(), pieces);
        List<Long> sizes = new ArrayList<>();
        for (long at = 0; sizes.size() < pieces; at += each) {
            sizes.add(Math.max(0, Math.min(each, d.value() - at)));
        }
        return sizes;
    }

    private static void topK(NodeForm form) {
        if (!form.attributes().flag("largest", true)) {
            throw form.needs("largest 0", 11);
        }
        form.drop("largest");
        form.drop("sorted");
        if (form.target() < 10) {
            form.set(
                    "k",
                    Arrays.stream(form.constant(1, 10).toLongArray())
                            .findFirst()
                            .orElse(0));
            form.keepOperands(1);
        }
    }
}
