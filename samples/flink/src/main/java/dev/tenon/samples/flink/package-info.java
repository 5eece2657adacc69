/**
 * Scoring of Flink streams: an asynchronous function, and the batchers that the tasks of a task manager share.
 *
 * <p>Must not live here: models inside of functions. A model is a file that each task manager reads once, not a value that Flink
 * serialises for each task. To take another kind of record: implement {@link dev.tenon.samples.flink.Scorer}.
 */
package dev.tenon.samples.flink;
