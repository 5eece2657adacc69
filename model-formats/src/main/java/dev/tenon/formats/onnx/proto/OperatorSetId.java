package dev.tenon.formats.onnx.proto;

/**
 * A version of an operator domain that a model or function uses.
 *
 * @param domain the domain; {@code ""} and {@code "ai.onnx"} are the standard's own
 * @param version the version
 */
public record OperatorSetId(String domain, long version) {}
