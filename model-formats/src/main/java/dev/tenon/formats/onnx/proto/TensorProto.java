package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.Scalars;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A tensor as it is in the file, unchecked. Its elements are in {@code rawData}, in the typed field for its data type,
 * or in another file.
 *
 * @param name its name
 * @param dataType the number of its element type, untrusted
 * @param dims its dimensions, untrusted
 * @param rawData the elements as little-endian bytes
 * @param floatData elements of float, and of complex64 in pairs
 * @param int32Data elements of up to 32 bits that are no float32. Elements of less than 8 bits are packed into bytes,
 *     and each number is a byte
 * @param int64Data elements of int64
 * @param doubleData elements of double, and of complex128 in pairs
 * @param uint64Data elements of uint32 and uint64
 * @param stringData elements of string
 * @param external whether the elements are in another file
 * @param externalData the place of the elements: {@code location}, {@code offset}, {@code length}
 * @param docString documentation
 * @param metadata named values
 */
public record TensorProto(
        String name,
        int dataType,
        List<Long> dims,
        Optional<MemorySegment> rawData,
        Scalars floatData,
        Scalars int32Data,
        Scalars int64Data,
        Scalars doubleData,
        Scalars uint64Data,
        List<MemorySegment> stringData,
        boolean external,
        List<StringEntry> externalData,
        String docString,
        List<StringEntry> metadata) {
    private static final Scalars NO_INTS = Scalars.none(Scalars.Encoding.VARINT);
    private static final Scalars NO_FLOATS = Scalars.none(Scalars.Encoding.FIXED32);
    private static final Scalars NO_DOUBLES = Scalars.none(Scalars.Encoding.FIXED64);

    /** Copies the lists. */
    public TensorProto {
        dims = List.copyOf(dims);
        stringData = List.copyOf(stringData);
        externalData = List.copyOf(externalData);
        metadata = List.copyOf(metadata);
    }

    /**
     * A tensor of raw bytes.
     *
     * @param name its name
     * @param dataType the number of its element type
     * @param dims its dimensions
     * @param rawData its elements, little-endian, row-major
     * @return the tensor
     */
    public static TensorProto ofRaw(String name, int dataType, List<Long> dims, MemorySegment rawData) {
        return bare(name, dataType, dims, Optional.of(rawData.asReadOnly()), List.of(), false, List.of());
    }

    /**
     * A tensor of strings.
     *
     * @param name its name
     * @param dims its dimensions
     * @param strings the bytes of its elements, row-major
     * @return the tensor
     */
    public static TensorProto ofStrings(String name, List<Long> dims, List<MemorySegment> strings) {
        return bare(name, 8, dims, Optional.empty(), strings, false, List.of());
    }

    /**
     * A tensor whose elements are in another file.
     *
     * @param name its name
     * @param dataType the number of its element type
     * @param dims its dimensions
     * @param externalData the place of the elements: {@code location}, {@code offset}, {@code length}
     * @return the tensor
     */
    public static TensorProto ofExternal(String name, int dataType, List<Long> dims, List<StringEntry> externalData) {
        return bare(name, dataType, dims, Optional.empty(), List.of(), true, externalData);
    }

    private static TensorProto bare(
            String name,
            int dataType,
            List<Long> dims,
            Optional<MemorySegment> rawData,
            List<MemorySegment> strings,
            boolean external,
            List<StringEntry> externalData) {
        return new TensorProto(
                name,
                dataType,
                dims,
                rawData,
                NO_FLOATS,
                NO_INTS,
                NO_INTS,
                NO_DOUBLES,
                NO_INTS,
                strings,
                external,
                externalData,
                "",
                List.of());
    }
}
