/**
 * Scoring of Spark data sets: a function for {@code mapPartitions}, the session that the tasks of an executor share, and a job
 * that reads and writes Parquet.
 *
 * <p>Must not live here: models inside of closures. A model is a file that Spark gives to each executor once, not a value that
 * it serialises for each task. To take another type of column: add a case to {@link dev.tenon.spark.SparkRow}.
 */
package dev.tenon.spark;
