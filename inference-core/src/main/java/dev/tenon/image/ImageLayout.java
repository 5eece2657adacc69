package dev.tenon.image;

/** The order of the axes of an image tensor. */
public enum ImageLayout {
    /** {@code [batch, channels, height, width]}: usual for models from PyTorch. */
    NCHW,

    /** {@code [batch, height, width, channels]}: usual for models from TensorFlow. */
    NHWC
}
