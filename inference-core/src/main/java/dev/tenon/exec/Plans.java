package dev.tenon.exec;

import dev.tenon.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.plan.KernelSource;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeCache;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import dev.tenon.tune.Tuner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The plans of one engine by the shapes of inputs, made when they are asked for. Safe for any number of threads. */
public final class Plans {
    private final Graph settled;
    private final Program program;
    private final Supplier<Pipeline> pipeline;
    private final RunLimits limits;
    /** What measures kernels while planning; null if they are as the kernel set has them. */
    private final Tuner tuner;

    private final ShapeCache<Plan> plans;

    /** None yet: with what an {@link Engine} is given. */
    Plans(Graph settled, Program program, Supplier<Pipeline> pipeline, RunLimits limits, Tuner tuner) {
        this.settled = settled;
        this.program = program;
        this.pipeline = pipeline;
        this.limits = limits;
        this.tuner = tuner;
        this.plans = new ShapeCache<>(limits.maxPlanBytes());
    }

    /**
     * The plan for the shapes of some inputs. Threads that come with new shapes plan at the same time, and nobody waits who
     * comes with others.
     *
     * @param inputs the inputs
     * @return the plan, made now if there is none
     * @throws TenonException if the shapes do not fit, or the thread is interrupted while kernels are to be measured
     */
    public Plan of(Datum[] inputs) {
        synchronized (plans) {
            Plan plan = plans.get(inputs);
            if (plan != null) {
                return plan;
            }
        }
        ShapeKey key = ShapeKey.of(inputs);
        Plan made = tuned(key);
        if (made == null) {
            throw new InterruptedPredictionException(
                    "planning for inputs " + key,
                    "the thread was interrupted",
                    null,
                    "clear the interrupt and predict again");
        }
        synchronized (plans) {
            Plan plan = plans.get(inputs);
            if (plan == null) {
                plan = made;
                plans.put(key, plan, plan.heapBytes());
            }
            return plan;
        }
    }

    /**
     * The plan that a call with some inputs would run, as far as that is known without measuring.
     *
     * @param inputs the inputs
     * @return the plan; one with kernels that were not measured yet is not kept
     * @throws TenonException if the shapes do not fit
     */
    public Plan look(Datum[] inputs) {
        if (tuner == null) {
            return of(inputs);
        }
        synchronized (plans) {
            Plan plan = plans.get(inputs);
            if (plan != null) {
                return plan;
            }
        }
        return newPlan(ShapeKey.of(inputs), tuner::remembered);
    }

    /**
     * Plans for input shapes that there is no plan for, unless the thread is interrupted while kernels are measured.
     *
     * @param key the shapes, of the types that the graph declares
     * @throws TenonException if the shapes do not fit
     */
    public void prepare(ShapeKey key) {
        Plan plan = tuned(key);
        if (plan != null) {
            synchronized (plans) {
                plans.put(key, plan, plan.heapBytes());
            }
        }
    }

    /**
     * The input shapes that there are plans for.
     *
     * @return the keys, the least recently used first
     */
    public List<ShapeKey> planned() {
        synchronized (plans) {
            return plans.keys();
        }
    }

    /** A plan with all its kernels measured; null if the thread was interrupted meanwhile. */
    private Plan tuned(ShapeKey key) {
        if (tuner == null) {
            return newPlan(key, null);
        }
        try {
            Plan plan = newPlan(key, tuner::prepare);
            return Thread.currentThread().isInterrupted() ? null : plan;
        } finally {
            tuner.save();
        }
    }

    /**
     * Plans. Where the shapes of the inputs tell which branches are taken, the graph is optimised once more for these
     * shapes alone: behind a branch that is not known, shapes are not, and kernels are chosen anew at every call. Kernels
     * are chosen when nothing is planned again, and are as the set has them if there is no choice.
     */
    private Plan newPlan(ShapeKey key, KernelSource choice) {
        Program last = program;
        Plan plan = Planner.plan(last, key, limits.maxTensorBytes());
        Graph graph = settled;
        while (plan.branchesKnown()) {
            List<ValueType> types = new ArrayList<>();
            for (int i = 0; i < graph.inputs().size(); i++) {
                types.add(key.type(i, graph.inputs().get(i).type()));
            }
            Graph typed = GraphCopy.of(graph, types);
            Graph next = pipeline.get().simplify(typed, RewriteTrace.none());
            if (next == typed) {
                break;
            }
            graph = next;
            last = new Program(pipeline.get().lower(graph, RewriteTrace.none()), program);
            plan = Planner.plan(last, key, limits.maxTensorBytes());
        }
        return choice == null ? plan : Planner.plan(last, key, limits.maxTensorBytes(), choice);
    }
}
