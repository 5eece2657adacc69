/**
 * The runs of a model for calls that are there: rows of tensors, groups of equal shapes, the gain of running together, the
 * proof that rows may, and the engine that computes. {@code Runner} runs a batch for {@code dev.tenon.serving.batch},
 * {@code ListRun} a list of calls for {@code dev.tenon.serving.bulk}; both report to {@code Reports}.
 *
 * <p>Must not live here: anything that waits, queues or wakes, and anything that users see. To add a part: a type that can be
 * tested without a batcher.
 */
package dev.tenon.serving.run;
