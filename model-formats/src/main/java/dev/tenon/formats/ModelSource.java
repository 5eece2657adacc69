package dev.tenon.formats;

import dev.tenon.op.OpSet;

/**
 * What a reader reads from.
 *
 * @param bytes the file
 * @param external where tensors are found that the file only names
 * @param operators the operators that the model may use, in canonical form
 * @param limits what is accepted of an untrusted file
 */
public record ModelSource(ModelBytes bytes, ExternalData external, OpSet operators, Limits limits) {}
