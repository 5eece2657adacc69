/**
 * The messages of the ONNX schema (IR version 14) as immutable records, their reader and their writer.
 *
 * <p>A record says what a file says, no more: names are not resolved, types not checked, weights not decoded. Strings are
 * {@code ""} where the file has none, lists are empty, messages that may be absent are {@link java.util.Optional}. Bytes
 * are read-only views of the file, so a record keeps the file's memory alive; two records that hold bytes are equal only
 * if these are the same view.
 *
 * <p>What must not live here: {@code Graph}, {@code Op}, {@code Tensor}, or anything that interprets a model. A new field
 * of the schema is a component of its record, one line in the reader and one in the writer. Not kept from a file:
 * training information and the descriptions of multi-device set-ups, which inference has no use for.
 */
package dev.tenon.formats.onnx.proto;
