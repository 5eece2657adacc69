/** Tests of the loops that measure the limits of a machine. */
package dev.tenon.benchmarks.ceiling;
