/**
 * Reading and writing model files: the parts that all formats share. These are the interfaces of readers and writers,
 * their options, limits and exceptions, the bytes of a file ({@link dev.tenon.formats.ModelBytes}) and the files that a
 * model may refer to ({@link dev.tenon.formats.ExternalData}).
 *
 * <p>A model is untrusted input. A reader checks the counts, lengths, offsets and levels in a file against the size of
 * the file and against {@link dev.tenon.formats.Limits} before it takes memory. A reader throws
 * {@link dev.tenon.error.TenonException} and nothing else.
 *
 * <p>Code for one format does not belong here. A new format is a package beside {@code onnx} with a
 * {@link dev.tenon.formats.ModelReader}, a {@link dev.tenon.formats.ModelWriter} or both, named in {@code module-info}
 * and in {@code META-INF/services}. It reads from {@code ModelBytes} and keeps the {@code Limits}.
 */
package dev.tenon.formats;
