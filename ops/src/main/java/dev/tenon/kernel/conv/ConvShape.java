package dev.tenon.kernel.conv;

import dev.tenon.kernel.Window2d;

/**
 * The shape of a convolution.
 *
 * @param window the windows
 * @param instances the batch size
 * @param groups the number of groups of channels
 * @param inputChannels input channels of a group
 * @param outputChannels output channels of a group
 */
public record ConvShape(Window2d window, int instances, int groups, int inputChannels, int outputChannels) {}
