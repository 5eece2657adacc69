/**
 * From a graph to steps: a {@link dev.tenon.plan.Program} is a graph with its kernels and packed constants, once per
 * session, and once more for input dimensions that decide a branch, sharing the constants; a
 * {@link dev.tenon.plan.Plan} is the list of steps for one set of input dimensions, made by
 * {@link dev.tenon.plan.Planner}, with the places of all values in an arena laid out by
 * {@link dev.tenon.plan.MemoryPlan}.
 *
 * <p>Native memory for constants and calls is taken in one place, {@link dev.tenon.plan.NativeMemory}, which has much of
 * it moved onto large pages later.
 *
 * <p>The first plan is waited for. The JVM links a switch over types, and loads the class that the build makes of a lambda
 * or a method reference, when it first gets there, which takes it longer than the code takes: on the way of every plan
 * types are asked for one after the other, and loops are loops.
 *
 * <p>What must not live here: running. Plans are immutable and know no memory but that of constants.
 */
package dev.tenon.plan;
