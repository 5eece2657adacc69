/**
 * Tests of the benchmarks. They check that each case of each suite runs and computes the right result. They check no
 * times.
 */
package dev.tenon.benchmarks;
