package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.math.Cast;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.BitCast;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets nodes of float16 and bfloat16 compute in float32, for which there are fast kernels. Between two such nodes nothing is
 * rounded to 16 bits, so results are more exact than those of a processor that computes in 16 bits, and other: ONNX Runtime
 * does the same on a CPU. Inputs, outputs and control operators keep their types, with a Cast where a value crosses.
 *
 * <p>A Cast to 16 bits between such nodes disappears with its rounding. A graph whose only nodes of 16 bits are Casts is left
 * alone: there the rounding is the purpose.
 */
public final class HalfWidening implements Pass {
    private static final String NAME = "half-widening";

    /** The pass. */
    public HalfWidening() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Bodies bodies = Bodies.after(this, graph, trace);
        boolean computes = graph.nodes().stream().anyMatch(node -> !(node.op() instanceof Cast) && isWidened(node));
        if (!computes) {
            return bodies.haveChanged() ? withBodies(graph, bodies, trace) : graph;
        }
        Widened copy = new Widened(graph);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Cast && isHalf(node.output()) && copy.isWide(node.input(0))) {
                copy.roundNoMore(node);
            } else if (isWidened(node)) {
                trace.fired(NAME, graph.name(), node);
                copy.widen(node);
            } else {
                copy.keep(node, bodies.op(node));
            }
        }
        return copy.build(trace);
    }

    private static Graph withBodies(Graph graph, Bodies bodies, RewriteTrace trace) {
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : graph.nodes()) {
            copy.copy(node, bodies.op(node));
        }
        return copy.build(trace);
    }

    /** Whether a value, which is no sequence, has 16 bits. */
    private static boolean isHalf(Value v) {
        return v != null
                && (v.tensorType().dtype() == DType.FLOAT16 || v.tensorType().dtype() == DType.BFLOAT16);
    }

    /** Whether a node reads 16-bit numbers, and could as well read float32. */
    private static boolean isWidened(Node node) {
        if (node.op() instanceof GraphOp || needsBits(node.op())) {
            return false;
        }
        boolean reads = false;
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = node.input(i);
            if (v != null && v.tensorType() == null
                    || isHalf(v) && !takesFloat32(node.op().schema(), i)) {
                return false;
            }
            reads |= isHalf(v);
        }
        for (Value v : node.outputs()) {
            if (v != null && v.tensorType() == null) {
                return false;
            }
        }
        return reads;
    }

    /**
     * Whether an operator's results show a rounding to 16 bits: quantisation divides in the type of its operand first. Pages of keys
     * and values are memory of the caller, and far too large to be converted in each step.
     */
    private static boolean needsBits(Op op) {
        return op instanceof BitCast || op instanceof QuantizeLinear || op instanceof PagedAttention;
    }

    private static boolean takesFloat32(OpSchema schema, int input) {
        List<OpSchema.Parameter> formal = schema.inputs();
        String type = formal.get(Math.min(input, formal.size() - 1)).type();
        return schema.allowed(type).contains(DType.FLOAT32);
    }

    /** A copy of a graph in which a value of 16 bits may exist in its own type, in float32, or in both. */
    private static final class Widened {
        private final GraphCopy copy;
        private final Graph source;

        /** The copies of values of 16 bits that are float32. */
        private final Map<Value, Value> wide = new IdentityHashMap<>();

        Widened(Graph source) {
            this.source = source;
            this.copy = new GraphCopy(source);
        }

        /** Whether there is a copy of a tensor that is not rounded to 16 bits. */
        boolean isWide(Value v) {
            return wide.containsKey(v) || v.tensorType().dtype() == DType.FLOAT32;
        }

        /** The copy of a value in its own type. */
        private Value own(Value v) {
            if (wide.containsKey(v) && copy.find(v) == null) {
                copy.replace(v, cast(wide.get(v), v.tensorType().dtype(), v.name()));
            }
            return copy.of(v);
        }

        /** The copy of a value in float32 if it has 16 bits, else in its own type. */
        private Value wide(Value v) {
            if (!isHalf(v)) {
                return copy.of(v);
            }
            Value known = wide.get(v);
            if (known == null) {
                known = cast(copy.of(v), DType.FLOAT32, v.name());
                wide.put(v, known);
            }
            return known;
        }

        private Value cast(Value v, DType type, String name) {
            String result = copy.fresh(name + "_" + type.text());
            return copy.builder()
                    .add(new Cast(type), "", List.of(v), List.of(result))
                    .getFirst();
        }

        /** A Cast to 16 bits of a value that exists in float32: nodes that read its result read that value. */
        void roundNoMore(Node node) {
            wide.put(node.output(), wide(node.input(0)));
        }

        /** A Cast to float32 gives the copy that is there; any other node computes from copies in float32. */
        void widen(Node node) {
            if (node.op() instanceof Cast cast && cast.to() == DType.FLOAT32) {
                copy.replace(node.output(), wide(node.input(0)));
                return;
            }
            List<Value> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(wide(v));
            }
            List<String> names = new ArrayList<>();
            for (Value v : node.outputs()) {
                names.add(v == null ? null : v.name());
            }
            List<Value> results = copy.builder().add(node.op(), node.name(), operands, names);
            for (int i = 0; i < results.size(); i++) {
                Value v = node.outputs().get(i);
                if (v == null) {
                    continue;
                }
                boolean widened = isHalf(v) && results.get(i).tensorType().dtype() == DType.FLOAT32;
                if (widened) {
                    wide.put(v, results.get(i));
                } else {
                    copy.replace(v, results.get(i));
                }
            }
        }

        /** A node that keeps its types. */
        void keep(Node node, Op op) {
            List<Value> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(own(v));
            }
            copy.copy(node, op, operands);
        }

        Graph build(RewriteTrace trace) {
            source.outputs().forEach(this::own);
            return copy.build(trace);
        }
    }
}
