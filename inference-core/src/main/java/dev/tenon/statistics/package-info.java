/**
 * Plain statistics: tests of distributions, tails, changes of a mean, percentiles of latencies. They know numbers only.
 *
 * <p>Must not live here: anything that knows models, calls or threads. To add a test: a class with the source of its
 * formula, and vectors of another implementation in its test.
 */
package dev.tenon.statistics;
