/**
 * Shared by the tests of all modules: cases of operators, memory between guards, comparison by the accuracy contract, trees
 * ({@link dev.tenon.testkit.TreeSketch}), the
 * bytes that calls allocate ({@link dev.tenon.testkit.Allocation}), the tier that a run tests
 * ({@link dev.tenon.testkit.Tier}), processors as data ({@link dev.tenon.testkit.Profile}), whether a run is exhaustive ({@link dev.tenon.testkit.Exhaustive}), and what a test
 * does if models or data are absent ({@link dev.tenon.testkit.TestData}).
 *
 * <p>Tests do not belong here. To add cases of an operator, write a class that implements
 * {@link dev.tenon.testkit.OpCases} in the operator's package.
 */
package dev.tenon.testkit;
