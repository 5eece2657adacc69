/**
 * Types that the tests of all modules share: cases of operators ({@link dev.tenon.testkit.OpCases}), memory between guards
 * ({@link dev.tenon.testkit.GuardedMemory}), comparison by the accuracy contract ({@link dev.tenon.testkit.Closeness}),
 * allocation of calls ({@link dev.tenon.testkit.Allocation}), the tier of a run ({@link dev.tenon.testkit.Tier}), and data
 * that may be missing ({@link dev.tenon.testkit.TestData}).
 *
 * <p>Tests do not belong here. To add cases of an operator, write a class that implements
 * {@link dev.tenon.testkit.OpCases} in the operator's package.
 */
package dev.tenon.testkit;
