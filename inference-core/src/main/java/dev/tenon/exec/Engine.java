package dev.tenon.exec;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.exec.Binding.BoundDatum;
import dev.tenon.exec.Binding.BoundKernel;
import dev.tenon.exec.Binding.BoundStep;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.JitWarmUp;
import dev.tenon.kernel.Kernel;
import dev.tenon.plan.Program;
import dev.tenon.tensor.Datum;
import dev.tenon.tune.Tuner;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a program: finds or makes the plan for the shapes of the inputs, takes a pooled context, runs the steps on the
 * calling thread with the help of the worker pool. Safe for any number of threads; each call has a context of its own.
 */
public final class Engine {
    private final Program program;
    private final Supplier<Pipeline> pipeline;
    private final RunLimits limits;
    private final Plans plans;
    private final Handover handover;
    private final WorkerPool pool;
    private final int helpers;
    private final ArrayDeque<ExecutionContext> idle = new ArrayDeque<>();
    private final Map<Graph, Engine> bodies = new IdentityHashMap<>();
    /** Whether a run has ended. */
    private volatile boolean warm;

    /**
     * An engine without plans.
     *
     * @param settled what the program was made of, as {@link Pipeline#simplify} left it
     * @param program what to run
     * @param pipeline gives what is done to graphs before they run, where there are such after the program
     * @param limits what a call may take
     * @param threads how many threads may work on one call, the caller included, at least 1
     * @param tuner what chooses the blocks of kernels of plans, or null
     */
    public Engine(
            Graph settled, Program program, Supplier<Pipeline> pipeline, RunLimits limits, int threads, Tuner tuner) {
        this(settled, program, pipeline, limits, threads, tuner, WorkerPool.shared());
    }

    /** The same, with workers of a pool of its own or of the process. */
    Engine(
            Graph settled,
            Program program,
            Supplier<Pipeline> pipeline,
            RunLimits limits,
            int threads,
            Tuner tuner,
            WorkerPool pool) {
        this.program = program;
        this.pipeline = pipeline;
        this.limits = limits;
        this.plans = new Plans(settled, program, pipeline, limits, tuner);
        this.handover = new Handover(program.graph());
        this.pool = pool;
        this.helpers = pool.helpers(threads);
    }

    /**
     * How many threads work on one call at most.
     *
     * @param threads how many may, the caller included, at least 1
     * @return as many of them as the process has, the caller included
     */
    public static int workers(int threads) {
        return WorkerPool.shared().helpers(threads) + 1;
    }

    /**
     * The program.
     *
     * @return what this engine runs
     */
    public Program program() {
        return program;
    }

    /**
     * The plans.
     *
     * @return those that there are, and what makes more
     */
    public Plans plans() {
        return plans;
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
            JitWarmUp.begin();
        } finally {
            pool.end();
        }
    }

    private Binding binding(ExecutionContext context) {
        Binding known = context.bound();
        return known != null ? known : context.bind(plans.of(context.inputs()));
    }

    private void run(ExecutionContext context, Binding binding, Allowance allowance) {
        Datum[] slots = context.slots(binding.plan().slots());
        handover.checkOutputs(context, binding);
        try {
            handover.copyIn(context, binding, slots);
            Handover.lendOutputs(context, binding);
            runSteps(context, binding, slots, allowance);
            handover.copyOut(context, binding, slots);
        } catch (IllegalStateException e) {
            throw binding.caller().anyClosed() ? Handover.unreachable("an input or output", e) : e;
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
        for (Kernel stage = step.kernel(); stage != null && failure == null; stage = stage.nextStage()) {
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
                Graph inside = passes.simplify(b, RewriteTrace.none());
                Program own = program.ofBody(passes.lower(inside, RewriteTrace.none()));
                return new Engine(inside, own, pipeline, limits, helpers + 1, null, pool);
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
