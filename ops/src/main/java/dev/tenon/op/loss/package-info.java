/**
 * Losses of classification. One record each, listed in {@link dev.tenon.op.loss.LossOps}; how the losses of samples are
 * weighed and reduced is {@link dev.tenon.op.loss.ClassLoss}.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code LossOps}, its cases.
 */
package dev.tenon.op.loss;
