/**
 * Random models of one operator, run here and by ONNX Runtime, the peer. A family of operators is a test class that
 * extends {@link dev.tenon.differential.Family} and maps each operator's name to its {@link
 * dev.tenon.differential.Generator}; it has a line in {@link dev.tenon.differential.Families}. Where the peer is wrong or
 * has no such operator, {@link dev.tenon.differential.Deviations} says so by name, and with what to compare instead: a
 * tolerance is never widened for its sake.
 *
 * <p>Each family is a jqwik property over a seed, and {@link dev.tenon.differential.Draw} makes of a seed whatever its
 * generators draw: operands, attributes, bodies. A failure prints the seed and the model. jqwik does not shrink, since a
 * smaller seed is no smaller model; models are small from the start instead. Its own seed is fixed, so that a build fails
 * for a change and not by chance.
 *
 * <p>{@code -Dtenon.differential.rounds=50} multiplies the models of a run; {@code -Dtenon.differential.only=Add,Mul}
 * keeps to some operators; {@code -Dtenon.differential.trace=true} prints each model beforehand, for those that end the
 * process.
 */
package dev.tenon.differential;
