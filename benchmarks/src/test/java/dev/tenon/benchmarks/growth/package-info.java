/** Tests of how the work on a model grows with its size, without a clock. */
package dev.tenon.benchmarks.growth;
