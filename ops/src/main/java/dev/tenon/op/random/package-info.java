/**
 * Operators that draw random numbers. Each is one record. With a seed, every call gives the same numbers, and so do two
 * nodes with the same seed. Without a seed, every call gives other numbers. The standard does not define the generator:
 * the numbers differ from those of other implementations.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record, its line
 * in {@code RandomOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.random;
