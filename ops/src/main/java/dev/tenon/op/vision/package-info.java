/**
 * Operators on images and other grids of samples: resizing, sampling, transposed and deformable convolution, the less
 * common kinds of pooling, regions of interest, decoding. Each is one record.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record, its line
 * in {@code VisionOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.vision;
