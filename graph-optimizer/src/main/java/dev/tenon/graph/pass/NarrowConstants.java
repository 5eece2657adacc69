package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.math.Cast;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.BFloat16;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Float16;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps weights in the 16 bits in which a model stores them. A Cast of such a constant to float32 becomes a constant that {@link
 * Tensor#widened() widens} it, so rules see float32, and kernels may read the 16-bit numbers. Other passes make new constants of
 * such ones, as a Transpose or a Concat does; they are stored in 16 bits again if that keeps every bit. A Gather reads the 16-bit
 * numbers of a table, and what it finds is widened.
 */
public final class NarrowConstants implements Pass {
    private static final String NAME = "narrow-constants";

    /** Smaller constants are not worth it. */
    private static final long LEAST = 1 << 10;

    private static final long MOST = 1 << 30;
    private static final int AT_ONCE = 1 << 12;

    /** The pass. */
    public NarrowConstants() {}

    @Override
    public String name() {
        return NAME;
    }

    /**
     * The result of a Cast of 16-bit numbers to float32, without a copy of them.
     *
     * @param node a node
     * @param operands its operands, which are constants
     * @return the result; null if the node is none of these Casts, or the operand is small
     */
    static Tensor widened(Node node, List<Datum> operands) {
        if (!(node.op() instanceof Cast cast) || cast.to() != DType.FLOAT32) {
            return null;
        }
        Tensor operand = (Tensor) operands.getFirst();
        return isNarrow(operand.dtype()) && isWorthIt(operand) ? operand.widened() : null;
    }

    /**
     * The result of a computation on constants, in 16 bits if an operand was and that keeps every bit.
     *
     * @param result the result
     * @param operands the operands, null for those left out
     * @return the result, or a tensor that widens its 16-bit numbers
     */
    static Tensor likeOperands(Tensor result, List<Datum> operands) {
        Set<DType> stored = EnumSet.noneOf(DType.class);
        for (Datum operand : operands) {
            Tensor narrow = operand instanceof Tensor t ? t.narrow() : null;
            if (narrow != null) {
                stored.add(narrow.dtype());
            }
        }
        boolean computed = result.dtype() == DType.FLOAT32 && result.narrow() == null && isWorthIt(result);
        Tensor narrow = computed ? narrow(result, stored) : null;
        return narrow == null ? result : narrow.widened();
    }

    private static boolean isNarrow(DType type) {
        return type == DType.FLOAT16 || type == DType.BFLOAT16;
    }

    private static boolean isWorthIt(Tensor t) {
        return t.size() >= LEAST && t.size() <= MOST;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Set<DType> stored = EnumSet.noneOf(DType.class);
        for (Value v : graph.constants()) {
            Tensor narrow = v.constant().narrow();
            if (narrow != null) {
                stored.add(narrow.dtype());
            }
        }
        if (stored.isEmpty()) {
            return graph;
        }
        // In the order of the graph, so that the result is the same in every process.
        Map<Value, Tensor> changed = new LinkedHashMap<>();
        for (Value v : graph.constants()) {
            Tensor wide = v.constant();
            // Constants of the file are float32 because the model stores them so.
            boolean computed = wide.dtype() == DType.FLOAT32
                    && wide.narrow() == null
                    && isWorthIt(wide)
                    && !wide.segment().isMapped();
            Tensor narrow = computed ? narrow(wide, stored) : null;
            if (narrow != null) {
                changed.put(v, narrow.widened());
            }
        }
        if (changed.isEmpty() && graph.nodes().stream().noneMatch(NarrowConstants::looksUp)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        changed.forEach((v, constant) -> {
            trace.fired(NAME, graph.name(), "%" + v.name());
            copy.replace(v, constant);
        });
        for (Node node : graph.nodes()) {
            if (looksUp(node)) {
                trace.fired(NAME, graph.name(), node);
                lookUp(node, copy);
            } else {
                copy.copy(node);
            }
        }
        return copy.build(trace);
    }

    /** Whether a node reads a table that widens 16-bit numbers. */
    private static boolean looksUp(Node node) {
        return node.op() instanceof Gather
                && node.input(0).isConstant()
                && node.input(0).constant().narrow() != null;
    }

    private static void lookUp(Node node, GraphCopy copy) {
        Value table = copy.constant(node.input(0).constant().narrow());
        Value y = node.output();
        Value found = copy.builder()
                .add(
                        node.op(),
                        node.name(),
                        List.of(table, copy.of(node.input(1))),
                        List.of(copy.fresh(y.name() + "_narrow")))
                .getFirst();
        copy.replace(
                y,
                copy.builder()
                        .add(new Cast(DType.FLOAT32), "", List.of(found), List.of(y.name()))
                        .getFirst());
    }

    /** The numbers of a tensor in 16 bits; null if none of the types holds them all. */
    private static Tensor narrow(Tensor wide, Set<DType> types) {
        for (DType type : types) {
            Tensor narrow = narrow(wide, type);
            if (narrow != null) {
                return narrow;
            }
        }
        return null;
    }

    private static Tensor narrow(Tensor wide, DType type) {
        float[] from = new float[AT_ONCE];
        short[] to = new short[AT_ONCE];
        Tensor result = null;
        for (long at = 0; at < wide.size(); at += AT_ONCE) {
            int count = (int) Math.min(AT_ONCE, wide.size() - at);
            MemorySegment.copy(wide.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, from, 0, count);
            for (int i = 0; i < count; i++) {
                to[i] = type == DType.FLOAT16 ? Float16.fromFloat(from[i]) : BFloat16.fromFloat(from[i]);
                float back = type == DType.FLOAT16 ? Float16.toFloat(to[i]) : BFloat16.toFloat(to[i]);
                if (Float.floatToRawIntBits(back) != Float.floatToRawIntBits(from[i])) {
                    return null;
                }
            }
            // Most tensors end with the first numbers, before there is memory for all.
            result = result == null ? Tensor.allocate(type, wide.dims()) : result;
            long offset = at * Short.BYTES;
            MemorySegment.copy(to, 0, result.segment(), ValueLayout.JAVA_SHORT_UNALIGNED, offset, count);
        }
        return result;
    }
}
