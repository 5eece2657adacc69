/** Tests of the benchmarks: that every case of every suite runs and computes what it says; none is timed. */
package dev.tenon.benchmarks;
