package dev.tenon.formats.onnx.proto;

/**
 * A key and its value (StringStringEntryProto): metadata, or one property of external data.
 *
 * @param key the key
 * @param value the value
 */
public record StringEntry(String key, String value) {}
