package dev.tenon.formats.onnx.proto;

import java.util.List;
import java.util.Optional;

/**
 * The name and type of a value.
 *
 * @param name its name
 * @param type its type, if the file gives one
 * @param docString documentation
 * @param metadata named values
 */
public record ValueInfoProto(String name, Optional<TypeProto> type, String docString, List<StringEntry> metadata) {
    /** Copies the list. */
    public ValueInfoProto {
        metadata = List.copyOf(metadata);
    }
}
