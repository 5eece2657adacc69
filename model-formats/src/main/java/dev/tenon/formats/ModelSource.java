package dev.tenon.formats;

import dev.tenon.op.OpSet;

/**
 * The input of a reader.
 *
 * @param bytes the file
 * @param external finds tensors that are in other files
 * @param operators the operators that the model may use, in canonical form
 * @param limits the limits for an untrusted file
 */
public record ModelSource(ModelBytes bytes, ExternalData external, OpSet operators, Limits limits) {}
