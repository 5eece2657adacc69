/** Scoring of tables: rows of a CSV file through {@code TableInput} into a model, and its predictions into another file. */
package dev.tenon.samples.tables;
