package dev.tenon.kernel.conv;

/**
 * A transposed convolution of float32 images in the channels-last layout (NHWC), {@code [n, h, w, c]}.
 *
 * @param conv the forward convolution that this one transposes: its window slides over the output of this operator, and
 *     its windows are the pixels of the input
 * @param packed whether the weights are packed in {@code ConvTransposePanelLayout}; else they are row-major
 */
public record ChannelsLastConvTransposeProblem(ConvProblem conv, boolean packed) {}
