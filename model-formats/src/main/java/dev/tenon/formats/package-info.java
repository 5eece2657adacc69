/**
 * What every model format shares: the limits a reader keeps, the exceptions it throws, the bytes it reads
 * ({@link dev.tenon.formats.ModelBytes}) and the files a model may refer to ({@link dev.tenon.formats.ExternalData}).
 *
 * <p>A model is untrusted input. Whatever a file says about counts, lengths, offsets and nesting is checked against the
 * file's own size and against {@link dev.tenon.formats.Limits} before memory is taken. A reader throws
 * {@link dev.tenon.error.TenonException} and nothing else.
 *
 * <p>What must not live here: anything that knows one format. A new format is a package beside {@code onnx} that reads
 * from {@code ModelBytes}, keeps the {@code Limits} and reports through the exceptions of this package.
 */
package dev.tenon.formats;
