/**
 * Running plans: an {@link dev.tenon.exec.Executor} has the plans and the pooled contexts of one graph, an
 * {@link dev.tenon.exec.ExecutionContext} the memory of one call at a time, the {@link dev.tenon.exec.WorkerPool} the
 * threads of the process that help callers with kernels that are cut into parts. {@link dev.tenon.exec.PlanCache} finds the
 * plan for a call or has it made, {@link dev.tenon.exec.InputOutputTransfer} brings inputs in and outputs out, and
 * {@link dev.tenon.exec.ZeroCopyBinding} lets tensors of the caller stand in for inputs and outputs of the arena, and one
 * tensor for both where a kernel works in place. The stages of a kernel run one after the other, each spread over the
 * threads by itself.
 *
 * <p>What must not live here: choosing kernels or places for plans of known shapes, which is {@code dev.tenon.plan};
 * the public API.
 */
package dev.tenon.exec;
