package dev.tenon.exec;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.event.Recorder;
import dev.tenon.plan.Compiler;
import dev.tenon.plan.KernelSelector;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeCache;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.SpareMemory;
import dev.tenon.tensor.Datum;
import dev.tenon.tune.Tuner;
import java.util.List;

/**
 * The plans of one program by the shapes of its inputs. Plans are made on demand. The plans of a session's program and of
 * all its bodies share one bound of memory, and are dropped when native memory runs short. Safe for any number of threads.
 */
public final class PlanCache implements SpareMemory.Holder {
    private final Program program;
    private final Compiler compiler;
    private final CallLimits limits;
    /** Measures kernels while planning; null if nothing is measured. */
    private final Tuner tuner;

    private final BodyExecutors bodies;
    private final PlanCache shared;
    private final ShapeCache<CachedPlan> plans;

    /** Whether this is one of those who give memory back. */
    private boolean known;

    /**
     * A cache without plans, with the arguments of an {@link Executor}.
     *
     * @param bodies the executors of the program's bodies
     * @param shared a cache whose bound this one shares; null for a bound of its own
     */
    PlanCache(
            Program program,
            Compiler compiler,
            CallLimits limits,
            Tuner tuner,
            BodyExecutors bodies,
            PlanCache shared) {
        this.program = program;
        this.compiler = compiler;
        this.limits = limits;
        this.tuner = tuner;
        this.bodies = bodies;
        this.shared = shared;
        this.plans = shared == null ? new ShapeCache<>(limits.maxPlanBytes()) : new ShapeCache<>(shared.plans);
    }

    /**
     * The plan for the shapes of some inputs. Threads with new shapes plan at the same time, and threads with planned
     * shapes do not wait for them.
     *
     * @param inputs the inputs
     * @return the plan, made now if there is none
     * @throws TenonException if the shapes do not fit, or the thread is interrupted while kernels are to be measured
     */
    public Plan of(Datum[] inputs) {
        return cached(inputs, null).plan();
    }

    /**
     * The plan for the shapes of some inputs, with the executors of its bodies.
     *
     * @param call the budget of the call that waits for the plan; null if none does
     */
    CachedPlan cached(Datum[] inputs, WorkBudget call) {
        CachedPlan ready = find(inputs);
        if (ready != null) {
            return ready;
        }
        ShapeKey key = ShapeKey.of(inputs);
        Plan made = tuned(key, call);
        if (made == null) {
            throw new InterruptedPredictionException(
                    "planning for inputs " + key,
                    "the thread was interrupted",
                    null,
                    "clear the interrupt and predict again");
        }
        return put(key, inputs, made);
    }

    private CachedPlan find(Datum[] inputs) {
        synchronized (plans.lock()) {
            return plans.get(inputs);
        }
    }

    /** Adds a plan, unless the inputs have one by now. The inputs are null if they have none for certain. */
    private CachedPlan put(ShapeKey key, Datum[] inputs, Plan plan) {
        CachedPlan cached = new CachedPlan(plan, bodies.of(plan.program()));
        long weight = plan.heldBytes();
        boolean first;
        List<CachedPlan> removed;
        // Nothing that takes memory or another lock happens under this one: giveBack takes it.
        synchronized (plans.lock()) {
            CachedPlan other = inputs == null ? null : plans.get(inputs);
            if (other != null) {
                return other;
            }
            removed = plans.put(key, cached, weight);
            first = shared == null && !known;
            known = true;
        }
        if (first) {
            SpareMemory.add(this);
        }
        removed.forEach(old -> old.bodies().dropPlans());
        return cached;
    }

    /** Drops the plans of a program that is not used any more, and those of its bodies. */
    void drop() {
        List<CachedPlan> removed;
        synchronized (plans.lock()) {
            removed = plans.clear();
        }
        removed.forEach(old -> old.bodies().dropPlans());
    }

    /** Drops all plans of the session. Those that calls use live on with the contexts of these calls. */
    @Override
    public boolean giveBack() {
        synchronized (plans.lock()) {
            boolean any = plans.weight() > 0;
            plans.clearAll();
            return any;
        }
    }

    /**
     * The plan that a call with some inputs would run, as far as it is known without measuring kernels.
     *
     * @param inputs the inputs
     * @return the plan; it is not kept if it may have kernels that are not measured yet
     * @throws TenonException if the shapes do not fit
     */
    public Plan peek(Datum[] inputs) {
        if (tuner == null) {
            return of(inputs);
        }
        CachedPlan ready = find(inputs);
        return ready != null ? ready.plan() : newPlan(ShapeKey.of(inputs), tuner::remembered, null);
    }

    /**
     * Makes the plan for input shapes that have none. Makes none if the thread is interrupted while kernels are
     * measured.
     *
     * @param key the shapes, of the types that the graph declares
     * @throws TenonException if the shapes do not fit
     */
    public void prepare(ShapeKey key) {
        Plan plan = tuned(key, null);
        if (plan != null) {
            put(key, null, plan);
        }
    }

    /**
     * The input shapes that have plans.
     *
     * @return the keys, the least recently used first
     */
    public List<ShapeKey> planned() {
        synchronized (plans.lock()) {
            return plans.keys();
        }
    }

    /**
     * About how much memory the plans of this program take, and those of all programs that share its bound.
     *
     * @return bytes
     */
    public long heldBytes() {
        synchronized (plans.lock()) {
            return plans.weight();
        }
    }

    /** A plan with all its kernels measured; null if the thread was interrupted meanwhile. */
    private Plan tuned(ShapeKey key, WorkBudget call) {
        if (tuner == null) {
            return newPlan(key, null, call);
        }
        try {
            Plan plan = newPlan(key, tuner::prepare, call);
            return Thread.currentThread().isInterrupted() ? null : plan;
        } finally {
            tuner.save();
        }
    }

    /**
     * Makes a plan. Where the input shapes decide which branches are taken, the graph is compiled once more for these
     * shapes: the shapes after an undecided branch are unknown, and their kernels would be selected anew at every call.
     * Kernels are selected by the selector when nothing is compiled again, or as usual if it is null. A selector may
     * measure kernels, which no limit of time counts. A call that waits for the plan counts the rest of the time.
     */
    private Plan newPlan(ShapeKey key, KernelSelector selector, WorkBudget call) {
        long start = System.nanoTime();
        Plan plan = WorkBudget.current() != null
                ? plan(key)
                : planningBudget(key, call).run(() -> plan(key));
        long measuring = System.nanoTime();
        if (selector != null && !Thread.currentThread().isInterrupted()) {
            Program last = plan.program();
            plan = WorkBudget.started(planning(key), limits.preparation().withoutTime())
                    .run(() -> Planner.plan(last, key, limits.maxTensorBytes(), selector));
        }
        if (call != null) {
            call.exclude(System.nanoTime() - measuring);
        }
        Recorder.plan(program.graph().name(), key, plan.steps().size(), System.nanoTime() - start);
        return plan;
    }

    private WorkBudget planningBudget(ShapeKey key, WorkBudget call) {
        return call == null
                ? WorkBudget.started(planning(key), limits.preparation())
                : call.within(planning(key), limits.preparation());
    }

    private static String planning(ShapeKey key) {
        return "planning for inputs " + key;
    }

    private Plan plan(ShapeKey key) {
        Program last = program;
        Plan plan = Planner.plan(last, key, limits.maxTensorBytes());
        while (plan.branchesKnown()) {
            Program next = compiler.specialize(last, key);
            if (next == last) {
                break;
            }
            last = next;
            plan = Planner.plan(last, key, limits.maxTensorBytes());
        }
        return plan;
    }
}
