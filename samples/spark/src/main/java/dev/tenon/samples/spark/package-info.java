/** A job on {@code tenon-spark}, which reads and writes Parquet. Functions for Spark must not live here. */
package dev.tenon.samples.spark;
