/**
 * Training: the weights of a network learn to give the outputs of another one. The package is not exported.
 *
 * <p>{@code LossGraph} adds a loss to a network, {@code Program} runs it with its gradients for one shape of a batch, {@code Batches}
 * orders the samples, {@code Optimizer} changes the weights, {@code TrainingState} is all that a step changes, and {@code Checkpoint}
 * keeps it in a file. {@link dev.tenon.compression.train.Trainer} puts these together. Weights, moments and gradients are in native
 * memory: sessions read and write them where they are.
 *
 * <p>All that decides a result is a function of samples, options and seed: the order of samples comes from the seed and the number
 * of the epoch, sums have a fixed order, and budgets count epochs. So a run that goes on from its checkpoint ends with the bytes of a
 * run that was not ended, at any number of threads.
 *
 * <p>Must not live here: rules of gradients, which {@code dev.tenon.graph.gradient} has, and steps, which
 * {@code dev.tenon.compression.distill} has.
 *
 * <p>To add a loss: a constant of {@link dev.tenon.compression.train.LossTerm.Kind} and a case in {@code LossGraph}. To let a
 * constant at another operand be trained: a case in {@code TrainedWeights}.
 */
package dev.tenon.compression.train;
