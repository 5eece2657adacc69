package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.onnx.microsoft.MicrosoftDomain;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Replaces operators that an older operator set does not have by operators of ONNX Runtime. {@link MicrosoftDomain} has
 * the opposite direction.
 */
final class MicrosoftReplacements {
    private static final String DOMAIN = MicrosoftDomain.NAME;

    /** The rank of queries and keys whose heads are packed: [batch, length, heads * size]. */
    private static final int PACKED_RANK = 3;

    /** Operands of Attention. */
    private static final int MASK = 3;

    private static final int PAST = 4;
    private static final int VALID_LENGTHS = 6;

    /** Outputs of Attention without the scores: the result, and the present keys and values. */
    private static final int OUTPUTS = 3;

    private static final Map<String, Downgrade> REPLACEMENTS = Map.of(
            "Gelu", MicrosoftReplacements::gelu,
            "Swish", MicrosoftReplacements::swish,
            "RMSNormalization", MicrosoftReplacements::rootMeanSquare,
            "RotaryEmbedding", MicrosoftReplacements::rotary,
            "Attention", MicrosoftReplacements::attention);

    private MicrosoftReplacements() {}

    /** The replacement of an operator, or null if there is none. */
    static Downgrade find(String operator) {
        return REPLACEMENTS.get(operator);
    }

    private static void gelu(NodeDraft draft) {
        draft.become(DOMAIN, draft.attributes().names().contains("approximate") ? "FastGelu" : "Gelu");
        draft.drop("approximate");
    }

    private static void swish(NodeDraft draft) {
        draft.set("alpha", draft.attributes().real("alpha", 1));
        draft.become(DOMAIN, "QuickGelu");
    }

    /** ONNX Runtime has it in the main domain, for a scale that is one row. */
    private static void rootMeanSquare(NodeDraft draft) {
        RMSNormalization norm = (RMSNormalization) draft.node().op();
        Shape x = draft.shape(0);
        boolean row = x.hasRank() && isRow(draft.shape(1), x, norm.axis());
        if (!row || draft.dtype(0) != draft.dtype(1)) {
            throw draft.needs("a scale that is not one row", draft.canonicalSince());
        }
        draft.become("", "SimplifiedLayerNormalization");
        draft.set("axis", (long) norm.axis());
        draft.set("epsilon", norm.epsilon());
    }

    private static boolean isRow(Shape scale, Shape x, int axis) {
        int at = axis < 0 ? axis + x.rank() : axis;
        boolean row = scale.hasRank() && scale.rank() == x.rank() - at;
        for (int i = at; row && i < x.rank(); i++) {
            row = scale.dim(i - at).equals(x.dim(i));
        }
        return row;
    }

    private static void rotary(NodeDraft draft) {
        if (!draft.has(3)) {
            throw draft.needs("a rotary embedding without positions", draft.canonicalSince());
        }
        List<Object> operands = draft.operands();
        Object positions = operands.remove(3);
        operands.add(1, positions);
        draft.become(DOMAIN, "RotaryEmbedding");
    }

    /**
     * MultiHeadAttention takes packed heads, as many of keys as of queries, a mask that is added, and a past if keys
     * and values of past and present are outputs.
     */
    private static void attention(NodeDraft draft) {
        Attention a = (Attention) draft.node().op();
        int since = draft.canonicalSince();
        if (a.queryHeads() == null || !a.queryHeads().equals(a.keyHeads())) {
            throw draft.needs("attention of heads that are not packed, or shared", since);
        }
        if (a.softcap() != 0
                || a.scores() != 0
                || a.leftWindow() >= 0
                || a.rightWindow() >= 0
                || draft.has(VALID_LENGTHS)
                || draft.node().outputs().size() > OUTPUTS) {
            throw draft.needs("a soft cap, a window, lengths or scores of attention", since);
        }
        if (draft.has(PAST) && !givesPresent(draft.node())) {
            // ONNX Runtime reads a past only if keys and values of past and present are outputs.
            throw draft.needs("a past of attention without keys and values of past and present as outputs", since);
        }
        if (a.causal() && !areAsMany(draft.shape(0), draft.shape(1))) {
            // ONNX Runtime aligns the last query with the last key, the standard the first query with the first key.
            throw draft.needs("causal attention of other numbers of queries and keys", since);
        }
        if (a.precision() == DType.FLOAT64 && draft.dtype(0) != DType.FLOAT64) {
            throw draft.needs("attention whose softmax is more precise than its operands", since);
        }
        if (draft.has(MASK)
                && (!draft.dtype(MASK).isFloating() || draft.shape(MASK).rank() != 4)) {
            throw draft.needs("a mask of attention that is not added, or not of rank 4", since);
        }
        moveOperands(draft);
        draft.become(DOMAIN, "MultiHeadAttention");
        draft.attributes(Attributes.none().with("num_heads", a.queryHeads()));
        if (a.scale() != null) {
            draft.set("scale", a.scale());
        }
        if (a.causal()) {
            draft.set("unidirectional", 1L);
        }
    }

    /** Inserts the operands for a bias and a padding mask, which are left out. */
    private static void moveOperands(NodeDraft draft) {
        List<Object> operands = draft.operands();
        while (operands.size() < MASK) {
            operands.add(null);
        }
        operands.addAll(MASK, Arrays.asList(null, null));
        while (operands.getLast() == null) {
            operands.removeLast();
        }
    }

    private static boolean givesPresent(Node node) {
        List<Value> outputs = node.outputs();
        return outputs.size() == OUTPUTS && outputs.get(1) != null && outputs.get(2) != null;
    }

    /** Whether packed queries and keys are known to be of the same number. */
    private static boolean areAsMany(Shape queries, Shape keys) {
        return queries.hasRank()
                && keys.hasRank()
                && queries.rank() == PACKED_RANK
                && keys.rank() == PACKED_RANK
                && queries.dim(1).equals(keys.dim(1));
    }
}
