package dev.tenon.formats.onnx.data;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Converts tensors between the messages of ONNX files and Tenon.
 *
 * <p>The size that a file claims is compared with the data that it has before memory is taken. Raw data, external data
 * and floats in their typed fields stay where they are: the tensor is a read-only view of the file. Other typed fields
 * are decoded to the heap. All methods may be called from any number of threads.
 */
public final class OnnxTensors {
    private static final long LARGEST_ON_HEAP = 1L << 30;
    private static final long STRING_REFERENCE_BYTES = 8;

    private OnnxTensors() {}

    /**
     * The tensor that a message describes.
     *
     * @param proto the message
     * @param externalData finds the files that it may refer to
     * @param limits what to accept
     * @return the tensor, read-only where it is a view
     * @throws MalformedModelException if dimensions, type and data do not fit together
     * @throws UnsupportedModelException if the element type is unknown, or the host is not little-endian
     * @throws ResourceLimitException if it is larger than the limits or the heap allow
     * @throws ModelFileException if an external file can't be had
     */
    public static Tensor toTensor(TensorProto proto, ExternalData externalData, Limits limits) {
        String thing = "tensor '" + proto.name() + "'";
        ModelBytes.requireLittleEndian(thing);
        DType type = ElementTypes.of(thing, proto.dataType());
        long[] dims = dims(thing, proto.dims(), limits);
        long elements = limits.elements(thing, dims);
        long bytes = limits.tensorBytes(thing, type.byteSize(elements));
        return ModelBytes.guarded(thing, () -> {
            if (proto.external()) {
                return external(thing, proto, type, dims, bytes, externalData);
            }
            boolean typed = hasTypedData(proto);
            if (proto.rawData().isPresent() && (!typed || proto.rawData().get().byteSize() > 0)) {
                return raw(thing, proto, type, dims, elements, typed);
            }
            return typed(thing, proto, type, dims, elements, bytes);
        });
    }

    private static long[] dims(String thing, List<Long> list, Limits limits) {
        if (list.size() > limits.maxRank()) {
            throw new ResourceLimitException(
                    thing,
                    list.size() + " dimensions",
                    "at most " + limits.maxRank(),
                    "raise Limits.maxRank if the source is trusted");
        }
        long[] dims = new long[list.size()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = list.get(i);
        }
        for (long dim : dims) {
            if (dim < 0) {
                throw malformed(thing, "dimensions " + list, "dimensions of 0 and above");
            }
        }
        return dims;
    }

    private static boolean hasTypedData(TensorProto proto) {
        return !proto.floatData().isEmpty()
                || !proto.int32Data().isEmpty()
                || !proto.int64Data().isEmpty()
                || !proto.doubleData().isEmpty()
                || !proto.uint64Data().isEmpty()
                || !proto.stringData().isEmpty();
    }

    private static Tensor raw(String thing, TensorProto proto, DType type, long[] dims, long elements, boolean typed) {
        if (typed) {
            throw malformed(thing, "raw data and typed data", "one of them");
        }
        MemorySegment raw = proto.rawData().orElseThrow();
        if (type == DType.STRING) {
            if (raw.byteSize() == 0) {
                return strings(thing, List.of(), dims, elements);
            }
            throw malformed(thing, "strings as raw data", "strings in string_data");
        }
        long bytes = type.byteSize(elements);
        if (raw.byteSize() != bytes) {
            throw malformed(thing, raw.byteSize() + " bytes of data", bytes + " bytes for " + type.text() + text(dims));
        }
        return Tensor.of(type, raw, dims);
    }

    private static Tensor typed(String thing, TensorProto proto, DType type, long[] dims, long elements, long bytes) {
        requireOnly(thing, proto, type);
        return switch (type) {
            case STRING -> strings(thing, proto.stringData(), dims, elements);
            case FLOAT32 -> fixed(thing, proto.floatData(), type, dims, elements);
            case COMPLEX64 -> fixed(thing, proto.floatData(), type, dims, 2 * elements);
            case FLOAT64 -> fixed(thing, proto.doubleData(), type, dims, elements);
            case COMPLEX128 -> fixed(thing, proto.doubleData(), type, dims, 2 * elements);
            case INT64 -> varints(thing, proto.int64Data(), type, dims, elements);
            case UINT32, UINT64 -> varints(thing, proto.uint64Data(), type, dims, elements);
            default ->
                type.isSubByte()
                        ? packed(thing, proto.int32Data(), type, dims, bytes)
                        : varints(thing, proto.int32Data(), type, dims, elements);
        };
    }

    /** Refuses data in a field that the type does not use. Nothing would read it. */
    private static void requireOnly(String thing, TensorProto proto, DType type) {
        String field =
                switch (type) {
                    case STRING -> "string_data";
                    case FLOAT32, COMPLEX64 -> "float_data";
                    case FLOAT64, COMPLEX128 -> "double_data";
                    case INT64 -> "int64_data";
                    case UINT32, UINT64 -> "uint64_data";
                    default -> "int32_data";
                };
        Map<String, Long> counts = Map.of(
                "string_data", (long) proto.stringData().size(),
                "float_data", proto.floatData().count(),
                "double_data", proto.doubleData().count(),
                "int64_data", proto.int64Data().count(),
                "uint64_data", proto.uint64Data().count(),
                "int32_data", proto.int32Data().count());
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            if (entry.getValue() > 0 && !entry.getKey().equals(field)) {
                throw malformed(thing, type.text() + " with data in " + entry.getKey(), "data in " + field);
            }
        }
    }

    private static void requireCount(String thing, long found, long needed, DType type, long[] dims) {
        if (found != needed) {
            throw malformed(thing, found + " values", needed + " values for " + type.text() + text(dims));
        }
    }

    private static Tensor strings(String thing, List<MemorySegment> data, long[] dims, long elements) {
        requireCount(thing, data.size(), elements, DType.STRING, dims);
        Tensor tensor = Tensor.allocate(DType.STRING, dims);
        for (int i = 0; i < data.size(); i++) {
            tensor.setUtf8(i, data.get(i).toArray(ValueLayout.JAVA_BYTE));
        }
        return tensor;
    }

    private static Tensor fixed(String thing, Scalars data, DType type, long[] dims, long count) {
        requireCount(thing, data.count(), count, type, dims);
        return Tensor.of(type, data.payload(), dims);
    }

    private static Tensor varints(String thing, Scalars data, DType type, long[] dims, long elements) {
        requireCount(thing, data.count(), elements, type, dims);
        Tensor tensor = allocate(type, dims);
        // A field holds the bits of an element or its value. Files use both the signed and the unsigned range.
        long least = type.bits() == 64 ? Long.MIN_VALUE : -1L << (type.bits() - 1);
        long greatest = type.bits() == 64 ? Long.MAX_VALUE : (1L << type.bits()) - 1;
        long[] next = {0};
        data.forEachLong(value -> {
            if (value < least || value > greatest) {
                throw malformed(thing, "element " + next[0] + " = " + value, least + " to " + greatest);
            }
            tensor.setBits(next[0]++, type == DType.BOOL && value != 0 ? 1 : value);
        });
        return tensor;
    }

    private static Tensor packed(String thing, Scalars data, DType type, long[] dims, long bytes) {
        requireCount(thing, data.count(), bytes, type, dims);
        Tensor tensor = allocate(type, dims);
        MemorySegment target = tensor.segment();
        long[] next = {0};
        data.forEachLong(value -> {
            if (value < Byte.MIN_VALUE || value > 255) {
                throw malformed(thing, "packed byte " + next[0] + " = " + value, "-128 to 255");
            }
            target.set(ValueLayout.JAVA_BYTE, next[0]++, (byte) value);
        });
        return tensor;
    }

    private static Tensor allocate(DType type, long[] dims) {
        long elements = 1;
        for (long dim : dims) {
            elements *= dim;
        }
        return type.byteSize(elements) > LARGEST_ON_HEAP
                ? Tensor.allocateNative(type, dims)
                : Tensor.allocate(type, dims);
    }

    private static Tensor external(
            String thing, TensorProto proto, DType type, long[] dims, long bytes, ExternalData externalData) {
        if (type == DType.STRING) {
            throw malformed(thing, "strings in another file", "strings in the model file");
        }
        if (hasTypedData(proto) || proto.rawData().map(MemorySegment::byteSize).orElse(0L) > 0) {
            throw malformed(thing, "data both here and in another file", "one of them");
        }
        Map<String, String> entries = new HashMap<>();
        for (StringEntry entry : proto.externalData()) {
            if (entries.put(entry.key(), entry.value()) != null) {
                throw malformed(thing, "two entries '" + entry.key() + "' of external data", "one");
            }
        }
        String location = entries.get("location");
        if (location == null) {
            throw malformed(thing, "external data without a location", "a file in the model's folder");
        }
        long offset = number(thing, entries, "offset", 0);
        long length = number(thing, entries, "length", bytes);
        if (length != bytes) {
            throw malformed(
                    thing, "external data of " + length + " bytes", bytes + " bytes for " + type.text() + text(dims));
        }
        if (bytes == 0) {
            return Tensor.allocate(type, dims);
        }
        MemorySegment file = externalData.open(location);
        if (offset > file.byteSize() || length > file.byteSize() - offset) {
            throw malformed(
                    thing,
                    "external data at bytes " + offset + " to " + offset + " + " + length + " of '" + location + "'",
                    "bytes within its " + file.byteSize());
        }
        return Tensor.of(type, file.asSlice(offset, length).asReadOnly(), dims);
    }

    private static long number(String thing, Map<String, String> entries, String key, long otherwise) {
        String text = entries.get(key);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw malformed(thing, "external data with " + key + " '" + text + "'", "a decimal number");
        }
        throw malformed(thing, "external data with " + key + " " + text, "0 and above");
    }

    /**
     * The dense tensor that a sparse one stands for: the given values at the given indices, and zeros or empty strings
     * elsewhere.
     *
     * @param proto the message
     * @param externalData finds the files that it may refer to
     * @param limits what to accept; {@link Limits#maxExpandedBytes} holds for the result
     * @return a new tensor
     * @throws MalformedModelException if its parts do not fit together, or indices are outside or not ascending
     * @throws UnsupportedModelException if the element type is unknown, or the host is not little-endian
     * @throws ResourceLimitException if it is larger than the limits or the heap allow
     * @throws ModelFileException if an external file can't be had
     */
    public static Tensor toTensor(SparseTensorProto proto, ExternalData externalData, Limits limits) {
        String thing = "sparse tensor '" + proto.values().name() + "'";
        Tensor values = toTensor(proto.values(), externalData, limits);
        Tensor indices = toTensor(proto.indices(), externalData, limits);
        long[] dims = dims(thing, proto.dims(), limits);
        long elements = limits.elements(thing, dims);
        DType type = values.dtype();
        boolean fits = type == DType.STRING
                ? elements <= limits.maxExpandedBytes() / STRING_REFERENCE_BYTES
                : type.byteSize(elements) <= limits.maxExpandedBytes();
        if (!fits) {
            throw new ResourceLimitException(
                    thing,
                    elements + " elements when made dense",
                    "at most " + limits.maxExpandedBytes() + " bytes",
                    "raise Limits.maxExpandedBytes if the source is trusted");
        }
        boolean linear = indices.rank() == 1;
        if (values.rank() != 1
                || indices.dtype() != DType.INT64
                || indices.rank() < 1
                || indices.rank() > 2
                || indices.dim(0) != values.size()
                || !linear && indices.dim(1) != dims.length) {
            throw malformed(
                    thing,
                    "values " + values.type() + " with indices " + indices.type() + " for " + text(dims),
                    "values [n] with indices i64[n] or i64[n,rank]");
        }
        return ModelBytes.guarded(thing, () -> {
            Tensor dense = Tensor.allocate(values.dtype(), dims);
            long previous = -1;
            for (long i = 0; i < values.size(); i++) {
                long at = linear ? indices.getLong(i) : linearIndex(thing, indices, i, dims);
                if (at <= previous || at >= elements) {
                    throw malformed(thing, "index " + at + " after " + previous, "ascending indices below " + elements);
                }
                values.copyElementTo(i, dense, at);
                previous = at;
            }
            return dense;
        });
    }

    private static long linearIndex(String thing, Tensor indices, long row, long[] dims) {
        long at = 0;
        for (int axis = 0; axis < dims.length; axis++) {
            long index = indices.getLong(row * dims.length + axis);
            if (index < 0 || index >= dims[axis]) {
                throw malformed(thing, "index " + index + " on axis " + axis, "0 to " + (dims[axis] - 1));
            }
            at = at * dims[axis] + index;
        }
        return at;
    }

    /**
     * The message of a tensor, with raw data or strings. Numbers are not copied: the message is a view of the tensor,
     * which must not change before the message is written.
     *
     * @param name the name to give it
     * @param tensor the tensor
     * @return the message
     * @throws UnsupportedModelException if the host is not little-endian
     */
    public static TensorProto toProto(String name, Tensor tensor) {
        ModelBytes.requireLittleEndian("tensor '" + name + "'");
        if (tensor.dtype() != DType.STRING) {
            return TensorProto.ofRaw(name, ElementTypes.number(tensor.dtype()), dims(tensor), tensor.segment());
        }
        List<MemorySegment> strings = new ArrayList<>();
        for (long i = 0; i < tensor.size(); i++) {
            strings.add(MemorySegment.ofArray(tensor.getUtf8(i)).asReadOnly());
        }
        return TensorProto.ofStrings(name, dims(tensor), strings);
    }

    /**
     * The message of a tensor whose elements are in another file.
     *
     * @param name the name to give it
     * @param tensor the tensor
     * @param place where its elements are: {@code location}, {@code offset}, {@code length}
     * @return the message
     * @throws UnsupportedModelException if the host is not little-endian
     */
    public static TensorProto toExternalProto(String name, Tensor tensor, List<StringEntry> place) {
        ModelBytes.requireLittleEndian("tensor '" + name + "'");
        return TensorProto.ofExternal(name, ElementTypes.number(tensor.dtype()), dims(tensor), place);
    }

    private static List<Long> dims(Tensor tensor) {
        List<Long> dims = new ArrayList<>();
        for (long dim : tensor.dims()) {
            dims.add(dim);
        }
        return dims;
    }

    private static String text(long[] dims) {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < dims.length; i++) {
            out.append(i == 0 ? "" : ",").append(dims[i]);
        }
        return out.append(']').toString();
    }

    private static MalformedModelException malformed(String thing, String found, String allowed) {
        return new MalformedModelException(
                thing, found, allowed, "the file is damaged or was written wrongly: fetch or export it again");
    }
}
