/**
 * Normalizers: what is done to a text before it is cut into pieces.
 *
 * <p>They change {@link dev.tenon.text.stage.AlignedText} through its own methods only, which keep the offsets. Must not
 * live here: the reading of files. A new normalizer is a method of {@link dev.tenon.text.normalize.Normalizers} or a class,
 * and a line in {@code NormalizerReader}.
 */
package dev.tenon.text.normalize;
