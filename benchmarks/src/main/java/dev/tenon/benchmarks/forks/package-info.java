/**
 * Forks of JMH, one at a time: {@link dev.tenon.benchmarks.forks.ForkRunner} runs one benchmark in a JVM of its own, and returns
 * its times and the tiers of Tenon that were active there.
 *
 * <p>Must not live here: the order of forks, which {@code Compare} decides, and programs without JMH, see {@code fresh}.
 */
package dev.tenon.benchmarks.forks;
