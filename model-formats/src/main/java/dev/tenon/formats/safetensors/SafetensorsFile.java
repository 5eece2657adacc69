package dev.tenon.formats.safetensors;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one safetensors file: the length of a header, the header in JSON, the data. Tensors are views of the file. As the format
 * demands, their data is without gaps and overlaps.
 */
final class SafetensorsFile {
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long MOST_HEADER_BYTES = 100_000_000;
    private static final String CURE = "check that the file is complete, or fetch it again";

    private final String file;
    private final Limits limits;
    private final List<Entry> entries = new ArrayList<>();

    private SafetensorsFile(String file, Limits limits) {
        this.file = file;
        this.limits = limits;
    }

    /** A tensor of the header: the data is from one offset to another. */
    private record Entry(String name, DType type, List<Long> dims, long from, long to) {}

    /**
     * Reads a file.
     *
     * @param bytes the file
     * @param limits the limits that hold
     * @return the tensors by their names, in the order of the header
     */
    static Map<String, Tensor> read(ModelBytes bytes, Limits limits) {
        ModelBytes.requireLittleEndian(bytes.name());
        return bytes.read(segment -> new SafetensorsFile(bytes.name(), limits).tensors(segment));
    }

    private Map<String, Tensor> tensors(MemorySegment bytes) {
        long rest = bytes.byteSize() - Long.BYTES;
        long length = rest < 0 ? -1 : bytes.get(LENGTH, 0);
        if (length < 2 || length > Math.min(rest, MOST_HEADER_BYTES)) {
            throw new MalformedModelException(
                    file,
                    rest < 0 ? bytes.byteSize() + " bytes" : "a header of " + Long.toUnsignedString(length) + " bytes",
                    "a header of at most " + MOST_HEADER_BYTES + " bytes that is in the file",
                    CURE);
        }
        ModelBytes header = ModelBytes.of(file, bytes.asSlice(Long.BYTES, length));
        JsonReader.read(header, limits, this::readHeader);
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        check(data.byteSize());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Entry entry : entries) {
            long[] dims = entry.dims.stream().mapToLong(Long::longValue).toArray();
            Tensor tensor = Tensor.of(entry.type, data.asSlice(entry.from, entry.to - entry.from), dims);
            if (tensors.put(entry.name, tensor) != null) {
                throw malformed(entry.name, "a second tensor of this name", "each name once");
            }
        }
        return tensors;
    }

    private Void readHeader(DataReader in) {
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("__metadata__")) {
                in.skip();
                continue;
            }
            in.countRecord();
            limits.checkTensors(file, entries.size() + 1L);
            entries.add(entry(name, in));
        }
        return null;
    }

    private Entry entry(String name, DataReader in) {
        DType type = null;
        List<Long> dims = null;
        List<Long> offsets = null;
        in.beginObject();
        for (String key = in.nextName(); key != null; key = in.nextName()) {
            switch (key) {
                case "dtype" -> type = type(name, in.text());
                case "shape" -> dims = integers(name, in, limits.maxRank());
                case "data_offsets" -> offsets = integers(name, in, 2);
                default -> in.skip();
            }
        }
        if (type == null || dims == null || offsets == null || offsets.size() != 2) {
            throw malformed(name, "a description without dtype, shape or two data_offsets", "all of them");
        }
        long elements = limits.elements(
                place(name), dims.stream().mapToLong(Long::longValue).toArray());
        long bytes = limits.tensorBytes(place(name), type.byteSize(elements));
        long from = offsets.getFirst();
        long to = offsets.getLast();
        if (from > to || to - from != bytes) {
            throw malformed(name, "data from " + from + " to " + to, bytes + " bytes for " + type.text() + dims);
        }
        return new Entry(name, type, dims, from, to);
    }

    private DType type(String name, String text) {
        return switch (text) {
            case "F32" -> DType.FLOAT32;
            case "F16" -> DType.FLOAT16;
            case "BF16" -> DType.BFLOAT16;
            default ->
                throw new UnsupportedModelException(
                        place(name),
                        "elements of type " + DataReader.shown(text),
                        "F32, F16, BF16",
                        "save the model in one of these types");
        };
    }

    private List<Long> integers(String name, DataReader in, int most) {
        List<Long> all = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            long value = in.integer();
            if (value < 0 || all.size() == most) {
                throw malformed(name, all + " and " + value, "at most " + most + " numbers of 0 and above");
            }
            all.add(value);
        }
        return all;
    }

    private void check(long length) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
        long end = 0;
        for (Entry entry : sorted) {
            if (entry.from != end || entry.to > length) {
                throw malformed(
                        entry.name,
                        "data from " + entry.from + " to " + entry.to,
                        "data that begins at " + end + ", after the tensor before it, within " + length + " bytes");
            }
            end = entry.to;
        }
        if (end != length) {
            throw new MalformedModelException(
                    file, (length - end) + " bytes after the last tensor", "data that ends with it", CURE);
        }
    }

    private String place(String name) {
        return file + ", tensor " + DataReader.shown(name);
    }

    private MalformedModelException malformed(String name, String found, String allowed) {
        return new MalformedModelException(place(name), found, allowed, CURE);
    }
}
