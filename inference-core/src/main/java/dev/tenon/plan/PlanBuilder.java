package dev.tenon.plan;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Value;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.plan.ValueLocation.InSlot;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** An unfinished plan: its values, its buffers with their lifetimes, and its steps. For one thread. */
final class PlanBuilder {
    private final Program program;
    private final long maxTensorBytes;
    private final ElementMap<Value, PlannedValue> values;
    private final List<UnplacedBuffer> buffers = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Integer> slotLastUse = new HashMap<>();
    private int slots;

    /**
     * A plan without steps.
     *
     * @param program the program that is planned
     * @param maxTensorBytes the largest size of a value
     */
    PlanBuilder(Program program, long maxTensorBytes) {
        this.program = program;
        this.maxTensorBytes = maxTensorBytes;
        this.values = new ElementMap<>(program.graph().valueCount());
    }

    /** A value that is defined already. */
    PlannedValue get(Value v) {
        return values.get(v);
    }

    /** The buffers so far; they are changed in place. */
    List<UnplacedBuffer> buffers() {
        return buffers;
    }

    /** The steps so far. */
    List<Step> steps() {
        return steps;
    }

    /** The index of the next step. */
    int nextStep() {
        return steps.size();
    }

    /** Sets the type and the location of a value; does nothing for an output that is left out. */
    void define(Value v, ValueType type, List<Dim> elements, ValueLocation location) {
        if (v == null) {
            return;
        }
        values.put(v, new PlannedValue(type, elements, location));
        if (location instanceof InBuffer b) {
            UnplacedBuffer root = root(b);
            root.lastReader = Math.max(root.lastReader, program.lastUse(v));
        }
    }

    /** Makes a buffer or slot for a value. */
    ValueLocation newLocation(Value v, ValueType type, int step, boolean reusable) {
        return ValueSizes.inMemory(type)
                ? new InBuffer(newBuffer((TensorType) type, v.name(), step, reusable), (TensorType) type)
                : new InSlot(slots++);
    }

    /**
     * Makes a buffer.
     *
     * @param type the type of its contents
     * @param name names it in errors
     * @param step the step that writes it first
     * @param reusable whether a step may write over it once no node reads it any more
     * @return its index
     */
    int newBuffer(TensorType type, String name, int step, boolean reusable) {
        buffers.add(new UnplacedBuffer(ValueSizes.checkedBytes(name, type, maxTensorBytes), step, reusable));
        return buffers.size() - 1;
    }

    /** Makes a value live until a step at least. */
    void touch(ValueLocation location, int step) {
        if (location instanceof InBuffer b) {
            UnplacedBuffer root = root(b);
            root.last = Math.max(root.last, step);
        } else if (location instanceof InSlot s) {
            slotLastUse.merge(s.slot(), step, Math::max);
        }
    }

    /** Whether a value is an output of the graph. */
    boolean isOutput(Value v) {
        return v != null && program.lastUse(v) == Integer.MAX_VALUE;
    }

    /** The buffer that has a location, or the outermost buffer that it is a part of. */
    UnplacedBuffer root(InBuffer location) {
        return buffers.get(location.buffer()).root();
    }

    /**
     * Places the buffers, and completes the plan.
     *
     * @param key the input shapes
     * @param outputs where the outputs of the graph are
     * @param branchesKnown whether the shapes decide which branch an If takes
     * @param constantBytes the memory of constants that only this plan has
     */
    Plan finish(ShapeKey key, List<ValueLocation> outputs, boolean branchesKnown, long constantBytes) {
        outputs.forEach(location -> touch(location, steps.size()));
        List<ValueLocation> inputs = new ArrayList<>();
        for (Value v : program.graph().inputs()) {
            inputs.add(values.get(v).location());
        }
        Map<Integer, List<Integer>> released = new HashMap<>();
        slotLastUse.forEach((slot, step) ->
                released.computeIfAbsent(step, at -> new ArrayList<>()).add(slot));
        long scratch = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step instanceof Step.KernelStep k) {
                scratch = Math.max(scratch, k.kernel().scratchBytes());
            } else {
                steps.set(i, withReleases((Step.DynamicStep) step, released.getOrDefault(i, List.of())));
            }
        }
        return new Plan(program, key, steps, inputs, outputs, memory(key, scratch, constantBytes), branchesKnown);
    }

    private PlanMemory memory(ShapeKey key, long scratch, long constantBytes) {
        List<MemoryPlan.Request> requests = new ArrayList<>();
        Map<UnplacedBuffer, Integer> roots = new IdentityHashMap<>();
        long left = ValueSizes.MOST_BYTES;
        for (UnplacedBuffer b : buffers) {
            if (b.whole == null && !b.isState) {
                if (b.bytes > left - MemoryPlan.ALIGNMENT) {
                    throw new ResourceLimitException(
                            "the values of a call with inputs " + key,
                            "more bytes than a machine can address",
                            ValueSizes.MOST_BYTES + " bytes",
                            "feed smaller inputs");
                }
                left -= MemoryPlan.aligned(b.bytes);
                roots.put(b, requests.size());
                requests.add(new MemoryPlan.Request(b.bytes, b.first, Math.max(b.first, b.last)));
            }
        }
        MemoryPlan layout = MemoryPlan.of(requests);
        List<Buffer> placed = new ArrayList<>(buffers.size());
        for (UnplacedBuffer b : buffers) {
            if (b.isState) {
                placed.add(new Buffer(b.bytes, b.first, b.last, Buffer.OUTSIDE));
                continue;
            }
            Buffer root = layout.buffers().get(roots.get(b.root()));
            placed.add(new Buffer(b.bytes, root.first(), root.last(), root.offset() + b.shiftInRoot()));
        }
        return new PlanMemory(placed, slots, layout.arenaBytes(), scratch, layout.lowerBoundBytes(), constantBytes);
    }

    private static Step.DynamicStep withReleases(Step.DynamicStep step, List<Integer> released) {
        return new Step.DynamicStep(
                step.node(),
                step.types(),
                step.request(),
                step.kernelId(),
                step.inputs(),
                step.outputs(),
                List.copyOf(released));
    }
}
