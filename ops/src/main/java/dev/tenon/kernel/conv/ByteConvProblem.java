package dev.tenon.kernel.conv;

import dev.tenon.kernel.Window2d;

/** The problem of a convolution of 8-bit integers. */
interface ByteConvProblem {
    /** {@return the shape} */
    ConvShape shape();

    /** {@return the windows} */
    default Window2d window() {
        return shape().window();
    }

    /** {@return the batch size} */
    default int instances() {
        return shape().instances();
    }

    /** {@return the number of groups of channels} */
    default int groups() {
        return shape().groups();
    }

    /** {@return input channels of a group} */
    default int inputChannels() {
        return shape().inputChannels();
    }

    /** {@return output channels of a group} */
    default int outputChannels() {
        return shape().outputChannels();
    }
}
