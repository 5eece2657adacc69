/**
 * Operators that draw random numbers. One record each, listed in {@link dev.tenon.op.random.RandomOps}; where the
 * numbers come from is {@link dev.tenon.op.random.Draw}. With a seed, every call gives the same numbers, and so do two
 * nodes with the same seed; without, none are alike. The standard leaves the generator open: the numbers are not those
 * of other implementations.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code RandomOps}, its cases.
 */
package dev.tenon.op.random;
