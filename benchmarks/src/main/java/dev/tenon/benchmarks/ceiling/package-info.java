/**
 * The limits of the machine, measured in the same run as everything else: fused multiply-adds on registers, and copies in memory;
 * and the statistics of repeated measurements. Must not live here: engines and cases. To add a limit: a loop, a JMH benchmark of it,
 * and a record that compares a result with it.
 */
package dev.tenon.benchmarks.ceiling;
