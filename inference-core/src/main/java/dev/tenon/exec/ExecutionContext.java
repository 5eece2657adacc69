package dev.tenon.exec;

import dev.tenon.plan.Plan;
import dev.tenon.plan.SessionMemory;
import dev.tenon.plan.ShapeCache;
import dev.tenon.tensor.Datum;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * The memory of one call at a time: the arena with the values of the plan, scratch memory of kernels, and slots for
 * values whose shapes are only known during the call. An {@link Executor} pools its contexts. For one thread at a time.
 */
public final class ExecutionContext {
    private final Datum[] inputs;
    private final Datum[] outputs;
    private final ShapeCache<BoundPlan> boundPlans;
    private final ScratchMemory scratch = new ScratchMemory();
    private final Executor executor;
    private final SessionMemory memory;
    private final Slab slab;
    private final ParallelJob job;
    private final CallBudget budget = new CallBudget();
    private MemorySegment arena = MemorySegment.NULL;
    private Datum[] slots = new Datum[0];
    private boolean onlyGivenOutputs;
    private StepRecorder recorder;
    private long idleSince;

    /** The pool that counts the call as running, or null. */
    private WorkerPool counting;

    /** The pool that the job is offered to, or null. */
    private WorkerPool offering;

    private int slot;
    private BooleanSupplier stop;

    ExecutionContext(Executor executor, int helpers, long maxPlanBytes) {
        this.executor = executor;
        this.memory = executor.program().nativeMemory();
        this.slab = new Slab(memory);
        boundPlans = new ShapeCache<>(maxPlanBytes);
        inputs = new Datum[executor.program().graph().inputs().size()];
        outputs = new Datum[executor.program().graph().outputs().size()];
        job = new ParallelJob(helpers);
    }

    /**
     * The executor.
     *
     * @return the executor that this context belongs to
     */
    public Executor executor() {
        return executor;
    }

    /** Returns this context to its executor. It must not be used any more. */
    public void release() {
        executor.release(this);
    }

    /**
     * The inputs of the call. The holder of the context fills them in.
     *
     * @return an element for each input of the graph
     */
    public Datum[] inputs() {
        return inputs;
    }

    /**
     * The outputs of the call. The run writes into a tensor that was put in before, and puts in its result where there
     * was none.
     *
     * @return an element for each output of the graph
     */
    public Datum[] outputs() {
        return outputs;
    }

    CallBudget budget() {
        return budget;
    }

    /** Makes the next run skip outputs for which no tensor was put in. */
    public void wantOnlyGivenOutputs() {
        onlyGivenOutputs = true;
    }

    boolean onlyGivenOutputs() {
        return onlyGivenOutputs;
    }

    /**
     * Makes the next run record how long each step takes.
     *
     * @param to records the times, or null
     */
    public void record(StepRecorder to) {
        recorder = to;
    }

    StepRecorder recorder() {
        return recorder;
    }

    /**
     * Makes the next run end before a step at which a condition holds.
     *
     * @param condition is asked before each step; null if the run is never to end early
     */
    public void stopWhen(BooleanSupplier condition) {
        stop = condition;
    }

    BooleanSupplier stop() {
        return stop;
    }

    /** The bound plan for the inputs, or null if none is bound yet. */
    BoundPlan bound() {
        return boundPlans.get(inputs);
    }

    /** Binds a plan to the memory of this context. The arena grows if it is too small. */
    BoundPlan bind(CachedPlan cached) {
        Plan plan = cached.plan();
        if (plan.arenaBytes() > arena.byteSize()) {
            boundPlans.clear();
            arena = MemorySegment.NULL;
            arena = memory.take("the values of a call with inputs " + plan.key(), plan.arenaBytes());
        }
        BoundPlan bound = new BoundPlan(cached, arena, job.helpers > 0);
        boundPlans.put(plan.key(), bound, plan.heldBytes());
        return bound;
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

    /** Counts the call as running, until {@link #end}. */
    void begin(WorkerPool pool) {
        pool.begin();
        counting = pool;
    }

    /** The end of the call. It may be called again. */
    void end() {
        if (counting != null) {
            counting.end();
            counting = null;
        }
    }

    /**
     * Offers the next steps of the job to the workers, until {@link #withdraw}.
     *
     * @return false if the caller works alone
     */
    boolean offer(WorkerPool pool) {
        slot = pool.enter(job);
        if (slot < 0) {
            return false;
        }
        offering = pool;
        return true;
    }

    /** Ends the offer. It may be called again. */
    void withdraw() {
        if (offering != null) {
            offering.leave(slot);
            offering = null;
        }
    }

    /** When the last call ended, in the time of {@link System#nanoTime}. */
    long idleSince() {
        return idleSince;
    }

    void idleSince(long nanoTime) {
        idleSince = nanoTime;
    }

    /** Drops everything that belongs to a call. */
    void clear() {
        // Done already, unless the stack was too short for it.
        withdraw();
        end();
        Arrays.fill(inputs, null);
        Arrays.fill(outputs, null);
        Arrays.fill(slots, null);
        budget.work().end();
        onlyGivenOutputs = false;
        recorder = null;
        stop = null;
        slab.reset();
        job.clear();
    }
}
