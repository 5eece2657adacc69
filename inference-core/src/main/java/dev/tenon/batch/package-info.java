/**
 * The parts of serving that know no calls: rows of tensors, groups of equal shapes, the gain of running together, times
 * at which something is due, and the engine that computes. {@code dev.tenon.serving} puts them together.
 *
 * <p>Must not live here: anything that waits for outputs, or that users see. To add a part: a type that
 * {@code dev.tenon.serving} can be tested without.
 */
package dev.tenon.batch;
