package dev.tenon.exec;

import dev.tenon.graph.Node;
import dev.tenon.kernel.BudgetedRun;
import dev.tenon.kernel.Kernel;
import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.plan.ValueLocation;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A plan bound to the memory of one context: every operand is a memory segment, and a run only calls kernels. */
final class BoundPlan {
    /** A step bound to memory. */
    sealed interface BoundStep {
        /** The node, for messages. */
        Node node();
    }

    /**
     * A kernel and its operands.
     *
     * @param shared whether worker threads help with it
     * @param nanos how long it is expected to take on one thread
     */
    record BoundKernelStep(Node node, Kernel kernel, MemorySegment[] operands, boolean shared, long nanos)
            implements BoundStep {}

    /** A dynamic step. The arrays have a tensor over the arena for each value in a buffer, and null elsewhere. */
    record BoundDynamicStep(Node node, Step.DynamicStep step, Tensor[] inputs, Tensor[] outputs) implements BoundStep {}

    /** Above this time on one thread, workers shorten even a run during which the JVM compiles the kernels. */
    private static final long LONG_NANOS = 200_000_000;

    private final CachedPlan cached;
    private final BoundStep[] steps;
    private final Tensor[] inputs;
    private final Tensor[] outputs;
    private final ZeroCopyBinding zeroCopy;
    private final StateBinding states;
    private final boolean parallel;
    private final boolean isLong;

    /**
     * Binds a plan.
     *
     * @param cached the plan
     * @param arena the memory of its buffers
     * @param mayShare whether worker threads may help
     */
    BoundPlan(CachedPlan cached, MemorySegment arena, boolean mayShare) {
        this.cached = cached;
        Plan plan = cached.plan();
        List<BoundStep> bound = new ArrayList<>(plan.steps().size());
        List<MemorySegment[]> operands = new ArrayList<>(plan.steps().size());
        boolean anyShared = false;
        double nanos = 0;
        for (Step step : plan.steps()) {
            BoundStep b =
                    switch (step) {
                        case Step.KernelStep k -> kernel(plan, k, arena, mayShare);
                        case Step.DynamicStep d ->
                            new BoundDynamicStep(
                                    d.node(), d, tensors(plan, d.inputs(), arena), tensors(plan, d.outputs(), arena));
                    };
            anyShared |= b instanceof BoundKernelStep k && k.shared();
            nanos += b instanceof BoundKernelStep k ? k.nanos() : 0;
            bound.add(b);
            operands.add(b instanceof BoundKernelStep k ? k.operands() : null);
        }
        steps = bound.toArray(BoundStep[]::new);
        inputs = tensors(plan, plan.inputs(), arena);
        outputs = tensors(plan, plan.outputs(), arena);
        zeroCopy = new ZeroCopyBinding(plan, operands);
        states = new StateBinding(plan, bound, outputs);
        parallel = anyShared;
        isLong = nanos > LONG_NANOS;
    }

    private static BoundKernelStep kernel(Plan plan, Step.KernelStep k, MemorySegment arena, boolean mayShare) {
        MemorySegment[] operands = new MemorySegment[k.operands().size()];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = switch (k.operands().get(i)) {
                case null -> null;
                case KernelOperand.ConstantOperand c -> c.segment();
                case KernelOperand.PackedOperand p -> p.weights().segment(p.index());
                case KernelOperand.BufferOperand b ->
                    plan.buffers().get(b.buffer()).isState()
                            ? null
                            : slice(plan, b.buffer(), b.offset(), b.bytes(), arena);
            };
        }
        Kernel kernel = k.kernel();
        boolean shared = false;
        for (Kernel stage = kernel; mayShare && stage != null; stage = stage.nextStage()) {
            shared |= isWorthSharing(stage);
        }
        return new BoundKernelStep(k.node(), kernel, operands, shared, BudgetedRun.nanos(kernel));
    }

    /** Whether a stage has so much work that waking worker threads pays. */
    static boolean isWorthSharing(Kernel stage) {
        return stage.parts() > 1 && BudgetedRun.stageNanos(stage) >= WorkerPool.WORTH_SHARING_NANOS;
    }

    private static MemorySegment slice(Plan plan, int buffer, long offset, long bytes, MemorySegment arena) {
        Buffer b = plan.buffers().get(buffer);
        return arena.asSlice(b.offset() + offset, bytes);
    }

    private static Tensor[] tensors(Plan plan, List<ValueLocation> locations, MemorySegment arena) {
        Tensor[] tensors = new Tensor[locations.size()];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = switch (locations.get(i)) {
                case null -> null;
                case ValueLocation.Fixed f -> f.tensor();
                case ValueLocation.InSlot s -> null;
                case ValueLocation.InBuffer b -> plan.buffers().get(b.buffer()).isState() ? null : view(plan, b, arena);
            };
        }
        return tensors;
    }

    private static Tensor view(Plan plan, ValueLocation.InBuffer location, MemorySegment arena) {
        TensorType type = location.type();
        long bytes = type.dtype().byteSize(type.shape().knownElements());
        return Tensor.of(
                type.dtype(),
                slice(plan, location.buffer(), location.offset(), bytes, arena),
                type.shape().toArray());
    }

    CachedPlan cached() {
        return cached;
    }

    Plan plan() {
        return cached.plan();
    }

    BoundStep[] steps() {
        return steps;
    }

    /** A tensor over the arena for each input in a buffer, null for inputs in slots and for states. */
    Tensor[] inputs() {
        return inputs;
    }

    /** A tensor for each output in a buffer and each constant output, null for outputs in slots; in states, during calls. */
    Tensor[] outputs() {
        return outputs;
    }

    /** The tensors of the caller that are operands in this call. */
    ZeroCopyBinding zeroCopy() {
        return zeroCopy;
    }

    /** The tensors of the caller that are states in this call. */
    StateBinding states() {
        return states;
    }

    /** Whether a run takes so long that workers help even in the first one. */
    boolean isLong() {
        return isLong;
    }

    /** Whether worker threads help with any step. */
    boolean parallel() {
        return parallel;
    }
}
