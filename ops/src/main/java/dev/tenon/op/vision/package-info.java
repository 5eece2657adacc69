/**
 * Operators on images and other grids of samples: resizing, sampling, transposed and deformable convolution, the less
 * common poolings, regions of interest, decoding; one record each, listed in {@link dev.tenon.op.vision.VisionOps}.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code VisionOps}, its cases.
 */
package dev.tenon.op.vision;
