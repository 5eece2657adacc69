package dev.tenon.exec;

import dev.tenon.error.InvalidInputException;
import dev.tenon.graph.Graph;
import dev.tenon.plan.ValueLocation;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Transfers inputs from the caller to a call, and outputs from the call to the caller. Tensors are copied to and from
 * the memory of the context, unless {@link ZeroCopyBinding} makes them operands. States are not transferred. Allocates nothing where the caller
 * gives all outputs. Immutable.
 */
final class InputOutputTransfer {
    private final Graph graph;

    /**
     * A transfer for calls of a graph.
     *
     * @param graph the graph, whose inputs and outputs are named in errors
     */
    InputOutputTransfer(Graph graph) {
        this.graph = graph;
    }

    /**
     * Checks the outputs that the caller gives, where the plan knows their types.
     *
     * @throws InvalidInputException if one does not fit
     */
    void checkOutputs(ExecutionContext context, BoundPlan bound) {
        Tensor[] planned = bound.outputs();
        for (int i = 0; i < planned.length; i++) {
            if (planned[i] != null && context.outputs()[i] != null) {
                checkOutput(i, (Tensor) context.outputs()[i], planned[i]);
            }
        }
    }

    /** Binds or copies the inputs. */
    void copyIn(ExecutionContext context, BoundPlan bound, Datum[] slots) {
        Tensor[] planned = bound.inputs();
        for (int i = 0; i < planned.length; i++) {
            Datum given = context.inputs()[i];
            if (bound.states().isInput(i)) {
                continue;
            }
            if (planned[i] != null) {
                if (!bound.states().overlaps(given) && bound.zeroCopy().bindInput(i, (Tensor) given)) {
                    continue;
                }
                try {
                    MemorySegment.copy(((Tensor) given).segment(), 0, planned[i].segment(), 0, planned[i].byteSize());
                } catch (IllegalStateException | WrongThreadException e) {
                    throw unreachable("input '" + graph.inputs().get(i).name() + "'", e);
                }
            } else {
                slots[((ValueLocation.InSlot) bound.plan().inputs().get(i)).slot()] = given;
            }
        }
    }

    /** Binds outputs of the caller where that is possible. Call it when all inputs are bound. */
    static void bindOutputs(ExecutionContext context, BoundPlan bound) {
        Tensor[] planned = bound.outputs();
        for (int i = 0; i < planned.length; i++) {
            if (planned[i] != null && context.outputs()[i] != null) {
                bound.zeroCopy().bindOutput(i, (Tensor) context.outputs()[i]);
            }
        }
    }

    /** Copies the results that are not bound into the outputs of the call. */
    void copyOut(ExecutionContext context, BoundPlan bound, Datum[] slots) {
        Tensor[] planned = bound.outputs();
        Datum[] outputs = context.outputs();
        for (int i = 0; i < planned.length; i++) {
            if (bound.states().isOutput(i)) {
                outputs[i] = planned[i];
                continue;
            }
            if (outputs[i] == null && context.onlyGivenOutputs()
                    || bound.zeroCopy().hasOutput(i)) {
                continue;
            }
            Datum made = planned[i] != null
                    ? planned[i]
                    : slots[((ValueLocation.InSlot) bound.plan().outputs().get(i)).slot()];
            if (outputs[i] == null) {
                outputs[i] = DynamicStepRunner.owned(made);
            } else {
                Tensor to = (Tensor) outputs[i];
                checkOutput(i, to, made);
                try {
                    to.copyFrom((Tensor) made);
                } catch (IllegalStateException | WrongThreadException e) {
                    throw unreachable(outputName(i), e);
                }
            }
        }
    }

    private void checkOutput(int i, Tensor to, Datum made) {
        if (!(made instanceof Tensor from) || to.dtype() != from.dtype() || !sameDims(to, from)) {
            throw new InvalidInputException(
                    outputName(i),
                    "a tensor " + to.type() + " to write " + made.type() + " into",
                    made.type().toString(),
                    made instanceof Tensor
                            ? "give a tensor of the output's type and shape"
                            : "leave it out, or use predict without outputs");
        }
        if (to.isReadOnly()) {
            throw new InvalidInputException(outputName(i), "a read-only tensor", "one that can be written", null);
        }
    }

    /** Whether two tensors have the same dimensions; allocates nothing. */
    static boolean sameDims(Tensor a, Tensor b) {
        if (a.rank() != b.rank()) {
            return false;
        }
        for (int k = 0; k < a.rank(); k++) {
            if (a.dim(k) != b.dim(k)) {
                return false;
            }
        }
        return true;
    }

    /** The error for memory of the caller that can't be used. */
    static InvalidInputException unreachable(String thing, RuntimeException e) {
        return new InvalidInputException(
                thing,
                "memory of an arena: " + e.getMessage(),
                "memory that this thread may use",
                "use Arena.ofAuto()");
    }

    private String outputName(int i) {
        return "output '" + graph.outputNames().get(i) + "'";
    }
}
