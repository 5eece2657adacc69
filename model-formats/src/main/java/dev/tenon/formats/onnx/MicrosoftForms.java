package dev.tenon.formats.onnx;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators of ONNX Runtime's own domain in the place of those that an older version of the main operator set lacks, and
 * of fused ones. The counterpart of the reader's {@link MicrosoftDomain}.
 */
final class MicrosoftForms {
    private static final String DOMAIN = MicrosoftDomain.NAME;
    private static final int BIAS = 3;
    private static final int PAST = 4;
    private static final int VALID = 6;

    private static final Map<String, OlderForms.Older> FORMS = Map.of(
            "Gelu", MicrosoftForms::gelu,
            "Swish", MicrosoftForms::swish,
            "RMSNormalization", MicrosoftForms::rootMeanSquare,
            "RotaryEmbedding", MicrosoftForms::rotary,
            "Attention", MicrosoftForms::attention);

    private MicrosoftForms() {}

    static OlderForms.Older find(String operator) {
        return FORMS.get(operator);
    }

    private static void gelu(NodeForm form) {
        form.become(DOMAIN, form.attributes().names().contains("approximate") ? "FastGelu" : "Gelu");
        form.drop("approximate");
    }

    private static void swish(NodeForm form) {
        form.set("alpha", form.attributes().real("alpha", 1));
        form.become(DOMAIN, "QuickGelu");
    }

    /** The runtime has it in the main domain, for scales that are a row. */
    private static void rootMeanSquare(NodeForm form) {
        RMSNormalization norm = (RMSNormalization) form.node().op();
        Shape x = form.shape(0);
        boolean row = x.hasRank() && isRow(form.shape(1), x, norm.axis());
        if (!row || form.dtype(0) != form.dtype(1)) {
            throw form.needs("a scale that is not one row", form.canonicalSince());
        }
        form.become("", "SimplifiedLayerNormalization");
        form.set("axis", (long) norm.axis());
        form.set("epsilon", norm.epsilon());
    }

    private static boolean isRow(Shape scale, Shape x, int axis) {
        int at = axis < 0 ? axis + x.rank() : axis;
        boolean row = scale.hasRank() && scale.rank() == x.rank() - at;
        for (int i = at; row && i < x.rank(); i++) {
            row = scale.dim(i - at).equals(x.dim(i));
        }
        return row;
    }

    private static void rotary(NodeForm form) {
        if (!form.has(3)) {
            throw form.needs("a rotary embedding without positions", form.canonicalSince());
        }
        List<Object> operands = form.operands();
        Object positions = operands.remove(3);
        operands.add(1, positions);
        form.become(DOMAIN, "RotaryEmbedding");
    }

    /** Heads that are packed, as many of keys as of queries, a mask that is added, and a past that goes on. */
    private static void attention(NodeForm form) {
        Attention a = (Attention) form.node().op();
        int since = form.canonicalSince();
        if (a.queryHeads() == null || !a.queryHeads().equals(a.keyHeads())) {
            throw form.needs("attention of heads that are not packed, or shared", since);
        }
        if (a.softcap() != 0
                || a.scores() != 0
                || a.leftWindow() >= 0
                || a.rightWindow() >= 0
                || form.has(VALID)
                || form.node().outputs().size() > BIAS) {
            throw form.needs("a soft cap, a window, lengths or scores of attention", since);
        }
        if (form.has(PAST) && !givesPresent(form.node())) {
            // That runtime reads a past only where it puts keys and values behind it.
            throw form.needs("a past of attention without keys and values of past and present as outputs", since);
        }
        if (a.causal() && !areAsMany(form.shape(0), form.shape(1))) {
            // That runtime aligns the last query with the last key, the standard the first query with the first key.
            throw form.needs("causal attention of other numbers of queries and keys", since);
        }
        if (a.precision() == DType.FLOAT64 && form.dtype(0) != DType.FLOAT64) {
            throw form.needs("attention whose softmax is more precise than its operands", since);
        }
        if (form.has(3) && (!form.dtype(3).isFloating() || form.shape(3).rank() != 4)) {
            throw form.needs("a mask of attention that is not added, or not of rank 4", since);
        }
        List<Object> its = new ArrayList<>(form.operands());
        while (its.size() < 6) {
            its.add(null);
        }
        form.operands().clear();
        form.operands()
                .addAll(Arrays.asList(
                        its.get(0), its.get(1), its.get(2), null, null, its.get(3), its.get(4), its.get(5)));
        while (form.operands().getLast() == null) {
            form.operands().removeLast();
        }
        form.become(DOMAIN, "MultiHeadAttention");
        form.attributes(Attributes.none().with("num_heads", a.queryHeads()));
        if (a.scale() != null) {
            form.set("scale", a.scale());
        }
        if (a.causal()) {
            form.set("unidirectional", 1L);
        }
    }

    private static boolean givesPresent(Node node) {
        List<Value> outputs = node.outputs();
        return outputs.size() == BIAS && outputs.get(1) != null && outputs.get(2) != null;
    }

    /** Whether packed queries and keys are known to be of one number. */
    private static boolean areAsMany(Shape queries, Shape keys) {
        return queries.hasRank()
                && keys.hasRank()
                && queries.rank() == BIAS
                && keys.rank() == BIAS
                && queries.dim(1).equals(keys.dim(1));
    }

    /** What a normalised sum is there: the terms that are given, and where they go. */
    record Skip(String operator, List<Value> operands, List<Value> outputs, float epsilon) {}

    /** A normalised sum as a skip connection of that runtime, or null if it is not one. */
    static Skip skip(Node node) {
        SumNormalization op = (SumNormalization) node.op();
        List<Value> terms = new ArrayList<>();
        for (int i = SumNormalization.TERMS; i < node.inputs().size(); i += 2) {
            if (node.input(i + 1) != null) {
                return null;
            }
            terms.add(node.input(i));
        }
        boolean layer = op.norm() instanceof LayerNormalization;
        int axis = layer ? ((LayerNormalization) op.norm()).axis() : ((RMSNormalization) op.norm()).axis();
        float epsilon = layer ? ((LayerNormalization) op.norm()).epsilon() : ((RMSNormalization) op.norm()).epsilon();
        Shape y = node.output().tensorType().shape();
        boolean fits = y.hasRank()
                && y.rank() == 3
                && (axis == -1 || axis == 2)
                && terms.size() >= 2
                && terms.size() <= BIAS
                && node.output().tensorType().dtype() != DType.FLOAT64
                && terms.get(0).tensorType().shape().equals(y)
                && terms.get(1).tensorType().shape().equals(y);
        if (!fits || terms.size() == BIAS && !isRow(terms.get(2), y.dim(2))) {
            return null;
        }
        List<Value> operands = new ArrayList<>(List.of(terms.get(0), terms.get(1), node.input(0)));
        if (layer) {
            operands.add(node.input(1));
        }
        if (terms.size() == BIAS) {
            operands.add(terms.get(2));
        }
        Value sum = node.outputs().size() > 1 ? node.outputs().get(1) : null;
        return new Skip(
                layer ? "SkipLayerNormalization" : "SkipSimplifiedLayerNormalization",
                operands,
                sum == null ? List.of(node.output()) : Arrays.asList(node.output(), null, null, sum),
                epsilon);
    }

    private static boolean isRow(Value v, Dim length) {
        Shape shape = v.tensorType().shape();
        return shape.hasRank() && shape.rank() == 1 && shape.dim(0).equals(length);
    }
}
