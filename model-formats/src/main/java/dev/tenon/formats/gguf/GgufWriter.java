package dev.tenon.formats.gguf;

import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.SegmentInputStream;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes GGUF files of version 3. Values of metadata are a {@code String}, a {@code Boolean}, an {@code Integer} (UINT32), a
 * {@code Long} (UINT64), a {@code Float}, a {@code Double}, a list of texts, an {@code int[]} (INT32), a {@code float[]}, a
 * {@link GgufArray}, or a {@code MemorySegment} of {@link GgufFile#encoded}. For one thread.
 */
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final String SOURCE = "the model that is written";

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();

    /** A writer of an empty file. */
    public GgufWriter() {}

    /**
     * Adds a value, or replaces the one of this key.
     *
     * @param key the key
     * @param value the value, of one of the types above
     * @return this
     * @throws UnsupportedModelException if it is {@code general.alignment}, but no {@code Integer} that readers accept
     */
    public GgufWriter put(String key, Object value) {
        if (key.equals(GgufFile.ALIGNMENT) && !(value instanceof Integer n && GgufFile.isAlignment(n))) {
            throw refused("'" + key + "'", String.valueOf(value), "a power of two up to " + GgufFile.MOST_ALIGNMENT);
        }
        metadata.put(key, value);
        return this;
    }

    /**
     * Adds a tensor of floats.
     *
     * @param name its name
     * @param tensor a tensor of float32, float16 or bfloat16; it must not change before all is written
     * @return this
     * @throws UnsupportedModelException if it has other elements, or the format does not allow its name or dimensions
     */
    public GgufWriter put(String name, Tensor tensor) {
        GgufType type =
                switch (tensor.dtype()) {
                    case FLOAT32 -> GgufType.F32;
                    case FLOAT16 -> GgufType.F16;
                    case BFLOAT16 -> GgufType.BF16;
                    default ->
                        throw refused("tensor '" + name + "'", tensor.dtype().text(), "float32, float16, bfloat16");
                };
        List<Long> dims = Arrays.stream(tensor.dims()).boxed().toList();
        return put(new GgufTensor(name, type, dims, tensor.segment()));
    }

    /**
     * Adds a tensor.
     *
     * @param tensor the tensor; its bytes must not change before all is written
     * @return this
     * @throws UnsupportedModelException if the format does not allow its name or dimensions
     */
    public GgufWriter put(GgufTensor tensor) {
        String name = tensor.name();
        List<Long> dims = tensor.dims();
        if (name.getBytes(StandardCharsets.UTF_8).length > GgufParser.MOST_NAME_BYTES) {
            throw refused("tensor '" + name + "'", "a long name", "at most " + GgufParser.MOST_NAME_BYTES + " bytes");
        }
        if (dims.isEmpty() || dims.size() > GgufParser.MOST_DIMS || dims.contains(0L)) {
            throw refused(
                    "tensor '" + name + "'",
                    "dimensions " + dims,
                    "1 to " + GgufParser.MOST_DIMS + " dimensions of 1 and above");
        }
        tensors.put(name, tensor);
        return this;
    }

    private static UnsupportedModelException refused(String thing, String found, String allowed) {
        return new UnsupportedModelException(thing, found + " in GGUF", allowed, null);
    }

    /**
     * Writes a file. It appears or changes when it is complete.
     *
     * @param path the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void write(Path path) {
        AtomicFile.write(path, this::write);
    }

    /**
     * Writes all bytes of a file.
     *
     * @param out where to write; it is not closed
     * @throws IOException if writing fails
     */
    public void write(WritableByteChannel out) throws IOException {
        long alignment = metadata.get(GgufFile.ALIGNMENT) instanceof Integer own ? own : GgufFile.STANDARD_ALIGNMENT;
        Head head = new Head();
        head.int32(GgufParser.MAGIC);
        head.int32(VERSION);
        head.int64(tensors.size());
        head.int64(metadata.size());
        metadata.forEach((key, value) -> {
            head.text(key);
            head.value(key, value);
        });
        long offset = 0;
        for (GgufTensor tensor : tensors.values()) {
            head.text(tensor.name());
            head.int32(tensor.dims().size());
            tensor.dims().reversed().forEach(head::int64);
            head.int32(tensor.type().id());
            head.int64(offset);
            offset += aligned(tensor.data().byteSize(), alignment);
        }
        head.bytes.writeBytes(new byte[(int) (aligned(head.bytes.size(), alignment) - head.bytes.size())]);
        SegmentInputStream.write(SOURCE, MemorySegment.ofArray(head.bytes.toByteArray()), out);
        for (GgufTensor tensor : tensors.values()) {
            SegmentInputStream.write(SOURCE, tensor.data(), out);
            long size = tensor.data().byteSize();
            byte[] padding = new byte[(int) (aligned(size, alignment) - size)];
            SegmentInputStream.write(SOURCE, MemorySegment.ofArray(padding), out);
        }
    }

    /** {@return all bytes of a file} */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            write(Channels.newChannel(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static long aligned(long size, long alignment) {
        return Math.ceilDiv(size, alignment) * alignment;
    }

    /** Everything before the data. */
    private static final class Head {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private void int32(int value) {
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        }

        private void int64(long value) {
            bytes.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }

        private void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            int64(utf8.length);
            bytes.writeBytes(utf8);
        }

        private void kind(GgufKind kind) {
            int32(kind.ordinal());
        }

        private void array(GgufKind kind, int size) {
            kind(GgufKind.ARRAY);
            kind(kind);
            int64(size);
        }

        private void value(String key, Object value) {
            switch (value) {
                case String text -> {
                    kind(GgufKind.STRING);
                    text(text);
                }
                case Boolean truth -> {
                    kind(GgufKind.BOOL);
                    bytes.write(truth ? 1 : 0);
                }
                case Integer number -> {
                    kind(GgufKind.UINT32);
                    int32(number);
                }
                case Long number -> {
                    kind(GgufKind.UINT64);
                    int64(number);
                }
                case Float number -> {
                    kind(GgufKind.FLOAT32);
                    int32(Float.floatToRawIntBits(number));
                }
                case Double number -> {
                    kind(GgufKind.FLOAT64);
                    int64(Double.doubleToRawLongBits(number));
                }
                case int[] numbers -> {
                    array(GgufKind.INT32, numbers.length);
                    for (int number : numbers) {
                        int32(number);
                    }
                }
                case float[] numbers -> {
                    array(GgufKind.FLOAT32, numbers.length);
                    for (float number : numbers) {
                        int32(Float.floatToRawIntBits(number));
                    }
                }
                case List<?> texts -> {
                    array(GgufKind.STRING, texts.size());
                    texts.forEach(text -> text((String) text));
                }
                case GgufArray array -> {
                    array(array.kind(), array.size());
                    bytes.writeBytes(array.bytes().toArray(ValueLayout.JAVA_BYTE));
                }
                case MemorySegment encoded -> bytes.writeBytes(encoded.toArray(ValueLayout.JAVA_BYTE));
                default -> throw new IllegalArgumentException("value of '" + key + "' of " + value.getClass());
            }
        }
    }
}
