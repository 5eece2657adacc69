/**
 * Runs graphs op by op through the operators' references: slow, obvious, and the oracle of rewrites and plans.
 *
 * <p>What must not live here: kernels, memory planning, anything fast.
 */
package dev.tenon.graph.interpret;
