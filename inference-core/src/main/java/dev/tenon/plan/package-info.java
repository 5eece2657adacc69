/**
 * From a graph to the steps of a call. Read {@link dev.tenon.plan.Compiler} first, then {@link dev.tenon.plan.Planner}, then
 * {@link dev.tenon.plan.Step}.
 *
 * <ul>
 *   <li>{@link dev.tenon.plan.Compiler} optimises a graph and makes a {@link dev.tenon.plan.Program} of it: the graph
 *       with its kernels and packed constants, once for a session. It makes further programs for bodies of control
 *       operators, and for input shapes that decide a branch.
 *   <li>{@link dev.tenon.plan.Planner} makes a {@link dev.tenon.plan.Plan} for each set of input shapes: the list of
 *       steps, and the location of every value.
 *   <li>{@link dev.tenon.plan.MemoryPlan} gives every buffer of a plan a place in one arena.
 *   <li>{@link dev.tenon.plan.NativeMemory} takes the native memory for constants and calls, and has large pieces moved
 *       onto large pages.
 * </ul>
 *
 * <p>Must not live here: running. Plans are immutable and have no memory but that of constants.
 *
 * <p>The first result of a process waits for the first plan, most of whose time the JVM spends on loading classes. Code
 * on the way of every plan therefore prefers plain loops and {@code instanceof} to streams and switches over types.
 *
 * <p>To add a way to avoid a step or a copy: a method of {@code BufferSharing} that is tried before a kernel is selected,
 * with a name for the trace that {@link dev.tenon.plan.Planner#trace} returns.
 */
package dev.tenon.plan;
