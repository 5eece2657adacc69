package dev.tenon.graph.control;

import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import java.util.List;

/**
 * An operator that holds graphs. What a body uses from around the operator is handed to it: the operator's last
 * {@link #captured} operands are the last inputs of every body.
 */
public interface GraphOp extends Op {
    /**
     * The bodies, in the order of the attributes that hold them.
     *
     * @return an immutable list
     */
    List<Graph> bodies();

    /**
     * How many operands only pass values of the surrounding graph on to the bodies.
     *
     * @return the number of trailing operands, at least 0
     */
    int captured();

    /**
     * The same operator with other bodies.
     *
     * @param bodies as many as {@link #bodies} has, each with the same inputs and outputs, save that all of them may take
     *     fewer captured values
     * @return the new operator
     */
    GraphOp withBodies(List<Graph> bodies);

    /**
     * Computes the operator, its bodies by the given runner.
     *
     * @param in the operands
     * @param runner runs a body
     * @return one datum for each output
     */
    List<Datum> evaluate(Operands in, BodyRunner runner);

    /** A control operator is as deterministic as the operators in its bodies. */
    @Override
    default boolean deterministic() {
        return bodies().stream()
                .flatMap(body -> body.nodes().stream())
                .allMatch(node -> node.op().deterministic());
    }

    @Override
    default List<Datum> reference(Operands in) {
        return evaluate(in, Interpreter::run);
    }

    /** Runs a body on values. */
    @FunctionalInterface
    interface BodyRunner {
        /**
         * Runs a body.
         *
         * @param body one of the operator's bodies
         * @param inputs a value for each of its inputs
         * @return a value for each of its outputs, which nobody else changes
         */
        List<Datum> run(Graph body, List<Datum> inputs);
    }
}
