package dev.tenon.exec;

import dev.tenon.InterruptedPredictionException;
import dev.tenon.InvalidInputException;
import dev.tenon.exec.Binding.BoundDatum;
import dev.tenon.exec.Binding.BoundKernel;
import dev.tenon.exec.Binding.BoundStep;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.Kernel;
import dev.tenon.op.InvalidOperandException;
import dev.tenon.plan.KernelSource;
import dev.tenon.plan.Place;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeCache;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.TenonException;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.tune.Tuner;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a program: finds or makes the plan for the shapes of the inputs, takes a pooled context, runs the steps on the
 * calling thread with the help of the worker pool. Safe for any number of threads; each call has a context of its own.
 */
public final class Engine {
    private final Graph settled;
    private final Program program;
    private final Supplier<Pipeline> pipeline;
    private final RunLimits limits;
    /** What measures kernels while planning; null if they are as the kernel set has them. */
    private final Tuner tuner;

    private final WorkerPool pool;
    private final int helpers;
    private final ShapeCache<Plan> plans;
    private final ArrayDeque<ExecutionContext> idle = new ArrayDeque<>();
    private final Map<Graph, Engine> bodies = new IdentityHashMap<>();
    /** Whether a run has ended. */
    private volatile boolean warm;

    /**
     * An engine without plans.
     *
     * @param settled what the program was made of, as {@link Pipeline#settle} left it
     * @param program what to run
     * @param pipeline gives what is done to graphs before they run, where there are such after the program
     * @param limits what a call may take
     * @param threads how many threads may work on one call, the caller included, at least 1
     * @param tuner what chooses the blocks of kernels of plans, or null
     */
    public Engine(
            Graph settled, Program program, Supplier<Pipeline> pipeline, RunLimits limits, int threads, Tuner tuner) {
        this.settled = settled;
        this.program = program;
        this.pipeline = pipeline;
        this.limits = limits;
        this.tuner = tuner;
        this.pool = WorkerPool.shared();
        this.helpers = workers(threads) - 1;
        this.plans = new ShapeCache<>(limits.maxPlanBytes());
    }

    /**
     * How many threads work on one call at most.
     *
     * @param threads how many may, the caller included, at least 1
     * @return as many of them as the process has, the caller included
     */
    public static int workers(int threads) {
        return Math.min(WorkerPool.shared().size(), threads - 1) + 1;
    }

    /**
     * The program.
     *
     * @return what this engine runs
     */
    public Program program() {
        return program;
    }

    RunLimits limits() {
        return limits;
    }

    /**
     * Takes a context for one call.
     *
     * @return a context with empty inputs and outputs
     */
    public ExecutionContext acquire() {
        ExecutionContext context;
        synchronized (idle) {
            context = idle.pollLast();
        }
        Graph graph = program.graph();
        return context != null
                ? context
                : new ExecutionContext(graph.inputs().size(), graph.outputs().size(), helpers, limits.maxPlanBytes());
    }

    /**
     * Gives a context back.
     *
     * @param context a context of this engine, whose call is over
     */
    public void release(ExecutionContext context) {
        context.clear();
        synchronized (idle) {
            idle.addLast(context);
        }
    }

    /**
     * The plan for the shapes of some inputs. Threads that come with new shapes plan at the same time, and nobody waits who
     * comes with others.
     *
     * @param inputs the inputs
     * @return the plan, made now if there is none
     * @throws TenonException if the shapes do not fit, or the thread is interrupted while kernels are to be measured
     */
    public Plan plan(Datum[] inputs) {
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
            return plan(inputs);
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
            Graph next = pipeline.get().settle(typed, new RewriteTrace());
            if (next == typed) {
                break;
            }
            graph = next;
            last = new Program(pipeline.get().finish(graph, new RewriteTrace()), program);
            plan = Planner.plan(last, key, limits.maxTensorBytes());
        }
        return choice == null ? plan : Planner.plan(last, key, limits.maxTensorBytes(), choice);
    }

    /**
     * Runs one call: the inputs are in the context, the outputs are there afterwards. The limits hold for what comes after
     * planning.
     *
     * @param context a context of this engine
     * @throws TenonException if the inputs do not fit or a limit is reached
     */
    public void run(ExecutionContext context) {
        Binding binding = binding(context);
        Allowance allowance = context.allowance();
        allowance.begin(limits);
        pool.begin();
        try {
            run(context, binding, allowance);
        } finally {
            pool.end();
        }
    }

    private Binding binding(ExecutionContext context) {
        Binding known = context.bound();
        return known != null ? known : context.bind(plan(context.inputs()));
    }

    private void run(ExecutionContext context, Binding binding, Allowance allowance) {
        Datum[] slots = context.slots(binding.plan().slots());
        checkOutputs(context, binding);
        try {
            copyIn(context, binding, slots);
            lendOutputs(context, binding);
            runSteps(context, binding, slots, allowance);
            copyOut(context, binding, slots);
        } catch (IllegalStateException e) {
            throw binding.caller().anyClosed() ? unreachable("an input or output", e) : e;
        } finally {
            binding.caller().giveBack();
        }
    }

    private void runSteps(ExecutionContext context, Binding binding, Datum[] slots, Allowance allowance) {
        int entered =
                binding.parallel() && (warm || pool.leavesRoom() || binding.isLong()) ? pool.enter(context.job()) : -1;
        try {
            if (context.recorder() == null) {
                for (BoundStep step : binding.steps()) {
                    runStep(context, step, slots, allowance, entered >= 0);
                }
            } else {
                runRecorded(context, binding, slots, allowance, entered >= 0);
            }
            if (!warm) {
                warm = true;
            }
        } finally {
            pool.leave(entered);
        }
    }

    private void runStep(
            ExecutionContext context, BoundStep step, Datum[] slots, Allowance allowance, boolean entered) {
        allowance.checkTime(step.node());
        switch (step) {
            case BoundKernel k -> runKernel(context, k, entered);
            case BoundDatum d -> new DatumRun(this, context, slots, allowance).run(d);
        }
    }

    private void runRecorded(
            ExecutionContext context, Binding binding, Datum[] slots, Allowance allowance, boolean entered) {
        long[] nanos = context.recorder().begin(program.graph(), binding.plan());
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            runStep(context, binding.steps()[i], slots, allowance, entered);
            nanos[i] = System.nanoTime() - start;
        }
    }

    private void copyIn(ExecutionContext context, Binding binding, Datum[] slots) {
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
                    throw unreachable(
                            "input '" + program.graph().inputs().get(i).name() + "'", e);
                }
            } else {
                slots[((Place.InSlot) binding.plan().inputs().get(i)).slot()] = given;
            }
        }
    }

    private static void lendOutputs(ExecutionContext context, Binding binding) {
        Tensor[] places = binding.outputs();
        for (int i = 0; i < places.length; i++) {
            if (places[i] != null && context.outputs()[i] != null) {
                binding.caller().lendOutput(i, (Tensor) context.outputs()[i]);
            }
        }
    }

    /** Refuses outputs of the caller of which the plan already knows that they do not fit. */
    private void checkOutputs(ExecutionContext context, Binding binding) {
        Tensor[] places = binding.outputs();
        for (int i = 0; i < places.length; i++) {
            if (places[i] != null && context.outputs()[i] != null) {
                checkOutput(i, (Tensor) context.outputs()[i], places[i]);
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

    private static InvalidInputException unreachable(String thing, RuntimeException e) {
        return new InvalidInputException(
                thing,
                "memory of an arena: " + e.getMessage(),
                "memory that this thread may use",
                "use Arena.ofAuto()");
    }

    private String outputName(int i) {
        return "output '" + program.graph().outputNames().get(i) + "'";
    }

    private void copyOut(ExecutionContext context, Binding binding, Datum[] slots) {
        Tensor[] places = binding.outputs();
        Datum[] outputs = context.outputs();
        for (int i = 0; i < places.length; i++) {
            if (outputs[i] == null && context.onlyGivenOutputs()
                    || binding.caller().hasOutput(i)) {
                continue;
            }
            Datum made = places[i] != null
                    ? places[i]
                    : slots[((Place.InSlot) binding.plan().outputs().get(i)).slot()];
            if (outputs[i] == null) {
                outputs[i] = DatumRun.owned(made);
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

    private void runKernel(ExecutionContext context, BoundKernel step, boolean entered) {
        Throwable failure = null;
        try {
            if (entered && step.shared() && pool.hasSpare()) {
                failure = runShared(context, step);
            } else {
                MemorySegment scratch = context.scratch().atLeast(step.kernel().scratchBytes());
                step.kernel().runAll(step.operands(), scratch);
            }
        } catch (RuntimeException e) {
            failure = e;
        }
        if (failure != null) {
            throw at(step.node(), failure);
        }
    }

    /** Runs the stages of a kernel one by one, with workers where a stage has parts for them. */
    private Throwable runShared(ExecutionContext context, BoundKernel step) {
        Throwable failure = null;
        for (Kernel stage = step.kernel(); stage != null && failure == null; stage = stage.next()) {
            if (Binding.isWorthSharing(stage)) {
                failure = pool.run(context.job(), stage, step.operands(), context.scratch());
            } else {
                stage.run(step.operands(), context.scratch().atLeast(stage.scratchBytes()), 0, stage.parts());
            }
        }
        return failure;
    }

    /** The same error with the node's name, which kernels do not know. */
    static RuntimeException at(Node node, Throwable failure) {
        return switch (failure) {
            case InvalidOperandException e -> {
                InvalidOperandException named =
                        new InvalidOperandException(node.toString(), e.found(), e.allowed(), e.cure());
                named.setStackTrace(e.getStackTrace());
                yield named;
            }
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(failure);
        };
    }

    /**
     * Runs a body of a control operator. Its kernels are not measured: it is planned in the middle of a call.
     *
     * @param node the control operator
     * @param body the body
     * @param inputs its inputs
     * @param allowance what the call may still take
     * @param recorder who is told how long steps take, or null
     * @return its outputs, owned by the caller
     */
    List<Datum> runBody(Node node, Graph body, List<Datum> inputs, Allowance allowance, StepRecorder recorder) {
        // A body may have no step of its own, and a loop no end.
        allowance.checkTime(node);
        allowance.takeRound(node);
        Engine engine;
        synchronized (bodies) {
            engine = bodies.computeIfAbsent(body, b -> {
                Pipeline passes = pipeline.get();
                Graph inside = passes.settle(b, new RewriteTrace());
                Program own = new Program(
                        passes.finish(inside, new RewriteTrace()),
                        program.kernels(),
                        program.capabilities(),
                        List.of());
                return new Engine(inside, own, pipeline, limits, helpers + 1, null);
            });
        }
        ExecutionContext context = engine.acquire();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                context.inputs()[i] = inputs.get(i);
            }
            if (recorder != null) {
                recorder.owner(engine.program.graph(), node);
                context.record(recorder);
            }
            engine.run(context, engine.binding(context), allowance);
            return List.of(context.outputs().clone());
        } finally {
            engine.release(context);
        }
    }
}
