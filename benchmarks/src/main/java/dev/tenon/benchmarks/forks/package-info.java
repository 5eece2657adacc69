/**
 * Forks of JMH, one at a time: {@link dev.tenon.benchmarks.forks.ForkRunner} runs one benchmark in a JVM of its own, and returns
 * its times, its memory and the tiers of Tenon that were active there. A profiler of JMH reports
 * from a fork, or says what is before its command.
 *
 * <p>Must not live here: the order of forks, which {@code Compare} decides, and programs without JMH, see {@code fresh}.
 */
package dev.tenon.benchmarks.forks;
