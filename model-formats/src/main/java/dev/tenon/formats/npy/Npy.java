package dev.tenon.formats.npy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.SegmentInputStream;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * NumPy's array files, format versions 1 to 3.
 *
 * <p>Methods read booleans, integers, floats and complex numbers of either byte order, and text ({@code U}: code
 * points; {@code S}: bytes), in C or Fortran order. The tensor is row-major, on the heap, and does not depend on the
 * file. Methods write version 1, in C order and in the byte order of the processor.
 *
 * <p>A method that reads throws {@link ModelFileException} if the file can't be read, {@link MalformedModelException}
 * if it is damaged or has another format, {@link UnsupportedModelException} for other element types, such as Python
 * objects, and {@link ResourceLimitException} if a limit is exceeded or memory is short. All methods may be called from
 * any number of threads.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final int ALIGNMENT = 64;
    private static final int TRANSFER = 1 << 16;

    private Npy() {}

    /**
     * Reads the array of a file.
     *
     * @param file the file
     * @return the tensor
     */
    public static Tensor read(Path file) {
        return read(file, Limits.standard());
    }

    /**
     * Reads the array of a file.
     *
     * @param file the file
     * @param limits the limits for an untrusted file
     * @return the tensor
     */
    public static Tensor read(Path file, Limits limits) {
        ModelBytes bytes = ModelBytes.map(file, limits);
        return bytes.read(all -> {
            int prefix = prefixLength(bytes.name(), Arrays.copyOf(head(all, 0, 8), 8));
            long length = headerLength(bytes.name(), head(all, 8, prefix - 8));
            NpyHeader header = header(bytes.name(), prefix, head(all, prefix, length), length, limits);
            return elements(bytes.name(), header, all.asSlice(Math.min(prefix + length, all.byteSize())), limits);
        });
    }

    /**
     * Reads the next array of a stream and no byte after it.
     *
     * @param stream the stream; not closed
     * @param limits the limits for an untrusted stream. {@link Limits#maxModelBytes} is kept for the data
     * @return the tensor
     */
    public static Tensor read(InputStream stream, Limits limits) {
        String source = "npy stream";
        return ModelBytes.guarded(source, () -> {
            try {
                NpyHeader header = header(source, stream, limits);
                long bytes = dataBytes(source, header, limits);
                ModelBytes data = ModelBytes.copy(source, new Bounded(stream, bytes), limits);
                return data.read(segment -> elements(source, header, segment, limits));
            } catch (IOException e) {
                throw new ModelFileException(source, e.toString(), "a working stream", "check where it comes from", e);
            }
        });
    }

    /** Reads the header of a stream, and no byte after it. */
    static NpyHeader header(String source, InputStream stream, Limits limits) throws IOException {
        int prefix = prefixLength(source, Arrays.copyOf(stream.readNBytes(8), 8));
        long length = headerLength(source, stream.readNBytes(prefix - 8));
        return header(source, prefix, stream.readNBytes((int) length), length, limits);
    }

    /** The first bytes of another stream. */
    static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long bytes) {
            super(in);
            left = bytes;
        }

        /** The number of bytes that are left. */
        long left() {
            return left;
        }

        @Override
        public int read() throws IOException {
            int value = left == 0 ? -1 : in.read();
            left -= value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int count = left == 0 && length > 0 ? -1 : in.read(buffer, from, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            return count;
        }
    }

    private static byte[] head(MemorySegment all, long from, long length) {
        long start = Math.min(from, all.byteSize());
        return all.asSlice(start, Math.min(length, all.byteSize() - start)).toArray(ValueLayout.JAVA_BYTE);
    }

    private static int prefixLength(String source, byte[] magic) {
        if (!Arrays.equals(magic, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw malformed(source, "a file that does not begin with \\x93NUMPY", "a .npy file");
        }
        int version = magic[6];
        if (version < 1 || version > 3 || magic[7] != 0) {
            throw new UnsupportedModelException(
                    source,
                    "format version " + version + "." + magic[7],
                    "1.0, 2.0 and 3.0",
                    "save the array with a version of NumPy that writes these");
        }
        return version == 1 ? 10 : 12;
    }

    private static long headerLength(String source, byte[] littleEndian) {
        long length = 0;
        for (int i = 0; i < littleEndian.length; i++) {
            length |= (littleEndian[i] & 0xFFL) << (8 * i);
        }
        if (length > MAX_HEADER) {
            throw malformed(source, "a header of " + length + " bytes", "at most " + MAX_HEADER + " bytes");
        }
        return length;
    }

    private static NpyHeader header(String source, int prefix, byte[] text, long length, Limits limits) {
        if (text.length < length || length == 0) {
            throw malformed(source, "a header that is cut off", "a complete header");
        }
        // Version 3 is UTF-8. Only the names of fields go beyond ASCII, and no array here has fields.
        return NpyHeader.parse(
                source, new String(text, prefix == 10 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8), limits);
    }

    static long dataBytes(String source, NpyHeader header, Limits limits) {
        NpyType type = NpyType.parse(source, header.descr());
        long elements = limits.elements(source, header.dimArray());
        if (type.width() == 0 && elements > 0) {
            throw malformed(source, elements + " elements of no width", "a width of 1 and above");
        }
        if (elements > 0 && type.width() > limits.maxTensorBytes() / elements) {
            throw new ResourceLimitException(
                    source,
                    elements + " elements of " + type.width() + " bytes",
                    "at most " + limits.maxTensorBytes() + " bytes",
                    "raise Limits.maxTensorBytes if the source is trusted");
        }
        return elements * type.width();
    }

    private static Tensor elements(String source, NpyHeader header, MemorySegment data, Limits limits) {
        long bytes = dataBytes(source, header, limits);
        if (data.byteSize() != bytes) {
            throw malformed(
                    source,
                    data.byteSize() + " bytes of data",
                    bytes + " bytes for shape " + header.dims() + " of '" + header.descr() + "'");
        }
        NpyType type = NpyType.parse(source, header.descr());
        long[] dims = header.dimArray();
        Order order = header.fortranOrder() && dims.length > 1 ? new Order(dims, dims, 0) : null;
        return elements(source, type, dims, order, data);
    }

    /**
     * The elements of an array or of some of its rows.
     *
     * @param dims the dimensions of the result
     * @param order the offsets of the elements in the data; null if they are one after the other
     */
    static Tensor elements(String source, NpyType type, long[] dims, Order order, MemorySegment data) {
        if (type.type() == DType.STRING) {
            return strings(source, type, order, data, dims);
        }
        Tensor tensor = Tensor.allocate(type.type(), dims);
        MemorySegment target = tensor.segment();
        if (order != null) {
            for (long i = 0; i < tensor.size(); i++) {
                MemorySegment.copy(data, order.next() * type.width(), target, i * type.width(), type.width());
            }
        } else {
            MemorySegment.copy(data, 0, target, 0, target.byteSize());
        }
        if (type.swapped() && type.swapWidth() > 1) {
            swap(target, type.swapWidth());
        }
        return tensor;
    }

    private static void swap(MemorySegment target, int width) {
        long size = target.byteSize();
        for (long at = 0; at < size; at += width) {
            switch (width) {
                case 2 ->
                    target.set(
                            ValueLayout.JAVA_SHORT_UNALIGNED,
                            at,
                            Short.reverseBytes(target.get(ValueLayout.JAVA_SHORT_UNALIGNED, at)));
                case 4 ->
                    target.set(
                            ValueLayout.JAVA_INT_UNALIGNED,
                            at,
                            Integer.reverseBytes(target.get(ValueLayout.JAVA_INT_UNALIGNED, at)));
                default ->
                    target.set(
                            ValueLayout.JAVA_LONG_UNALIGNED,
                            at,
                            Long.reverseBytes(target.get(ValueLayout.JAVA_LONG_UNALIGNED, at)));
            }
        }
    }

    private static Tensor strings(String source, NpyType type, Order order, MemorySegment data, long[] dims) {
        Tensor tensor = Tensor.allocate(DType.STRING, dims);
        for (long i = 0; i < tensor.size(); i++) {
            long from = (order == null ? i : order.next()) * type.width();
            MemorySegment element = data.asSlice(from, type.width());
            if (type.unicode()) {
                tensor.setString(i, text(source, element, type.swapped()));
            } else {
                byte[] bytes = element.toArray(ValueLayout.JAVA_BYTE);
                int length = bytes.length;
                while (length > 0 && bytes[length - 1] == 0) {
                    length--;
                }
                tensor.setUtf8(i, Arrays.copyOf(bytes, length));
            }
        }
        return tensor;
    }

    private static String text(String source, MemorySegment element, boolean swapped) {
        StringBuilder text = new StringBuilder();
        int zeros = 0;
        for (long at = 0; at < element.byteSize(); at += 4) {
            int raw = element.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            int point = swapped ? Integer.reverseBytes(raw) : raw;
            if (point == 0) {
                zeros++;
                continue;
            }
            if (point < 0
                    || point > Character.MAX_CODE_POINT
                    || point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw malformed(source, "code point " + Integer.toUnsignedString(point), "Unicode scalar values");
            }
            text.repeat('\0', zeros).appendCodePoint(point);
            zeros = 0;
        }
        return text.toString();
    }

    /** The offsets of elements in Fortran order, given in row-major order. */
    static final class Order {
        private final long[] dims;
        private final long[] index;
        private final long[] strides;
        private long place;

        /**
         * The order of a part of an array.
         *
         * @param array the dimensions of the array
         * @param part those of the part, which are the same but for the first
         * @param row the first row of the part
         */
        Order(long[] array, long[] part, long row) {
            this.dims = part;
            index = new long[part.length];
            strides = new long[part.length];
            long stride = 1;
            for (int axis = 0; axis < array.length; axis++) {
                strides[axis] = stride;
                stride *= array[axis];
            }
            place = row;
        }

        long next() {
            long result = place;
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                place += strides[axis];
                if (++index[axis] < dims[axis]) {
                    break;
                }
                place -= strides[axis] * dims[axis];
                index[axis] = 0;
            }
            return result;
        }
    }

    /**
     * Writes an array to a file. The file appears or changes when it is complete.
     *
     * @param file the file, made or replaced
     * @param tensor the tensor; strings are written as code points, padded to the longest
     * @throws ModelFileException if it can't be written
     * @throws InvalidTensorException if NumPy has no such element type, or a string is not UTF-8 or ends with NUL
     */
    public static void write(Path file, Tensor tensor) {
        AtomicFile.write(file, channel -> encode(Channels.newOutputStream(channel), tensor));
    }

    /**
     * Writes an array to a stream.
     *
     * @param out the stream; not closed
     * @param tensor the tensor; strings are written as code points, padded to the longest
     * @throws ModelFileException if the stream fails
     * @throws InvalidTensorException if NumPy has no such element type, or a string is not UTF-8 or ends with NUL
     */
    public static void write(OutputStream out, Tensor tensor) {
        try {
            encode(out, tensor);
        } catch (IOException e) {
            throw new ModelFileException("npy stream", e.toString(), "a working stream", "check it", e);
        }
    }

    private static void encode(OutputStream target, Tensor tensor) throws IOException {
        OutputStream out = new BufferedOutputStream(target, TRANSFER);
        if (tensor.dtype() == DType.STRING) {
            encodeStrings(out, tensor);
            out.flush();
            return;
        }
        String descr = NpyType.spelling(tensor.dtype());
        if (descr == null) {
            throw new InvalidTensorException(
                    "npy file",
                    "elements of type " + tensor.dtype().text(),
                    "bool, i8-i64, u8-u64, f16, f32, f64, c64, c128, string",
                    "convert the tensor, or write a TensorProto file");
        }
        writeHeader(out, descr, tensor);
        MemorySegment data = tensor.segment();
        byte[] buffer = new byte[Math.clamp(data.byteSize(), 1, TRANSFER)];
        SegmentInputStream in = new SegmentInputStream("tensor that is written", data);
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
        }
        out.flush();
    }

    private static void encodeStrings(OutputStream out, Tensor tensor) throws IOException {
        int longest = 1;
        for (long i = 0; i < tensor.size(); i++) {
            String text = tensor.getString(i);
            if (text.endsWith("\0") || !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), tensor.getUtf8(i))) {
                throw new InvalidTensorException(
                        "npy file",
                        "string " + i + (text.endsWith("\0") ? " ends with NUL" : " is not UTF-8"),
                        "UTF-8 that does not end with NUL",
                        "write a TensorProto file, which keeps any bytes");
            }
            longest = Math.max(longest, text.codePointCount(0, text.length()));
        }
        writeHeader(out, "<U" + longest, tensor);
        byte[] zeros = new byte[4];
        for (long i = 0; i < tensor.size(); i++) {
            int[] points = tensor.getString(i).codePoints().toArray();
            for (int point : points) {
                out.write(new byte[] {(byte) point, (byte) (point >>> 8), (byte) (point >>> 16), 0});
            }
            for (int pad = points.length; pad < longest; pad++) {
                out.write(zeros);
            }
        }
    }

    private static void writeHeader(OutputStream out, String descr, Tensor tensor) throws IOException {
        String text =
                new NpyHeader(descr, false, Arrays.stream(tensor.dims()).boxed().toList()).text();
        int prefix = text.length() + ALIGNMENT > 0xFFFF ? 12 : 10;
        int padded = (prefix + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - prefix;
        out.write(MAGIC);
        out.write(new byte[] {(byte) (prefix == 10 ? 1 : 2), 0});
        for (int i = 8; i < prefix; i++) {
            out.write(padded >>> (8 * (i - 8)));
        }
        out.write((text + " ".repeat(padded - text.length() - 1) + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    static MalformedModelException malformed(String source, String found, String allowed) {
        return new MalformedModelException(
                source, found, allowed, "the file is damaged or no NumPy array: fetch or save it again");
    }
}
