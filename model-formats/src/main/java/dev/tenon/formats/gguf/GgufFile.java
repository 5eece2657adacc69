package dev.tenon.formats.gguf;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.gguf.GgufParser.TensorInfo;
import dev.tenon.formats.json.Members;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The content of a GGUF file of version 2 or 3, or of all files of a model that was split. Tensors are views of the mapped files.
 * The bytes are untrusted: counts are checked before memory is taken for them, places and overlaps before a tensor is made.
 *
 * @param metadata the metadata: texts, numbers, truth values and {@link GgufArray}
 * @param encoded the metadata as the file has them, for {@link GgufWriter#put(String, Object)}
 * @param tensors the tensors by their names, in the order of the file
 */
public record GgufFile(Members metadata, Map<String, MemorySegment> encoded, Map<String, GgufTensor> tensors) {
    /** The key of the alignment of data. */
    static final String ALIGNMENT = "general.alignment";

    /** The alignment of files that do not say another. */
    static final long STANDARD_ALIGNMENT = 32;

    static final long MOST_ALIGNMENT = 1 << 20;
    private static final String SPLIT_INDEX = "split.no";
    private static final String SPLIT_COUNT = "split.count";
    private static final String SPLIT_TENSORS = "split.tensors.count";
    private static final int MOST_SPLITS = 99_999;

    /**
     * Whether a file is GGUF, judged by its first bytes.
     *
     * @param head the first bytes
     * @return whether it begins as such files do
     */
    public static boolean isGguf(MemorySegment head) {
        return head.byteSize() >= Integer.BYTES && head.get(GgufKind.INT, 0) == GgufParser.MAGIC;
    }

    /**
     * Reads a file, and those that follow it if the model was split.
     *
     * @param bytes the file, or the first of them
     * @param siblings finds the others
     * @param limits the limits that hold
     * @return the content of all
     * @throws MalformedModelException if a file is not well formed; the message names the key or the tensor
     * @throws UnsupportedModelException if it has another version, or a tensor of a type that is not supported
     * @throws ResourceLimitException if it exceeds a limit
     */
    public static GgufFile read(ModelBytes bytes, ExternalData siblings, Limits limits) {
        GgufFile first = readOne(bytes, limits);
        int count = (int) first.metadata.integer(SPLIT_COUNT, 0, MOST_SPLITS, 0);
        if (count <= 1) {
            return first;
        }
        String[] around = nameAround(bytes.name(), first, count);
        Map<String, GgufTensor> all = new LinkedHashMap<>(first.tensors);
        for (int i = 1; i < count; i++) {
            String name = around[0] + part(i, count) + around[1];
            GgufFile next = readOne(ModelBytes.of(name, siblings.open(name)), limits);
            next.metadata.integer(SPLIT_INDEX, i, i);
            next.metadata.integer(SPLIT_COUNT, count, count);
            for (GgufTensor tensor : next.tensors.values()) {
                if (all.put(tensor.name(), tensor) != null) {
                    throw new MalformedModelException(
                            name + ", tensor '" + tensor.name() + "'",
                            "a second tensor of this name",
                            "each tensor in one file of the model",
                            "split the model again");
                }
            }
            limits.checkTensors(bytes.name(), all.size());
        }
        first.metadata.integer(SPLIT_TENSORS, all.size(), all.size(), all.size());
        return new GgufFile(first.metadata, first.encoded, all);
    }

    private static String part(int index, int count) {
        return String.format(Locale.ROOT, "-%05d-of-%05d", index + 1, count);
    }

    /** Splits the name of the first file around the part that differs between the files of a model. */
    private static String[] nameAround(String name, GgufFile file, int count) {
        file.metadata.integer(SPLIT_INDEX, 0, 0);
        String part = part(0, count);
        int at = name.lastIndexOf(part);
        if (at < 0) {
            throw new MalformedModelException(
                    name,
                    "the first of " + count + " files of a model, under a name without '" + part + "'",
                    "a name such as model" + part + ".gguf, with the other files beside it",
                    "give the files the names that they had, and load the first one");
        }
        return new String[] {name.substring(0, at), name.substring(at + part.length())};
    }

    /**
     * Reads the metadata of a file alone.
     *
     * @param bytes the file, the first one if the model was split
     * @param limits the limits that hold
     * @return its metadata
     * @throws MalformedModelException if it is not well formed
     * @throws UnsupportedModelException if it has another version
     * @throws ResourceLimitException if it exceeds a limit
     */
    public static Members metadata(ModelBytes bytes, Limits limits) {
        return bytes.read(segment -> {
            GgufParser parser = new GgufParser(bytes.name(), segment, limits);
            parser.checkVersion();
            parser.tensorCount();
            return new Members(bytes.name(), parser.metadata(new HashMap<>()));
        });
    }

    static boolean isAlignment(long value) {
        return value > 0 && value <= MOST_ALIGNMENT && Long.bitCount(value) == 1;
    }

    private static GgufFile readOne(ModelBytes bytes, Limits limits) {
        String file = bytes.name();
        ModelBytes.requireLittleEndian(file);
        return bytes.read(segment -> {
            GgufParser parser = new GgufParser(file, segment, limits);
            parser.checkVersion();
            int count = parser.tensorCount();
            Map<String, MemorySegment> encoded = new LinkedHashMap<>();
            Members metadata = new Members(file, parser.metadata(encoded));
            List<TensorInfo> infos = parser.tensors(count);
            long alignment = metadata.integer(ALIGNMENT, 1, MOST_ALIGNMENT, STANDARD_ALIGNMENT);
            if (!isAlignment(alignment)) {
                throw metadata.wrong(ALIGNMENT, "a power of two");
            }
            long start = Math.ceilDiv(parser.position(), alignment) * alignment;
            MemorySegment data = segment.asSlice(Math.min(start, segment.byteSize()));
            check(parser, infos, alignment, data.byteSize());
            Map<String, GgufTensor> tensors = new LinkedHashMap<>();
            for (TensorInfo info : infos) {
                MemorySegment own = data.asSlice(info.offset(), info.byteSize());
                if (tensors.put(info.name(), new GgufTensor(info.name(), info.type(), info.dims(), own)) != null) {
                    throw parser.malformed(
                            "tensor '" + info.name() + "'", "a second tensor of this name", "each name once");
                }
            }
            return new GgufFile(metadata, encoded, tensors);
        });
    }

    /** Checks that each tensor is in the data, and none overlaps another. */
    private static void check(GgufParser parser, List<TensorInfo> infos, long alignment, long length) {
        List<TensorInfo> sorted = new ArrayList<>(infos);
        sorted.sort(Comparator.comparingLong(TensorInfo::offset));
        long end = 0;
        for (TensorInfo info : sorted) {
            String thing = "tensor '" + info.name() + "'";
            if (info.offset() < 0 || info.offset() % alignment != 0) {
                throw parser.malformed(
                        thing,
                        "data at offset " + Long.toUnsignedString(info.offset()),
                        "a multiple of the alignment " + alignment);
            }
            if (info.offset() < end) {
                throw parser.malformed(
                        thing,
                        "data at offset " + info.offset() + ", within another tensor",
                        "offset " + end + " and above");
            }
            if (info.byteSize() > length - info.offset()) {
                throw parser.malformed(
                        thing,
                        info.byteSize() + " bytes at offset " + info.offset(),
                        "bytes within the " + length + " bytes of data");
            }
            end = info.offset() + info.byteSize();
        }
    }
}
