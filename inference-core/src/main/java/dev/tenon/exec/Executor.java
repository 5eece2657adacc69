package dev.tenon.exec;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.exec.BoundPlan.BoundDynamicStep;
import dev.tenon.exec.BoundPlan.BoundKernelStep;
import dev.tenon.exec.BoundPlan.BoundStep;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.kernel.BudgetedRun;
import dev.tenon.kernel.Kernel;
import dev.tenon.plan.Compiler;
import dev.tenon.plan.Program;
import dev.tenon.tensor.Datum;
import dev.tenon.tune.Tuner;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Runs a program. It finds or makes the plan for the shapes of the inputs, takes a pooled context, and runs the steps
 * on the calling thread with the help of the worker pool. Safe for any number of threads; each call has a context of
 * its own.
 */
public final class Executor {
    private final Program program;
    private final CallLimits limits;
    private final BodyExecutors bodies;
    private final PlanCache plans;
    private final InputOutputTransfer transfer;
    private final WorkerPool pool;
    private final int helpers;
    private final IdleContexts idle;
    /** How many programs share the bound of the plans: this one and, about, its bodies. */
    private final int programs;
    /** Whether the inputs are those of a body, which a caller does not know. */
    private final boolean isBody;
    /** Whether a run has ended. */
    private volatile boolean warm;

    /**
     * An executor without plans.
     *
     * @param program the program to run
     * @param compiler compiles bodies, and graphs for known shapes, during calls
     * @param limits the limits of a call
     * @param threads how many threads may work on one call, the caller included, at least 1
     * @param tuner chooses the block sizes of kernels in plans, or null
     */
    public Executor(Program program, Compiler compiler, CallLimits limits, int threads, Tuner tuner) {
        this(program, compiler, limits, threads, tuner, WorkerPool.shared());
    }

    /** An executor with a worker pool that need not be that of the process. */
    Executor(Program program, Compiler compiler, CallLimits limits, int threads, Tuner tuner, WorkerPool pool) {
        this.program = program;
        this.limits = limits;
        this.isBody = false;
        this.programs = programs(program.graph());
        this.transfer = new InputOutputTransfer(program.graph());
        this.pool = pool;
        this.helpers = pool.helpers(threads);
        this.bodies = bodies(compiler);
        this.plans = new PlanCache(program, compiler, limits, tuner, bodies, null);
        this.idle = new IdleContexts(this::context, program.nativeMemory()::giveBack);
    }

    /** The executor of a body of another executor's program. Its kernels are not measured: it is planned during a call. */
    private Executor(Program body, Compiler compiler, Executor outer) {
        this.program = body;
        this.limits = outer.limits;
        this.isBody = true;
        this.programs = outer.programs;
        this.transfer = new InputOutputTransfer(body.graph());
        this.pool = outer.pool;
        this.helpers = outer.helpers;
        this.bodies = bodies(compiler);
        this.plans = new PlanCache(body, compiler, limits, null, bodies, outer.plans);
        this.idle = new IdleContexts(this::context, () -> {});
    }

    private BodyExecutors bodies(Compiler compiler) {
        return new BodyExecutors(
                program, (body, owner) -> new Executor(compiler.compileBody(body, owner), compiler, this));
    }

    /** The number of graphs: a graph, its bodies, and theirs. */
    private static int programs(Graph graph) {
        int count = 1;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    count += programs(body);
                }
            }
        }
        return count;
    }

    /**
     * The largest number of threads that work on one call.
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
     * @return the program that this executor runs
     */
    public Program program() {
        return program;
    }

    /**
     * The plans.
     *
     * @return the cache of this executor's plans
     */
    public PlanCache plans() {
        return plans;
    }

    /** The executors of the bodies of the program of all shapes. */
    BodyExecutors bodies() {
        return bodies;
    }

    CallLimits limits() {
        return limits;
    }

    /**
     * Takes a context for one call.
     *
     * @return a context with empty inputs and outputs; null after {@link #retire}
     */
    public ExecutionContext acquire() {
        StackRoom.require();
        return idle.take();
    }

    private ExecutionContext context() {
        return new ExecutionContext(this, helpers, limits.maxPlanBytes() / IdleContexts.KEPT / programs);
    }

    /**
     * Takes no more calls, and gives back the native memory of the program, its plans and its contexts as soon as no call
     * uses it: now, or when the last call ends.
     */
    public void retire() {
        idle.close();
    }

    /**
     * Returns a context to the pool.
     *
     * @param context a context that {@link #acquire} gave; it must not be used any more
     */
    public void release(ExecutionContext context) {
        context.clear();
        idle.add(context);
    }

    /**
     * Runs one call. The inputs are in the context before, the outputs are in it afterwards. Planning for new shapes
     * has a budget of its own, within the time of the call.
     *
     * @param context a context of this executor
     * @throws TenonException if the inputs do not fit or a limit is reached
     */
    public void run(ExecutionContext context) {
        CallBudget budget = context.budget();
        budget.begin(limits, context.stop());
        BoundPlan bound = bind(context, budget.work());
        context.begin(pool);
        WorkBudget before = WorkBudget.current();
        try {
            budget.work().enter();
            run(context, bound, budget);
        } finally {
            context.end();
            WorkBudget.leave(before);
        }
    }

    private BoundPlan bind(ExecutionContext context, WorkBudget call) {
        BoundPlan known = context.bound();
        return known != null ? known : context.bind(plans.cached(context.inputs(), call));
    }

    private void run(ExecutionContext context, BoundPlan bound, CallBudget budget) {
        Datum[] slots = context.slots(bound.plan().slots());
        try {
            bound.states().bind(context);
            transfer.checkOutputs(context, bound);
            transfer.copyIn(context, bound, slots);
            InputOutputTransfer.bindOutputs(context, bound);
            runSteps(context, bound, slots, budget);
            transfer.copyOut(context, bound, slots);
        } catch (IllegalStateException e) {
            boolean closed = bound.zeroCopy().anyClosed() || bound.states().anyClosed();
            throw closed ? InputOutputTransfer.unreachable("an input or output", e) : e;
        } finally {
            bound.zeroCopy().unbind();
            bound.states().unbind();
        }
    }

    private void runSteps(ExecutionContext context, BoundPlan bound, Datum[] slots, CallBudget budget) {
        boolean offered = bound.parallel() && (warm || pool.leavesRoom() || bound.isLong()) && context.offer(pool);
        try {
            if (context.recorder() == null) {
                for (BoundStep step : bound.steps()) {
                    runStep(context, step, slots, budget, offered);
                }
            } else {
                runRecorded(context, bound, slots, budget, offered);
            }
            if (!warm) {
                warm = true;
            }
        } finally {
            context.withdraw();
        }
    }

    private void runStep(ExecutionContext context, BoundStep step, Datum[] slots, CallBudget budget, boolean entered) {
        try {
            switch (step) {
                case BoundKernelStep k -> {
                    budget.takeStep(k.node(), k.nanos());
                    runKernel(context, k, entered, budget.work());
                }
                case BoundDynamicStep d -> {
                    budget.takeStep(d.node(), 0);
                    new DynamicStepRunner(this, context, slots, budget).run(d);
                }
            }
        } catch (InvalidOperandException e) {
            throw isBody
                    ? e
                    : new IndexOrigin(context.bound().plan().program().graph(), context.inputs())
                            .traced(e, step.node());
        }
    }

    private void runRecorded(
            ExecutionContext context, BoundPlan bound, Datum[] slots, CallBudget budget, boolean entered) {
        StepRecorder recorder = context.recorder();
        long[] nanos = recorder.begin(program.graph(), bound.plan());
        context.job().record(recorder);
        for (int i = 0; i < nanos.length; i++) {
            recorder.atStep(bound.plan(), i);
            long start = System.nanoTime();
            runStep(context, bound.steps()[i], slots, budget, entered);
            long end = System.nanoTime();
            nanos[i] = end - start;
            recorder.step(bound.plan(), i, start, end);
        }
    }

    private void runKernel(ExecutionContext context, BoundKernelStep step, boolean entered, WorkBudget work) {
        Throwable failure = null;
        try {
            if (entered && step.shared() && pool.hasSpare()) {
                failure = runShared(context, step, work);
            } else {
                MemorySegment scratch = context.scratch().atLeast(step.kernel().scratchBytes());
                BudgetedRun.all(step.kernel(), step.operands(), scratch, work);
            }
        } catch (RuntimeException e) {
            failure = e;
        }
        if (failure != null) {
            throw withNode(step.node(), failure);
        }
    }

    /** Runs the stages of a kernel one by one. Workers help with a stage that has enough parts. */
    private Throwable runShared(ExecutionContext context, BoundKernelStep step, WorkBudget work) {
        Throwable failure = null;
        for (Kernel stage = step.kernel(); stage != null && failure == null; stage = stage.nextStage()) {
            if (BoundPlan.isWorthSharing(stage)) {
                failure = pool.run(context.job(), stage, step.operands(), context.scratch(), work);
            } else {
                BudgetedRun.stage(stage, step.operands(), context.scratch().atLeast(stage.scratchBytes()), work);
            }
        }
        return failure;
    }

    /** The same error with the name of the node, which kernels do not know. */
    static RuntimeException withNode(Node node, Throwable failure) {
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
     * Runs a body of a control operator.
     *
     * @param node the control operator
     * @param executor the executor of the body
     * @param inputs its inputs
     * @param budget the budget of the call
     * @param recorder records how long steps take, or null
     * @return its outputs, owned by the caller
     */
    static List<Datum> runBody(
            Node node, Executor executor, List<Datum> inputs, CallBudget budget, StepRecorder recorder) {
        // A body may have no step that checks the time, and a loop may have no end.
        budget.takeStep(node, 0);
        budget.takeIteration(node);
        ExecutionContext context = executor.acquire();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                context.inputs()[i] = inputs.get(i);
            }
            if (recorder != null) {
                recorder.owner(executor.program.graph(), node);
                context.record(recorder);
            }
            executor.run(context, executor.bind(context, budget.work()), budget);
            return List.of(context.outputs().clone());
        } finally {
            executor.release(context);
        }
    }
}
