/**
 * Load on a model: calls arrive at random times, whether earlier ones have ended or not, and their latency counts from the
 * time at which they should have begun. {@code benchmarks/run load} starts {@link dev.tenon.benchmarks.load.LoadRun}.
 *
 * <p>Must not live here: benchmarks of single calls. To add an engine: a {@code LoadTarget}, and a line in {@code LoadRun}.
 */
package dev.tenon.benchmarks.load;
