package dev.tenon.formats.onnx.proto;

/**
 * A version of an operator domain that a model or function uses.
 *
 * @param domain the domain. {@code ""} and {@code "ai.onnx"} are the main domain
 * @param version the version
 */
public record OperatorSetId(String domain, long version) {}
