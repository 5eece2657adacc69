/**
 * Scoring of Spark data sets: {@link dev.tenon.spark.TenonScorer} with a function for partitions and one for columns and SQL,
 * and the session that the tasks of an executor share.
 *
 * <p>Must not live here: models inside of closures. A model is a file that Spark gives to each executor once, not a value that
 * it serialises for each task. To take another type of column: add a case to {@code SparkRow}. To give another type of
 * output: add one to {@code OutputCell}.
 */
package dev.tenon.spark;
