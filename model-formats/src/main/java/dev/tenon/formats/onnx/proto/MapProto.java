package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.Scalars;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A map, in a data file: keys and values of equal number.
 *
 * @param name its name
 * @param keyType the number of the element type of the keys, an integer type or string. Untrusted
 * @param keys integer keys, {@link Scalars.Encoding#VARINT}
 * @param stringKeys string keys
 * @param values the values, in the order of the keys
 */
public record MapProto(
        String name, int keyType, Scalars keys, List<MemorySegment> stringKeys, Optional<SequenceProto> values) {
    /** Copies the list. */
    public MapProto {
        stringKeys = List.copyOf(stringKeys);
    }
}
