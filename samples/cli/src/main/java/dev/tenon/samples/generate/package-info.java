/**
 * Text from a decoder of the caller's, as it is written.
 *
 * <p>Must not live here: what generates, which is in {@code dev.tenon.generation}.
 */
package dev.tenon.samples.generate;
