/**
 * Random models of one operator, run by Tenon and by ONNX Runtime, which is called the peer.
 *
 * <p>A family of operators is a test class that extends {@link dev.tenon.differential.Family}. It has a
 * {@link dev.tenon.differential.Generator} for each operator, and a line in {@link dev.tenon.differential.Families}. If
 * the peer is wrong or does not have an operator, {@link dev.tenon.differential.Deviations} names the operator and the
 * expected results. A tolerance is never widened for the peer.
 *
 * <p>Each family is a jqwik property over a seed. {@link dev.tenon.differential.Draw} makes all random choices of a
 * model from the seed: operands, attributes and bodies. A failure prints the seed and the model. jqwik does not shrink,
 * because a smaller seed does not make a smaller model; all models are small. The seed of jqwik is fixed, so that a
 * build does not fail by chance.
 *
 * <p>{@code -Dtenon.differential.rounds=50} multiplies the number of models. {@code -Dtenon.differential.only=Add,Mul}
 * selects operators. {@code -Dtenon.differential.trace=true} prints each model before it runs, for models that end the
 * process.
 */
package dev.tenon.differential;
