package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.List;

/**
 * The lowering of attention whose scores and probabilities pass through graphs that the node holds. The standard defines
 * it as a function that inlines them; so does this.
 */
final class FlexAttention {
    static final String DOMAIN = "ai.onnx.preview";

    private FlexAttention() {}

    static void add(LineList list) {
        if (list.asks("FlexAttention")) list.line(1, FlexAttention::lower);
    }

    private static List<Value> lower(NodeLowering node) {
        Steps steps = new Steps(node);
        check(node);
        DType type = node.dtype(0);
        DType precision = precision(node, type);
        Value query = node.input(0);
        Value key = node.input(1);
        Value value = node.input(2);
        if (!sameHeads(node)) {
            key = steps.repeatedHeads(key, query);
            value = steps.repeatedHeads(value, query);
        }
        Value root = steps.cast(root(steps), type);
        Value keys = steps.transpose(steps.add("Mul", key, root), 0, 1, 3, 2);
        Value scores = steps.cast(steps.add("MatMul", steps.add("Mul", query, root), keys), precision);
        Value modified = modified(node, "score_mod", scores);
        Value probabilities = node.add("Softmax", Attributes.none().with("axis", 3L), modified);
        probabilities = modified(node, "prob_mod", probabilities);
        if (precision == type) {
            return node.finish("MatMul", Attributes.none(), probabilities, value);
        }
        Value y = steps.add("MatMul", probabilities, steps.cast(value, precision));
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

    /** The root of the scale, which queries and keys are both multiplied by, in float32. */
    private static Value root(Steps steps) {
        NodeLowering node = steps.node();
        if (node.attributes().has("scale")) {
            float scale = node.attributes().real("scale", 1);
            if (!(scale >= 0)) {
                throw node.error("scale " + scale, "0 and above", null);
            }
            return steps.add("Sqrt", steps.scalar(DType.FLOAT32, scale));
        }
        Value size = steps.cast(steps.scalarOf(steps.dims(node.input(0), 3, 4)), DType.FLOAT32);
        return steps.add("Sqrt", steps.add("Reciprocal", steps.add("Sqrt", size)));
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
