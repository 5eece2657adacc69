package dev.tenon.kernel;

/**
 * A convolution of float32 planes whose channels lie last: {@code [n, h, w, c]}.
 *
 * @param conv the convolution
 * @param weights how the weights lie, or null for row-major ones, {@code [m, c, h, w]}
 */
public record ChannelsLastConvProblem(ConvProblem conv, ChannelsLastWeights.Form weights) {}
