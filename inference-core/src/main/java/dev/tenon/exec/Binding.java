package dev.tenon.exec;

import dev.tenon.graph.Node;
import dev.tenon.kernel.Kernel;
import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.Place;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A plan bound to the memory of one context: every operand is a segment, so that a run only calls kernels. */
final class Binding {
    /** A step bound to memory. */
    sealed interface BoundStep {
        /** The node, for messages. */
        Node node();
    }

    /** A kernel and its operands. */
    record BoundKernel(Node node, Kernel kernel, MemorySegment[] operands, boolean shared) implements BoundStep {}

    /** A step on data as it comes: a tensor over the arena for each place in a buffer, null elsewhere. */
    record BoundDatum(Node node, Step.DatumStep step, Tensor[] inputs, Tensor[] outputs) implements BoundStep {}

    /** A run that workers shorten even while the JVM compiles what it runs, nanoseconds of one thread once it is compiled. */
    private static final long LONG_NANOS = 200_000_000;

    private final Plan plan;
    private final BoundStep[] steps;
    private final Tensor[] inputs;
    private final Tensor[] outputs;
    private final CallerMemory caller;
    private final boolean parallel;
    private final boolean isLong;

    Binding(Plan plan, MemorySegment arena, boolean mayShare) {
        this.plan = plan;
        List<BoundStep> bound = new ArrayList<>(plan.steps().size());
        List<MemorySegment[]> operands = new ArrayList<>(plan.steps().size());
        boolean anyShared = false;
        double nanos = 0;
        for (Step step : plan.steps()) {
            BoundStep b =
                    switch (step) {
                        case Step.KernelStep k -> kernel(plan, k, arena, mayShare);
                        case Step.DatumStep d ->
                            new BoundDatum(
                                    d.node(), d, tensors(plan, d.inputs(), arena), tensors(plan, d.outputs(), arena));
                    };
            anyShared |= b instanceof BoundKernel k && k.shared();
            for (Kernel stage = b instanceof BoundKernel k ? k.kernel() : null;
                    stage != null;
                    stage = stage.nextStage()) {
                nanos += nanos(stage);
            }
            bound.add(b);
            operands.add(b instanceof BoundKernel k ? k.operands() : null);
        }
        steps = bound.toArray(BoundStep[]::new);
        inputs = tensors(plan, plan.inputs(), arena);
        outputs = tensors(plan, plan.outputs(), arena);
        caller = new CallerMemory(plan, operands);
        parallel = anyShared;
        isLong = nanos > LONG_NANOS;
    }

    private static BoundKernel kernel(Plan plan, Step.KernelStep k, MemorySegment arena, boolean mayShare) {
        MemorySegment[] operands = new MemorySegment[k.operands().size()];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = switch (k.operands().get(i)) {
                case null -> null;
                case KernelOperand.ConstantOperand c -> c.segment();
                case KernelOperand.PackedOperand p -> p.weights().segment(p.index());
                case KernelOperand.BufferOperand b -> slice(plan, b.buffer(), b.offset(), b.bytes(), arena);
            };
        }
        Kernel kernel = k.kernel();
        boolean shared = false;
        for (Kernel stage = kernel; mayShare && stage != null; stage = stage.nextStage()) {
            shared |= isWorthSharing(stage);
        }
        return new BoundKernel(k.node(), kernel, operands, shared);
    }

    /** Whether workers pay for the parts of a stage. */
    static boolean isWorthSharing(Kernel stage) {
        return stage.parts() > 1 && nanos(stage) >= WorkerPool.WORTH_SHARING_NANOS;
    }

    private static long nanos(Kernel stage) {
        return stage.parts() * Math.max(1, stage.partNanos());
    }

    private static MemorySegment slice(Plan plan, int buffer, long offset, long bytes, MemorySegment arena) {
        Buffer b = plan.buffers().get(buffer);
        return arena.asSlice(b.offset() + offset, bytes);
    }

    private static Tensor[] tensors(Plan plan, List<Place> places, MemorySegment arena) {
        Tensor[] tensors = new Tensor[places.size()];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = switch (places.get(i)) {
                case null -> null;
                case Place.Fixed f -> f.tensor();
                case Place.InSlot s -> null;
                case Place.InBuffer b -> view(plan, b, arena);
            };
        }
        return tensors;
    }

    private static Tensor view(Plan plan, Place.InBuffer place, MemorySegment arena) {
        TensorType type = place.type();
        long bytes = type.dtype().byteSize(type.shape().knownElements());
        return Tensor.of(
                type.dtype(),
                slice(plan, place.buffer(), place.offset(), bytes, arena),
                type.shape().toArray());
    }

    Plan plan() {
        return plan;
    }

    BoundStep[] steps() {
        return steps;
    }

    /** A tensor over the arena for each input in a buffer, null for those in slots. */
    Tensor[] inputs() {
        return inputs;
    }

    /** A tensor for each output in a buffer or fixed, null for those in slots. */
    Tensor[] outputs() {
        return outputs;
    }

    /** What of the caller's memory stands in for the arena. */
    CallerMemory caller() {
        return caller;
    }

    /** Whether a run takes so long that workers help even in the first one. */
    boolean isLong() {
        return isLong;
    }

    /** Whether any step is worth sharing with workers. */
    boolean parallel() {
        return parallel;
    }
}
