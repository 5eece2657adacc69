package dev.tenon.graph;

import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import java.util.List;

/**
 * An operator that holds graphs, its bodies, such as If and Loop.
 *
 * <p>A body sees nothing but its inputs. The values that it uses from the surrounding graph are operands of the
 * operator: its last {@link #captured} operands are the last inputs of every body.
 */
public interface GraphOp extends Op {
    /**
     * The bodies, in the order of the attributes that hold them.
     *
     * @return an immutable list
     */
    List<Graph> bodies();

    /**
     * The number of captured operands, which are passed on to the bodies unchanged.
     *
     * @return the number of trailing operands, at least 0
     */
    int captured();

    /**
     * The same operator with other bodies.
     *
     * @param bodies as many as {@link #bodies} has. Each has the same inputs and outputs as the body in its place,
     *     except that all bodies may take fewer captured values
     * @return the new operator
     */
    GraphOp withBodies(List<Graph> bodies);

    /**
     * Computes the operator. A given runner computes the bodies.
     *
     * @param in the operands
     * @param runner runs a body
     * @return one datum for each output
     */
    List<Datum> evaluate(Operands in, BodyRunner runner);

    /** An operator with bodies is deterministic if all operators in its bodies are. */
    @Override
    default boolean deterministic() {
        return bodies().stream()
                .flatMap(body -> body.nodes().stream())
                .allMatch(node -> node.op().deterministic());
    }

    /** Runs a body on values. */
    @FunctionalInterface
    interface BodyRunner {
        /**
         * Runs a body.
         *
         * @param body one of the operator's bodies
         * @param inputs a value for each of its inputs
         * @return a value for each of its outputs, which the caller owns
         */
        List<Datum> run(Graph body, List<Datum> inputs);
    }
}
