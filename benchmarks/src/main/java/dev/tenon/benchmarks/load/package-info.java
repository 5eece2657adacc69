/**
 * Load on a model: calls arrive at random times, whether earlier ones have ended or not, and their latency counts from the
 * time at which they should have begun. {@code benchmarks/run load} starts {@link dev.tenon.benchmarks.load.LoadRun}.
 * {@code benchmarks/run serving} starts {@link dev.tenon.benchmarks.load.ServingRun}, which prints figures beside their bars.
 *
 * <p>Must not live here: benchmarks of single calls. To add an engine: a {@code LoadTarget}, and a line in {@code LoadRun}. To
 * add figures: a class like {@code CanaryFigures}, and a line in {@code ServingRun}.
 */
package dev.tenon.benchmarks.load;
