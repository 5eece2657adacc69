/** Tests of the engines that are compared. */
package dev.tenon.benchmarks.engine;
