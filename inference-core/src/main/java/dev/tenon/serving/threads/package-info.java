/**
 * {@code Batcher} and {@code TextGenerator} share these beside the threads of their callers: the one that ends calls by their
 * deadlines, tasks on an executor, and futures whose calls leave when their users complete them. Not exported.
 *
 * <p>Must not live here: anything that knows the inputs of a call, or a model.
 */
package dev.tenon.serving.threads;
