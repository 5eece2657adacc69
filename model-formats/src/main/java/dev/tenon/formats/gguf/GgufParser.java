package dev.tenon.formats.gguf;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A cursor over a GGUF file. Each count is compared with the bytes that are left before memory is taken for it. For one thread.
 */
final class GgufParser {
    /** The first bytes: {@code GGUF}. */
    static final int MAGIC = 0x46554747;

    private static final String CURE = "check that the file is complete, or convert the model again";
    private static final int OLDEST = 2;
    private static final int NEWEST = 3;
    private static final int MOST_KEY_BYTES = (1 << 16) - 1;
    static final int MOST_NAME_BYTES = 64;
    static final int MOST_DIMS = 4;

    /** The bytes of a key and its value, and of the description of a tensor, if their names and values are empty. */
    private static final int LEAST_VALUE = Long.BYTES + Integer.BYTES + 1;

    private static final int LEAST_TENSOR = Long.BYTES + Integer.BYTES + Long.BYTES + Integer.BYTES + Long.BYTES;

    private final String file;
    private final MemorySegment bytes;
    private final Limits limits;
    private long at;
    private long records;

    /** The description of a tensor, before its data is looked for. */
    record TensorInfo(String name, GgufType type, List<Long> dims, long offset, long byteSize) {}

    GgufParser(String file, MemorySegment bytes, Limits limits) {
        this.file = file;
        this.bytes = bytes;
        this.limits = limits;
    }

    /** Where the cursor stands. */
    long position() {
        return at;
    }

    private long take(String thing, long length) {
        if (length > bytes.byteSize() - at) {
            throw malformed(
                    thing,
                    "it ends at byte " + bytes.byteSize() + " of the file",
                    Long.toUnsignedString(length) + " more bytes at byte " + at);
        }
        long start = at;
        at += length;
        return start;
    }

    private int int32(String thing) {
        return bytes.get(GgufKind.INT, take(thing, Integer.BYTES));
    }

    private long int64(String thing) {
        return bytes.get(GgufKind.LONG, take(thing, Long.BYTES));
    }

    /** A number of things that take some bytes each at least. */
    private int count(String thing, long least, long most, String limit) {
        long count = int64(thing);
        if (count < 0 || count > (bytes.byteSize() - at) / least) {
            throw malformed(
                    thing,
                    Long.toUnsignedString(count),
                    "at most as many as " + (bytes.byteSize() - at) + " bytes hold");
        }
        if (count > Math.min(most, Integer.MAX_VALUE)) {
            throw new ResourceLimitException(
                    file + ", " + thing,
                    Long.toString(count),
                    most + ", as Limits." + limit + " says",
                    "raise it if the source is trusted");
        }
        return (int) count;
    }

    /** Reads signature and version. */
    void checkVersion() {
        if (int32("signature") != MAGIC) {
            throw malformed("signature", "other bytes", "GGUF");
        }
        int version = int32("version");
        if (version < OLDEST || version > NEWEST) {
            boolean big = Integer.reverseBytes(version) >= 1 && Integer.reverseBytes(version) <= NEWEST;
            throw new UnsupportedModelException(
                    file,
                    big ? "numbers in big-endian order" : "version " + Integer.toUnsignedString(version),
                    "versions 2 and 3 in little-endian order",
                    "convert the model again with the newest llama.cpp");
        }
    }

    /** The number of tensors, which comes before that of the metadata. */
    int tensorCount() {
        return count("number of tensors", LEAST_TENSOR, limits.maxTensors(), "maxTensors");
    }

    /**
     * Reads the metadata.
     *
     * @param encoded receives each value as the file has it: its type, and its bytes
     */
    Map<String, Object> metadata(Map<String, MemorySegment> encoded) {
        int count = count("number of keys", LEAST_VALUE, limits.maxRecords(), "maxRecords");
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = name("key " + i, MOST_KEY_BYTES);
            long start = at;
            Object value = value("value of " + DataReader.shown(key));
            if (values.put(key, value) != null) {
                throw malformed("key " + DataReader.shown(key), "a second value", "each key once");
            }
            encoded.put(key, bytes.asSlice(start, at - start));
        }
        return values;
    }

    private void countRecord() {
        WorkBudget.spend(1);
        if (++records > limits.maxRecords()) {
            throw new ResourceLimitException(
                    file,
                    "more than " + limits.maxRecords() + " records",
                    null,
                    "raise Limits.maxRecords if the source is trusted");
        }
    }

    /** A name in well-formed UTF-8. */
    private String name(String thing, long most) {
        MemorySegment text = text(thing, most);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text.toArray(ValueLayout.JAVA_BYTE)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed(thing, "bytes that are no UTF-8", "a name in UTF-8");
        }
    }

    private MemorySegment text(String thing, long most) {
        countRecord();
        long length = int64(thing);
        if (length < 0 || length > most) {
            throw malformed(thing, Long.toUnsignedString(length) + " bytes", "at most " + most + " bytes");
        }
        return bytes.asSlice(take(thing, length), length);
    }

    private GgufKind kind(String thing) {
        int type = int32(thing);
        GgufKind[] kinds = GgufKind.values();
        if (type < 0 || type >= kinds.length) {
            throw malformed(thing, "type " + Integer.toUnsignedString(type), "0 to " + (kinds.length - 1));
        }
        return kinds[type];
    }

    private Object value(String thing) {
        GgufKind kind = kind(thing);
        return switch (kind) {
            case STRING ->
                new String(text(thing, limits.maxStringBytes()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            case ARRAY -> array(thing);
            case BOOL -> truth(thing);
            case UINT64 -> {
                long value = int64(thing);
                if (value < 0) {
                    throw malformed(thing, Long.toUnsignedString(value), "at most 2^63 - 1");
                }
                yield value;
            }
            default -> kind.number(bytes, take(thing, kind.bytes()));
        };
    }

    private boolean truth(String thing) {
        byte value = bytes.get(ValueLayout.JAVA_BYTE, take(thing, 1));
        if (value != 0 && value != 1) {
            throw malformed(thing, "the truth value " + value, "0 or 1");
        }
        return value == 1;
    }

    private GgufArray array(String thing) {
        GgufKind kind = kind(thing);
        if (kind == GgufKind.ARRAY) {
            throw new UnsupportedModelException(
                    file + ", " + thing, "an array of arrays", "arrays of numbers and texts", CURE);
        }
        int count = count(thing + ", number of values", kind.bytes(), limits.maxRecords(), "maxRecords");
        long start = at;
        if (kind != GgufKind.STRING) {
            take(thing, (long) count * kind.bytes());
        }
        for (int i = 0; kind == GgufKind.STRING && i < count; i++) {
            text(thing, limits.maxStringBytes());
        }
        return new GgufArray(kind, count, bytes.asSlice(start, at - start));
    }

    List<TensorInfo> tensors(int count) {
        List<TensorInfo> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(tensor("tensor " + i));
        }
        return all;
    }

    private TensorInfo tensor(String index) {
        String name = name("name of " + index, MOST_NAME_BYTES);
        String thing = "tensor " + DataReader.shown(name);
        int rank = int32(thing);
        if (rank < 1 || rank > MOST_DIMS) {
            throw malformed(thing, Integer.toUnsignedString(rank) + " dimensions", "1 to " + MOST_DIMS);
        }
        List<Long> dims = new ArrayList<>();
        for (int d = 0; d < rank; d++) {
            long dim = int64(thing);
            if (dim < 1) {
                throw malformed(thing, "dimension " + Long.toUnsignedString(dim), "1 and above");
            }
            dims.addFirst(dim);
        }
        long elements = limits.elements(
                file + ", " + thing, dims.stream().mapToLong(Long::longValue).toArray());
        int id = int32(thing);
        GgufType type = GgufType.of(id)
                .orElseThrow(() -> new UnsupportedModelException(
                        file + ", " + thing,
                        GgufType.nameOf(id),
                        GgufType.names(),
                        "quantise the model to one of these types"));
        if (dims.getLast() % type.blockSize() != 0) {
            throw malformed(
                    thing,
                    "rows of " + dims.getLast() + " elements",
                    "multiples of " + type.blockSize() + " for " + type);
        }
        long byteSize = limits.tensorBytes(file + ", " + thing, elements / type.blockSize() * type.blockBytes());
        return new TensorInfo(name, type, dims, int64(thing), byteSize);
    }

    MalformedModelException malformed(String thing, String found, String allowed) {
        return new MalformedModelException(file + ", " + thing, found, allowed, CURE);
    }
}
