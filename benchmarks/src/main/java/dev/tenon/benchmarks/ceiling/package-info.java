/**
 * The limits of the machine, measured in the same run as everything else: fused multiply-adds on registers, the instructions of
 * kernels in machine code, and copies in memory; and the statistics of repeated measurements. Must not live here: engines and
 * cases. To add a limit: a loop, a JMH benchmark of it, and a record that compares a result with it. To add an instruction: a
 * constant of {@link dev.tenon.benchmarks.ceiling.Instruction}.
 */
package dev.tenon.benchmarks.ceiling;
