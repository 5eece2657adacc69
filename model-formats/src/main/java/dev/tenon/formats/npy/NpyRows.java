package dev.tenon.formats.npy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An array that is read some rows at a time. A row is an index of the first axis. Only the rows that are asked for are
 * in memory, so a file may be larger than the heap.
 *
 * <p>The rows of an array in Fortran order do not lie together. Such an array of rank 2 and above is read at once, to
 * memory outside the heap.
 *
 * <p>Methods that read throw what those of {@link Npy} throw. For one thread at a time.
 */
public final class NpyRows implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final String source;
    private final Npy.Bounded stream;
    private final NpyType type;
    private final long[] dims;
    private final long rowBytes;

    /** All elements of an array in Fortran order, null for other arrays. */
    private final ModelBytes whole;

    private long done;

    private NpyRows(String source, Npy.Bounded stream, boolean isSizeKnown, Limits limits) throws IOException {
        this.source = source;
        this.stream = stream;
        NpyHeader header = Npy.header(source, stream, limits);
        this.type = NpyType.parse(source, header.descr());
        this.dims = header.dimArray();
        long bytes = Npy.dataBytes(source, header, limits);
        this.rowBytes = rows() == 0 ? 0 : bytes / rows();
        if (isSizeKnown && stream.left() != bytes) {
            throw wrongSize(stream.left(), bytes);
        }
        boolean isWhole = header.fortranOrder() && dims.length > 1;
        this.whole = isWhole ? ModelBytes.copy(source, new Npy.Bounded(stream, bytes), limits) : null;
        if (isWhole && whole.segment().byteSize() != bytes) {
            throw wrongSize(whole.segment().byteSize(), bytes);
        }
    }

    /**
     * Opens a file, and checks that it is as long as its array.
     *
     * @param file the file
     * @return its rows, to be closed
     */
    public static NpyRows open(Path file) {
        try {
            return open(file.toString(), Files.newInputStream(file), Files.size(file), Limits.standard());
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /**
     * Opens an array in a stream, such as an entry of an archive.
     *
     * @param source the name of the array in messages
     * @param stream the stream; it is closed with the rows, or if this fails
     * @param size the bytes of the stream, which are compared with those of the array; negative if they are not known
     * @param limits the limits for an untrusted stream
     * @return its rows, to be closed
     */
    public static NpyRows open(String source, InputStream stream, long size, Limits limits) {
        boolean isOpen = false;
        try {
            NpyRows rows = ModelBytes.guarded(source, () -> opened(source, stream, size, limits));
            isOpen = true;
            return rows;
        } finally {
            if (!isOpen) {
                close(source, stream);
            }
        }
    }

    private static NpyRows opened(String source, InputStream stream, long size, Limits limits) {
        boolean isSizeKnown = size >= 0;
        try {
            return new NpyRows(
                    source,
                    new Npy.Bounded(new BufferedInputStream(stream, BUFFER), isSizeKnown ? size : Long.MAX_VALUE),
                    isSizeKnown,
                    limits);
        } catch (IOException e) {
            throw unreadable(source, e);
        }
    }

    /** {@return the element type} */
    public DType dtype() {
        return type.type();
    }

    /** {@return the dimensions of the whole array} */
    public long[] dims() {
        return dims.clone();
    }

    /** {@return the number of rows; a scalar is one row} */
    public long rows() {
        return dims.length == 0 ? 1 : dims[0];
    }

    /** {@return the number of rows that were not read yet} */
    public long remaining() {
        return rows() - done;
    }

    /**
     * Reads the next rows.
     *
     * @param count how many, from 0 to {@link #remaining}
     * @return a tensor [count, the other dimensions], or a scalar
     */
    public Tensor next(long count) {
        if (count < 0 || count > remaining()) {
            throw new MalformedModelException(
                    source, count + " more rows after " + done, "at most " + remaining(), null);
        }
        long[] part = dims.clone();
        if (part.length > 0) {
            part[0] = count;
        }
        long from = done;
        done += count;
        if (whole != null) {
            return whole.read(all -> Npy.elements(source, type, part, new Npy.Order(dims, part, from), all));
        }
        if (rowBytes > 0 && count > Integer.MAX_VALUE / rowBytes) {
            throw new ResourceLimitException(
                    source,
                    count + " rows of " + rowBytes + " bytes",
                    "at most " + Integer.MAX_VALUE + " bytes at once",
                    "read fewer rows at once");
        }
        return ModelBytes.guarded(source, () -> read((int) (count * rowBytes), from, part));
    }

    private Tensor read(int bytes, long from, long[] part) {
        try {
            byte[] data = stream.readNBytes(bytes);
            if (data.length < bytes) {
                throw wrongSize(from * rowBytes + data.length, rows() * rowBytes);
            }
            return Npy.elements(source, type, part, null, MemorySegment.ofArray(data));
        } catch (IOException e) {
            throw unreadable(source, e);
        }
    }

    private MalformedModelException wrongSize(long found, long bytes) {
        return Npy.malformed(source, found + " bytes of data", bytes + " bytes for all rows");
    }

    private static ModelFileException unreadable(String source, IOException e) {
        return new ModelFileException(source, e.toString(), "a file that can be read", "check where it comes from", e);
    }

    private static void close(String source, InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw unreadable(source, e);
        }
    }

    /** Closes the stream. */
    @Override
    public void close() {
        close(source, stream);
    }
}
