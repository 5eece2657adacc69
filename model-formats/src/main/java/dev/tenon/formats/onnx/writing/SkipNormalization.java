package dev.tenon.formats.onnx.writing;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A normalised sum as an operator of ONNX Runtime: SkipLayerNormalization or SkipSimplifiedLayerNormalization.
 *
 * @param operator the name of the operator
 * @param operands its operands, null for those left out
 * @param outputs its outputs, null for those left out
 * @param epsilon its attribute
 */
record SkipNormalization(String operator, List<Value> operands, List<Value> outputs, float epsilon) {
    private static final int RANK = 3;

    /** Input, skip and bias. */
    private static final int MOST_TERMS = 3;

    /**
     * The operator for a node.
     *
     * @param node a node of {@link SumNormalization}
     * @return the operator, or null if ONNX Runtime has none for this sum
     */
    static SkipNormalization of(Node node) {
        List<Value> terms = terms(node);
        Op norm = ((SumNormalization) node.op()).norm();
        boolean layer = norm instanceof LayerNormalization;
        int axis = layer ? ((LayerNormalization) norm).axis() : ((RMSNormalization) norm).axis();
        if (terms == null || !fits(node, axis, terms)) {
            return null;
        }
        List<Value> operands = new ArrayList<>(List.of(terms.get(0), terms.get(1), node.input(0)));
        if (layer) {
            operands.add(node.input(1));
        }
        if (terms.size() == MOST_TERMS) {
            operands.add(terms.get(2));
        }
        Value sum = node.outputs().size() > 1 ? node.outputs().get(1) : null;
        return new SkipNormalization(
                layer ? "SkipLayerNormalization" : "SkipSimplifiedLayerNormalization",
                operands,
                sum == null ? List.of(node.output()) : Arrays.asList(node.output(), null, null, sum),
                layer ? ((LayerNormalization) norm).epsilon() : ((RMSNormalization) norm).epsilon());
    }

    /** The terms of the sum, or null if the rows of one of them are gathered. */
    private static List<Value> terms(Node node) {
        List<Value> terms = new ArrayList<>();
        for (int i = SumNormalization.TERMS; i < node.inputs().size(); i += 2) {
            if (node.input(i + 1) != null) {
                return null;
            }
            terms.add(node.input(i));
        }
        return terms;
    }

    private static boolean fits(Node node, int axis, List<Value> terms) {
        Shape y = node.output().tensorType().shape();
        return y.hasRank()
                && y.rank() == RANK
                && (axis == -1 || axis == RANK - 1)
                && terms.size() >= 2
                && terms.size() <= MOST_TERMS
                && node.output().tensorType().dtype() != DType.FLOAT64
                && terms.get(0).tensorType().shape().equals(y)
                && terms.get(1).tensorType().shape().equals(y)
                && (terms.size() < MOST_TERMS || isRow(terms.get(2), y.dim(RANK - 1)));
    }

    private static boolean isRow(Value v, Dim length) {
        Shape shape = v.tensorType().shape();
        return shape.hasRank() && shape.rank() == 1 && shape.dim(0).equals(length);
    }
}
