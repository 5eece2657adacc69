/**
 * JMH benchmarks of parts of Tenon that are no models: tokenizers, the optimizer, the layer around {@code predict}. They belong to
 * no suite; JMH runs them by name.
 *
 * <p>Must not live here: computations that other engines of models do too, see {@code cases}. To add one: a class with JMH
 * annotations.
 */
package dev.tenon.benchmarks.parts;
