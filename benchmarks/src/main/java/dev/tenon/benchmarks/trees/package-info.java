/**
 * Forests in several engines: trained once by their tools and kept in files, and called on the rows of a table in turn. JPMML reads
 * the PMML file that {@code PmmlFile} writes.
 * Suites do not belong here.
 */
package dev.tenon.benchmarks.trees;
