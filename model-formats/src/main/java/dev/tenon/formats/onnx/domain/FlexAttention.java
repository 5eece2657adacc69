package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.List;

/**
 * The lowering of FlexAttention: attention whose scores and probabilities pass through graphs that the node holds. The
 * graphs are inlined, as in the function that the standard defines.
 */
final class FlexAttention {
    private FlexAttention() {}

    static List<Value> lower(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        check(node);
        DType type = node.dtype(0);
        DType precision = precision(node, type);
        Value query = node.input(0);
        Value key = node.input(1);
        Value value = node.input(2);
        if (!sameHeads(node)) {
            key = repeatedHeads(ops, key, query);
            value = repeatedHeads(ops, value, query);
        }
        Value root = ops.cast(root(ops), type);
        Value keys = ops.transpose(ops.add("Mul", key, root), 0, 1, 3, 2);
        Value scores = ops.cast(ops.add("MatMul", ops.add("Mul", query, root), keys), precision);
        Value modified = modified(node, "score_mod", scores);
        Value probabilities = node.add("Softmax", Attributes.none().with("axis", 3L), modified);
        probabilities = modified(node, "prob_mod", probabilities);
        if (precision == type) {
            return node.finish("MatMul", Attributes.none(), probabilities, value);
        }
        Value y = ops.add("MatMul", probabilities, ops.cast(value, precision));
        return node.finish("Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), y);
    }

    private static void check(NodeLowering node) {
        for (int i = 0; i < 3; i++) {
            Shape s = node.shape(i);
            if (node.dtype(i) != node.dtype(0)) {
                throw node.error(
                        "input " + i + " of " + node.dtype(i).text(),
                        node.dtype(0).text(),
                        "add a Cast");
            }
            if (s.hasRank() && s.rank() != 4) {
                throw node.error("input " + i + " of shape " + s, "rank 4", null);
            }
        }
        Dim heads = heads(node, 0);
        Dim shared = heads(node, 1);
        if (heads != null && shared != null && (shared.value() == 0 || heads.value() % shared.value() != 0)) {
            throw node.error(heads + " heads of queries", "a multiple of the " + shared + " heads of keys", null);
        }
    }

    private static Dim heads(NodeLowering node, int input) {
        Shape s = node.shape(input);
        return s.hasRank() && s.dim(1).isKnown() ? s.dim(1) : null;
    }

    private static boolean sameHeads(NodeLowering node) {
        Dim heads = heads(node, 0);
        return heads != null && heads.equals(heads(node, 1)) && heads.equals(heads(node, 2));
    }

    /** Keys or values, repeated so that each head of queries has one of its own. Neighbours share one. */
    private static Value repeatedHeads(OpBuilder ops, Value kv, Value query) {
        Value heads = ops.dims(query, 1, 2);
        Value own = ops.dims(kv, 1, 2);
        Value rest = ops.dims(kv, 2, 4);
        Value shape = ops.concat(0, ops.dims(kv, 0, 1), own, ops.add("Div", heads, own), rest);
        Value repeated = ops.add("Expand", ops.unsqueeze(kv, 2), shape);
        return ops.add("Reshape", repeated, ops.concat(0, ops.dims(kv, 0, 1), heads, rest));
    }

    private static DType precision(NodeLowering node, DType type) {
        if (!node.attributes().has("softmax_precision")) {
            return type == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        }
        long code = node.attributes().integer("softmax_precision", 0);
        DType precision = Types.ofCode(code).orElse(null);
        if (precision == null || !Types.FLOATS.contains(precision)) {
            throw node.error("softmax_precision " + code, "1, 10, 11, 16", null);
        }
        return precision;
    }

    /** The root of the scale in float32. Queries and keys are both multiplied by it. */
    private static Value root(OpBuilder ops) {
        NodeLowering node = ops.node();
        if (node.attributes().has("scale")) {
            float scale = node.attributes().real("scale", 1);
            if (!(scale >= 0)) {
                throw node.error("scale " + scale, "0 and above", null);
            }
            return ops.add("Sqrt", ops.scalar(DType.FLOAT32, scale));
        }
        Value size = ops.cast(ops.scalarOf(ops.dims(node.input(0), 3, 4)), DType.FLOAT32);
        return ops.add("Sqrt", ops.add("Reciprocal", ops.add("Sqrt", size)));
    }

    private static Value modified(NodeLowering node, String attribute, Value x) {
        if (!node.hasBody(attribute)) {
            return x;
        }
        List<Value> results = node.inline(node.body(attribute), x);
        if (results.size() != 1) {
            throw node.error(attribute + " of " + results.size() + " outputs", "1", null);
        }
        return results.getFirst();
    }
}
