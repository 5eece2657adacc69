/**
 * What tests of all modules share: cases of operators, memory between guards, comparison by the accuracy contract, what
 * calls allocate ({@link dev.tenon.testkit.Allocation}), the tier that a run is about, and what to do where models or data are absent ({@link dev.tenon.testkit.TestData}).
 *
 * <p>What must not live here: tests. To add cases of an operator: a class that implements
 * {@link dev.tenon.testkit.OpCases}, in the operator's package.
 */
package dev.tenon.testkit;
