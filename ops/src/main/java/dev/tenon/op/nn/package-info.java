/**
 * Operators of neural networks: matrix multiplication, softmax, normalisations, convolution, pooling. Each is one record.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record, its line
 * in {@code NnOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.nn;
