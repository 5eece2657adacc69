/**
 * What {@code Batcher} and {@code TextGenerator} need of threads beside those of their callers: the one that ends calls by their
 * deadlines, and tasks on an executor. Not exported.
 *
 * <p>Must not live here: anything that knows a call or a model.
 */
package dev.tenon.serving.threads;
