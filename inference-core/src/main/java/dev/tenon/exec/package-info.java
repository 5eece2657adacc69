/**
 * Runs plans. Read {@link dev.tenon.exec.Executor#run} first, and follow it.
 *
 * <ul>
 *   <li>{@link dev.tenon.exec.Executor} runs the steps of a plan. It has the plans and the contexts of one program.
 *   <li>{@link dev.tenon.exec.ExecutionContext} is the memory of one call at a time. Contexts are pooled.
 *   <li>{@link dev.tenon.exec.PlanCache} finds the plan for a call, or makes it. The programs of a session share one bound of
 *       memory for plans. {@link dev.tenon.exec.BodyExecutors} has the executors of the bodies of a program.
 *   <li>{@link dev.tenon.exec.BoundPlan} is a plan whose operands are memory of a context.
 *   <li>{@link dev.tenon.exec.InputOutputTransfer} copies inputs in and outputs out.
 *       {@link dev.tenon.exec.ZeroCopyBinding} avoids the copies where tensors of the caller can be operands.
 *   <li>{@link dev.tenon.exec.DynamicStepRunner} runs steps whose shapes are only known during the call.
 *   <li>{@link dev.tenon.exec.WorkerPool} has the threads that run parts of kernels for the callers. A kernel of
 *       several stages runs them one after the other; each stage is divided among the threads by itself.
 * </ul>
 *
 * <p>Must not live here: the selection of kernels and locations for known shapes, which is in
 * {@code dev.tenon.plan}; the public API.
 *
 * <p>To add a kind of step: a record in {@link dev.tenon.plan.Step}, its bound form in
 * {@link dev.tenon.exec.BoundPlan}, and a case in {@link dev.tenon.exec.Executor}.
 */
package dev.tenon.exec;
