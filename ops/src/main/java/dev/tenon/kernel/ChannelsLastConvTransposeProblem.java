package dev.tenon.kernel;

/**
 * A transposed convolution of float32 planes whose channels lie last: {@code [n, h, w, c]}.
 *
 * @param conv the convolution that this is the adjoint of, as {@link ConvTransposeKernels} has it
 * @param packed whether the weights lie in {@link SeparateWindowPanels}; else they are row-major
 */
public record ChannelsLastConvTransposeProblem(ConvProblem conv, boolean packed) {}
