/**
 * The messages of the ONNX schema (IR version 14) as immutable records, their reader and their writer.
 *
 * <p>A record has the content of a message and no more: names are not resolved, types not checked, weights not decoded.
 * A string that the file does not have is {@code ""}, a list is empty, and a message is an empty
 * {@link java.util.Optional}. Bytes are read-only views of the file, so a record keeps the memory of the file alive.
 * Records with bytes are equal only if these are the same view.
 *
 * <p>{@code Graph}, {@code Op}, {@code Tensor} and code that interprets a model do not belong here. A new field of the
 * schema is a component of its record, a line in the reader and a line in the writer. Training information and
 * descriptions of several devices are not kept.
 */
package dev.tenon.formats.onnx.proto;
