/**
 * Operators of neural networks: products of matrices, softmax, normalisations, convolution, pooling, one record each,
 * listed in {@link dev.tenon.op.nn.NnOps}. What several of them share stands beside them:
 * {@link dev.tenon.op.nn.MatrixProduct} (shapes and offsets of stacked products),
 * {@link dev.tenon.op.nn.SlidingWindow} (the geometry of convolution and pooling).
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code NnOps}, its cases.
 */
package dev.tenon.op.nn;
