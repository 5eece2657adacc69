package dev.tenon.exec;

import dev.tenon.InvalidInputException;
import dev.tenon.graph.Graph;
import dev.tenon.plan.ValueLocation;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Hands the caller's inputs to a call and what the call made to the caller: copies between tensors of the caller and the
 * memory of the context, unless {@link ZeroCopyBinding} lets them stand in for it. Allocates nothing where all outputs are
 * given.
 */
final class InputOutputTransfer {
    private final Graph graph;

    /** For calls of a graph, whose inputs and outputs are named in errors. */
    InputOutputTransfer(Graph graph) {
        this.graph = graph;
    }

    /** Refuses outputs of the caller of which the plan already knows that they do not fit. */
    void checkOutputs(ExecutionContext context, BoundPlan binding) {
        Tensor[] places = binding.outputs();
        for (int i = 0; i < places.length; i++) {
            if (places[i] != null && context.outputs()[i] != null) {
                checkOutput(i, (Tensor) context.outputs()[i], places[i]);
            }
        }
    }

    /** Puts the inputs where steps find them. */
    void copyIn(ExecutionContext context, BoundPlan binding, Datum[] slots) {
        Tensor[] places = binding.inputs();
        for (int i = 0; i < places.length; i++) {
            Datum given = context.inputs()[i];
            if (places[i] != null) {
                if (binding.caller().lendInput(i, (Tensor) given)) {
                    continue;
                }
                try {
                    MemorySegment.copy(((Tensor) given).segment(), 0, places[i].segment(), 0, places[i].byteSize());
                } catch (IllegalStateException | WrongThreadException e) {
                    throw unreachable("input '" + graph.inputs().get(i).name() + "'", e);
                }
            } else {
                slots[((ValueLocation.InSlot) binding.plan().inputs().get(i)).slot()] = given;
            }
        }
    }

    /** Lets outputs of the caller stand in for those of the plan where they can: after all inputs. */
    static void lendOutputs(ExecutionContext context, BoundPlan binding) {
        Tensor[] places = binding.outputs();
        for (int i = 0; i < places.length; i++) {
            if (places[i] != null && context.outputs()[i] != null) {
                binding.caller().lendOutput(i, (Tensor) context.outputs()[i]);
            }
        }
    }

    /** Puts what was made into the outputs of the call. */
    void copyOut(ExecutionContext context, BoundPlan binding, Datum[] slots) {
        Tensor[] places = binding.outputs();
        Datum[] outputs = context.outputs();
        for (int i = 0; i < places.length; i++) {
            if (outputs[i] == null && context.onlyGivenOutputs()
                    || binding.caller().hasOutput(i)) {
                continue;
            }
            Datum made = places[i] != null
                    ? places[i]
                    : slots[((ValueLocation.InSlot) binding.plan().outputs().get(i)).slot()];
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

    /** Whether the dimensions of two tensors are equal; allocates nothing. */
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

    /** What to say where memory of the caller can't be used. */
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
