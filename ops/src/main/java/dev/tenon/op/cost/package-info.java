/**
 * The cost of operators: {@link dev.tenon.op.cost.Cost}. {@code CostTable} is the one table of their arithmetic and of the
 * memory that they read and write; explanations, profiles and benchmarks count by it. The table is apart from the operators,
 * since most
 * operators cost the same as others of their kind, and nothing that computes depends on it.
 *
 * <p>Estimates of time do not belong here: they depend on kernels. An operator that does arithmetic gets a line in the
 * table; one that does none only moves its operands.
 */
package dev.tenon.op.cost;
