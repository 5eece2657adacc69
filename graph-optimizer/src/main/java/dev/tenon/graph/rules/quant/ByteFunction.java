package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A quantised value that is a function of one quantised value, element by element: element-wise operators, whose other operands
 * are constants of one element, between DequantizeLinear, or a Cast of bytes, and QuantizeLinear.
 *
 * Operators between them may move elements; bytes are moved after the function then.
 *
 * @param x the bytes that it depends on
 * @param nodes the operators in order, from DequantizeLinear to QuantizeLinear, without those that move elements
 * @param moves the operators that move elements, in order
 */
record ByteFunction(Value x, List<Node> nodes, List<Node> moves) {
    private static final int MAX_NODES = 16;
    private static final int MAX_DEPTH = 4;

    /** The function that ends with the root of a match; null if it is none. */
    static ByteFunction of(Match m) {
        Deque<Node> nodes = new ArrayDeque<>();
        Deque<Node> moves = new ArrayDeque<>();
        nodes.addFirst(m.root());
        Value v = m.value("y");
        while (nodes.size() < MAX_NODES) {
            Node node = v.producer();
            if (node == null) {
                return null;
            }
            if (isMove(node) && m.uses(v) == 1 && moves.size() < MAX_DEPTH) {
                moves.addFirst(node);
                v = node.input(0);
                continue;
            }
            nodes.addFirst(node);
            boolean starts = node.op() instanceof Cast ? isBytes(node.input(0)) : Dequantized.of(v) != null;
            if (starts) {
                boolean varies = fixed(node.input(0), 0) == null;
                return varies ? new ByteFunction(node.input(0), List.copyOf(nodes), List.copyOf(moves)) : null;
            }
            Value next = node.op() instanceof Elementwise && m.uses(v) == 1 ? onlyVariable(node) : null;
            if (next == null) {
                return null;
            }
            v = next;
        }
        return null;
    }

    private static boolean isBytes(Value v) {
        DType type = v.tensorType().dtype();
        return type == DType.INT8 || type == DType.UINT8;
    }

    /** The only operand that is no fixed scalar; null if there is none, or another one. */
    private static Value onlyVariable(Node node) {
        Value variable = null;
        for (Value v : node.inputs()) {
            Tensor fixed = v == null ? null : fixed(v, 0);
            if (v == null || fixed != null && fixed.rank() == 0) {
                continue;
            }
            if (variable != null) {
                return null;
            }
            variable = v;
        }
        return variable;
    }

    /** A constant, or what a few operators make of small constants; null for other values. */
    private static Tensor fixed(Value v, int depth) {
        if (v.isConstant()) {
            return v.constant();
        }
        Node node = v.producer();
        if (node == null || depth > MAX_DEPTH || !isArithmetic(node)) {
            return null;
        }
        List<Datum> operands = new ArrayList<>();
        for (Value input : node.inputs()) {
            Tensor fixed = input == null ? null : fixed(input, depth + 1);
            if (input != null && (fixed == null || fixed.size() != 1)) {
                return null;
            }
            operands.add(fixed);
        }
        return (Tensor) new Operands(node.op(), "", operands, 1).evaluate().getFirst();
    }

    private static boolean isArithmetic(Node node) {
        return node.op() instanceof Elementwise || node.op() instanceof DequantizeLinear;
    }

    /** The value of the function: the bytes themselves if it changes none. */
    Value emit(Emitter to) {
        Tensor table = table();
        Value y = table.contentEquals(bytes()) ? x : to.add(new ByteTable(), x, to.constant(table));
        for (Node move : moves) {
            List<Value> operands = new ArrayList<>(move.inputs());
            operands.set(0, y);
            y = to.add(move.op(), operands, 1).getFirst();
        }
        return y;
    }

    /** Whether an operator moves elements and leaves them as they are. */
    static boolean isMove(Node node) {
        return node.op() instanceof Reshape
                || node.op() instanceof Transpose
                || node.op() instanceof Flatten
                || node.op() instanceof Squeeze
                || node.op() instanceof Unsqueeze;
    }

    /** All bytes, in the order of a table. An element keeps the low eight bits. */
    private Tensor bytes() {
        Tensor all = Tensor.allocate(x.tensorType().dtype(), ByteTable.SIZE);
        for (int i = 0; i < ByteTable.SIZE; i++) {
            all.setLong(i, i);
        }
        return all;
    }

    /** The values of the function for all bytes, in the order of a table. */
    private Tensor table() {
        Datum values = bytes();
        for (Node node : nodes) {
            List<Datum> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                Tensor fixed = v == null ? null : fixed(v, 0);
                operands.add(v == null ? null : fixed == null ? values : fixed);
            }
            values = new Operands(node.op(), "", operands, 1).evaluate().getFirst();
        }
        return (Tensor) values;
    }

    /** The table of a function of the results of another. */
    static Tensor joined(Tensor inner, Tensor outer) {
        Tensor table = Tensor.allocate(outer.dtype(), ByteTable.SIZE);
        for (long i = 0; i < table.size(); i++) {
            table.setLong(i, outer.getLong(inner.getLong(i) & ByteTable.SIZE - 1));
        }
        return table;
    }
}
