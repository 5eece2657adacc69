package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
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
 * Lets products read operands as they lie whose last two dimensions a Transpose would swap: of two matrices a {@link Gemm}
 * that turns either, of stacks a {@link TransposedMatMul} that turns the right ones.
 *
 * <p>Behind the rules, which look for products of turned operands to make attention of them, and before the fusion, for
 * which both are products like others. A Transpose that others use stays, for then it is made in any case. Linear in the
 * size of the graph.
 */
public final class TransposedMatMulFusion implements Pass {
    /** The name under which traces count what this pass does. */
    public static final String RULE = "transposed-operands";

    private static final int MATRIX = 2;

    /** The pass. */
    public TransposedMatMulFusion() {}

    @Override
    public String name() {
        return "transposed-operands";
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return new Search(graph, trace).apply();
    }

    /** A product in place of another one, and what it reads in place of which operand. */
    private record Found(Op op, Value left, Value right) {}

    private static final class Search {
        private final Graph graph;
        private final RewriteTrace trace;
        private final Map<Value, Integer> uses = new IdentityHashMap<>();
        private final Map<Node, Found> products = new IdentityHashMap<>();
        private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

        private Search(Graph graph, RewriteTrace trace) {
            this.graph = graph;
            this.trace = trace;
        }

        private Graph apply() {
            graph.nodes().forEach(node -> node.inputs().forEach(this::use));
            graph.outputs().forEach(this::use);
            for (Node node : graph.nodes()) {
                if (node.op() instanceof MatMul) {
                    find(node);
                }
            }
            return products.isEmpty() ? graph : rebuild();
        }

        private void use(Value v) {
            if (v != null) {
                uses.merge(v, 1, Integer::sum);
            }
        }

        private void find(Node product) {
            Value left = product.input(0);
            Value right = product.input(1);
            boolean matrices = ChannelsLastForms.rank(left) == MATRIX && ChannelsLastForms.rank(right) == MATRIX;
            String leftReason = isTurned(left) ? reasonAgainst(left, matrices) : "";
            String rightReason = isTurned(right) ? reasonAgainst(right, true) : "";
            if (leftReason != null && rightReason != null) {
                if (isTurned(left) || isTurned(right)) {
                    trace.refused(RULE, graph.name(), product, rightReason.isEmpty() ? leftReason : rightReason);
                }
                return;
            }
            trace.fired(RULE, graph.name(), product);
            boolean turnsLeft = leftReason == null;
            boolean turnsRight = rightReason == null;
            Op op = matrices ? new Gemm(1, 1, turnsLeft, turnsRight) : new TransposedMatMul();
            products.put(
                    product, new Found(op, turnsLeft ? unturned(left) : left, turnsRight ? unturned(right) : right));
        }

        /** Why a turned operand is not read as it lies, or null. */
        private String reasonAgainst(Value v, boolean reads) {
            DType type = v.tensorType().dtype();
            if (type != DType.FLOAT32 && type != DType.FLOAT64) {
                return "the elements are " + type.text();
            }
            if (!reads) {
                return "left operands that are stacks are read by rows";
            }
            return uses.get(v) > 1 ? "%" + v.name() + " is used " + uses.get(v) + " times" : null;
        }

        private Value unturned(Value v) {
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

    /** Whether a value is a stack of matrices, each of them turned. */
    private static boolean isTurned(Value v) {
        int rank = ChannelsLastForms.rank(v);
        return rank >= MATRIX
                && v.producer() != null
                && v.producer().op() instanceof Transpose t
                && Arrays.equals(
                        t.permutation(rank), TransposedMatMul.turning(rank).permutation(rank));
    }
}
