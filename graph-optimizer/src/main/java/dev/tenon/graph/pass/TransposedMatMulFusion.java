package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fuses a Transpose of the last two dimensions into the product that uses it. A product of two matrices becomes a
 * {@link Gemm} that transposes either operand, a product of stacks of matrices a {@link TransposedMatMul} that
 * transposes the right one.
 *
 * <p>Comes after the rules, which look for a Transpose before a product to find attention, and before {@link Fusion},
 * for which both operators are products. A Transpose that is used elsewhere stays, since it is computed in any case.
 * Linear in the size of the graph.
 */
public final class TransposedMatMulFusion implements Pass {
    /** The name under which traces count what this pass does. */
    public static final String RULE = "transposed-operands";

    private static final int MATRIX = 2;

    /** The pass. */
    public TransposedMatMulFusion() {}

    @Override
    public String name() {
        return "transposed-matmul-fusion";
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return new Search(graph, trace).apply();
    }

    /** The product in the place of another one, and its operands. */
    private record Found(Op op, Value left, Value right) {}

    private static final class Search {
        private final Graph graph;
        private final RewriteTrace trace;
        private final GraphUses uses;
        private final Map<Node, Found> products = new IdentityHashMap<>();
        private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

        private Search(Graph graph, RewriteTrace trace) {
            this.graph = graph;
            this.trace = trace;
            this.uses = graph.uses();
        }

        private Graph apply() {
            for (Node node : graph.nodes()) {
                if (node.op() instanceof MatMul) {
                    find(node);
                }
            }
            return products.isEmpty() ? graph : rebuild();
        }

        private void find(Node product) {
            Value left = product.input(0);
            Value right = product.input(1);
            boolean matrices = ChannelsLastForms.rank(left) == MATRIX && ChannelsLastForms.rank(right) == MATRIX;
            String leftReason = isTransposed(left) ? reasonAgainst(left, matrices) : "";
            String rightReason = isTransposed(right) ? reasonAgainst(right, true) : "";
            if (leftReason != null && rightReason != null) {
                if (isTransposed(left) || isTransposed(right)) {
                    trace.refused(RULE, graph.name(), product, rightReason.isEmpty() ? leftReason : rightReason);
                }
                return;
            }
            trace.fired(RULE, graph.name(), product);
            boolean transposesLeft = leftReason == null;
            boolean transposesRight = rightReason == null;
            Op op = matrices ? new Gemm(1, 1, transposesLeft, transposesRight) : new TransposedMatMul();
            products.put(
                    product,
                    new Found(
                            op,
                            transposesLeft ? untransposed(left) : left,
                            transposesRight ? untransposed(right) : right));
        }

        /** Why a Transpose is not fused into the product, or null. */
        private String reasonAgainst(Value v, boolean supported) {
            DType type = v.tensorType().dtype();
            if (type != DType.FLOAT32 && type != DType.FLOAT64) {
                return "the elements are " + type.text();
            }
            if (!supported) {
                return "stacks of matrices can only be transposed on the right";
            }
            return uses.count(v) > 1 ? "%" + v.name() + " is used " + uses.count(v) + " times" : null;
        }

        private Value untransposed(Value v) {
            absorbed.add(v.producer());
            return v.producer().input(0);
        }

        private Graph rebuild() {
            GraphCopy copy = new GraphCopy(graph);
            for (Node node : graph.nodes()) {
                Found found = products.get(node);
                if (found != null) {
                    copy.copy(node, found.op(), List.of(copy.of(found.left()), copy.of(found.right())));
                } else if (!absorbed.contains(node)) {
                    copy.copy(node);
                }
            }
            return copy.build(trace);
        }
    }

    /** Whether a value is the result of a Transpose of the last two dimensions of a value whose rank is known. */
    private static boolean isTransposed(Value v) {
        int rank = ChannelsLastForms.rank(v);
        return rank >= MATRIX
                && v.producer() != null
                && v.producer().op() instanceof Transpose t
                && ChannelsLastForms.rank(v.producer().input(0)) == rank
                && Arrays.equals(
                        t.permutation(rank), TransposedMatMul.turning(rank).permutation(rank));
    }
}
