package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A quantised value that is a function of one quantised value, element by element: element-wise operators, whose other operands
 * are constants of one element, between DequantizeLinear and QuantizeLinear.
 *
 * @param x the bytes that it depends on
 * @param nodes the operators in order, from DequantizeLinear to QuantizeLinear
 */
record ByteFunction(Value x, List<Node> nodes) {
    private static final int MAX_NODES = 16;

    /** The function that ends with the root of a match; null if it is none. */
    static ByteFunction of(Match m) {
        Deque<Node> nodes = new ArrayDeque<>();
        nodes.addFirst(m.root());
        Value v = m.value("y");
        while (nodes.size() < MAX_NODES) {
            Node node = v.producer();
            if (node == null || node.outputs().size() != 1) {
                return null;
            }
            nodes.addFirst(node);
            if (node.op() instanceof DequantizeLinear) {
                return Dequantized.of(v) == null ? null : new ByteFunction(node.input(0), List.copyOf(nodes));
            }
            Value next = node.op() instanceof Elementwise && m.uses(v) == 1 ? onlyVariable(node) : null;
            if (next == null) {
                return null;
            }
            v = next;
        }
        return null;
    }

    /** The only operand that is not constant, if all others have one element and no more dimensions than it; else null. */
    private static Value onlyVariable(Node node) {
        Value variable = null;
        for (Value v : node.inputs()) {
            if (v != null && v.isConstant() && v.constant().size() == 1 && v.constant().rank() == 0) {
                continue;
            }
            if (v == null || v.isConstant() || variable != null) {
                return null;
            }
            variable = v;
        }
        return variable;
    }

    /** The value of the function: the bytes themselves if it changes none. */
    Value emit(Emitter to) {
        Tensor table = table();
        return table.contentEquals(bytes()) ? x : to.add(new ByteTable(), x, to.constant(table));
    }

    /** All bytes, in the order of a table. */
    private Tensor bytes() {
        DType type = x.tensorType().dtype();
        Tensor all = Tensor.allocate(type, ByteTable.SIZE);
        for (int i = 0; i < ByteTable.SIZE; i++) {
            all.setLong(i, type == DType.INT8 ? (byte) i : i);
        }
        return all;
    }

    /** The values of the function for all bytes, in the order of a table. */
    private Tensor table() {
        Value before = x;
        Datum values = bytes();
        for (Node node : nodes) {
            List<Datum> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(v == null ? null : v == before ? values : v.constant());
            }
            values = node.op().reference(new Operands(node.op(), "", operands, 1)).getFirst();
            before = node.output();
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
