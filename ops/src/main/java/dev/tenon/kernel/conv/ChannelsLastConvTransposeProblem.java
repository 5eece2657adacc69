package dev.tenon.kernel.conv;

import dev.tenon.kernel.table.ConvTransposeKernels;

/**
 * A transposed convolution of float32 planes whose channels lie last: {@code [n, h, w, c]}.
 *
 * @param conv the convolution that this is the adjoint of, as {@link ConvTransposeKernels} has it
 * @param packed whether the weights lie in {@code SeparateWindowPanels}; else they are row-major
 */
public record ChannelsLastConvTransposeProblem(ConvProblem conv, boolean packed) {}
