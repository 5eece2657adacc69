/**
 * Images as inputs of models: decoding, resizing, cropping, normalising. {@link dev.tenon.image.ImagePreprocessor} does it all;
 * {@link dev.tenon.image.Images} decodes files within limits.
 *
 * <p>Pixels are computed in bytes as the Python library Pillow does, because most vision models are trained on its results.
 * The package needs the module {@code java.desktop}, which a JVM without images may leave out. Operators on tensors, such as
 * {@code Resize}, do not belong here. A new filter is one constant of {@link dev.tenon.image.ResizeFilter}.
 */
package dev.tenon.image;
