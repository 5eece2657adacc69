/**
 * What operators cost: {@link dev.tenon.op.cost.Costs} is the one table of their arithmetic and of the memory that they
 * touch, from which explanations, profiles and benchmarks count. It stands beside the operators rather than in each,
 * since most cost the same as their neighbours, and since nothing that computes depends on it.
 *
 * <p>What must not live here: estimates of time, which are a matter of kernels. An operator that does arithmetic gets a
 * line in the table; one that has none only moves its operands.
 */
package dev.tenon.op.cost;
