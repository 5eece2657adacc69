/**
 * Forests in several engines: trained once by their tools and kept in files, and called on the rows of a table in turn. {@link
 * dev.tenon.benchmarks.trees.TreesCase} is the case of suite {@code trees}. JPMML reads the PMML file that {@code PmmlFile} writes.
 * Must not live here: other models. To add an engine of forests: a class that implements {@link
 * dev.tenon.benchmarks.engine.PreparedRun}, and a line in {@code TreesCase}.
 */
package dev.tenon.benchmarks.trees;
