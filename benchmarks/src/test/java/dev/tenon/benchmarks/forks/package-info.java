/** Tests of what forks report and are started with. */
package dev.tenon.benchmarks.forks;
