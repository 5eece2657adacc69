package dev.tenon.exec;

import dev.tenon.plan.NativeMemory;
import dev.tenon.plan.Plan;
import dev.tenon.plan.ShapeCache;
import dev.tenon.tensor.Datum;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The memory of one call at a time: arena, scratch, slots. Pooled by its engine and reused. */
public final class ExecutionContext {
    private final Datum[] inputs;
    private final Datum[] outputs;
    private final ShapeCache<BoundPlan> bindings;
    private final ScratchMemory scratch = new ScratchMemory();
    private final Slab slab = new Slab();
    private final ParallelJob job;
    private final CallBudget allowance = new CallBudget();
    private MemorySegment arena = MemorySegment.NULL;
    private Datum[] slots = new Datum[0];
    private boolean onlyGivenOutputs;
    private StepRecorder recorder;

    ExecutionContext(int inputCount, int outputCount, int helpers, long maxPlanBytes) {
        bindings = new ShapeCache<>(maxPlanBytes);
        inputs = new Datum[inputCount];
        outputs = new Datum[outputCount];
        job = new ParallelJob(helpers);
    }

    /**
     * The inputs of the call, to be filled by whoever holds the context.
     *
     * @return one place for each input of the graph
     */
    public Datum[] inputs() {
        return inputs;
    }

    /**
     * The outputs of the call. Where a tensor is put in before the run, the run copies into it; elsewhere it puts in
     * what it made.
     *
     * @return one place for each output of the graph
     */
    public Datum[] outputs() {
        return outputs;
    }

    CallBudget allowance() {
        return allowance;
    }

    /** Makes the coming run leave out what it would make for outputs that have no tensor put in. */
    public void wantOnlyGivenOutputs() {
        onlyGivenOutputs = true;
    }

    boolean onlyGivenOutputs() {
        return onlyGivenOutputs;
    }

    /**
     * Makes the coming run tell how long each step takes.
     *
     * @param to who is told
     */
    public void record(StepRecorder to) {
        recorder = to;
    }

    StepRecorder recorder() {
        return recorder;
    }

    BoundPlan bound() {
        return bindings.get(inputs);
    }

    BoundPlan bind(Plan plan) {
        if (plan.arenaBytes() > arena.byteSize()) {
            bindings.clear();
            arena = MemorySegment.NULL;
            arena = NativeMemory.take("the values of a call with inputs " + plan.key(), plan.arenaBytes());
        }
        BoundPlan binding = new BoundPlan(plan, arena, job.helpers > 0);
        bindings.put(plan.key(), binding, plan.heapBytes());
        return binding;
    }

    Datum[] slots(int count) {
        if (slots.length < count) {
            slots = new Datum[count];
        }
        return slots;
    }

    ScratchMemory scratch() {
        return scratch;
    }

    Slab slab() {
        return slab;
    }

    ParallelJob job() {
        return job;
    }

    /** Lets go of everything that belongs to a call. */
    void clear() {
        Arrays.fill(inputs, null);
        Arrays.fill(outputs, null);
        Arrays.fill(slots, null);
        onlyGivenOutputs = false;
        recorder = null;
        slab.reset();
        job.clear();
    }
}
