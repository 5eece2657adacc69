package dev.tenon.graph.rewrite;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds the nodes and constants of a replacement. Rules are applied to a new node at once, so a returned value may be
 * computed by other operators than the requested one. Confined to one thread.
 */
public final class Emitter {
    private final RewriteTraversal sweep;
    private final String nodeName;

    Emitter(RewriteTraversal sweep, String nodeName) {
        this.sweep = sweep;
        this.nodeName = nodeName;
    }

    /**
     * Adds a constant.
     *
     * @param tensor its value, which must not change from now on
     * @return the value
     */
    public Value constant(Tensor tensor) {
        return sweep.constant(tensor);
    }

    /**
     * Adds a node with one output.
     *
     * @param op the operator
     * @param operands the operands in order, null for those left out
     * @return the output
     * @throws dev.tenon.error.InvalidOperandException if the operands do not fit the operator
     */
    public Value add(Op op, Value... operands) {
        return add(op, Arrays.asList(operands), 1).getFirst();
    }

    /**
     * Adds a node.
     *
     * @param op the operator
     * @param operands the operands in order, null for those left out
     * @param outputs how many outputs it has
     * @return the outputs
     * @throws dev.tenon.error.InvalidOperandException if the operands do not fit the operator
     */
    public List<Value> add(Op op, List<Value> operands, int outputs) {
        return sweep.emit(op, nodeName, operands, new boolean[outputs]);
    }

    /**
     * Adds the nodes of a body.
     *
     * @param body the body
     * @param operands a value for each of its inputs
     * @return a value for each of its outputs
     * @throws dev.tenon.error.InvalidOperandException if the operands do not fit the body's operators
     */
    public List<Value> inline(Graph body, List<Value> operands) {
        Map<Value, Value> copies = new IdentityHashMap<>();
        for (int i = 0; i < body.inputs().size(); i++) {
            copies.put(body.inputs().get(i), operands.get(i));
        }
        for (Value v : body.constants()) {
            copies.put(v, constant(v.constant()));
        }
        for (Node node : body.nodes()) {
            List<Value> its = new ArrayList<>();
            for (Value v : node.inputs()) {
                its.add(v == null ? null : copies.get(v));
            }
            boolean[] absent = new boolean[node.outputs().size()];
            for (int i = 0; i < absent.length; i++) {
                absent[i] = node.outputs().get(i) == null;
            }
            List<Value> results = sweep.emit(node.op(), node.name(), its, absent);
            for (int i = 0; i < results.size(); i++) {
                if (node.outputs().get(i) != null) {
                    copies.put(node.outputs().get(i), results.get(i));
                }
            }
        }
        List<Value> outputs = new ArrayList<>();
        for (Value v : body.outputs()) {
            outputs.add(copies.get(v));
        }
        return outputs;
    }
}
