package dev.tenon.formats;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.ResourceLimitException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The bytes of one file, mapped or copied to native memory. There may be more than 2 GiB.
 *
 * <p>The segment is read-only and stays valid while something reaches it. There is nothing to close. Immutable and safe
 * for any number of threads.
 *
 * <p><b>Mapped files must not change.</b> If a file is overwritten, the values that were read from it change. If it
 * gets shorter, the next access fails. {@link #read} and {@link #guarded} turn that failure into a
 * {@link MalformedModelException}. A copy does not fail. Mapped memory must not go to native code, nor to methods that
 * the JVM replaces by its own code, such as a checksum or a comparison: there the failure ends the process. Copy it
 * before, as {@link SegmentInputStream} does.
 */
public final class ModelBytes {
    private static final int FIRST_CHUNK = 1 << 16;
    private static final int LARGEST_CHUNK = 1 << 26;
    private static final int STREAM_BUFFER = 1 << 16;
    private static final String MORE_MEMORY =
            "raise -Xmx (and -XX:MaxDirectMemorySize for copied models), lower the Limits, or use smaller inputs";

    /** Nobody ever locks it. */
    private static final Object SAFEPOINT = new Object();

    private final String name;
    private final MemorySegment segment;

    private ModelBytes(String name, MemorySegment segment) {
        this.name = name;
        this.segment = segment.asReadOnly();
    }

    /**
     * Bytes that the caller holds. Nothing is copied. The caller must not change them while they are in use.
     *
     * @param name what error messages call them
     * @param segment the bytes: heap, native or mapped
     * @return the bytes
     */
    public static ModelBytes of(String name, MemorySegment segment) {
        return new ModelBytes(Objects.requireNonNull(name), segment);
    }

    /**
     * Maps a file. This takes address space but no memory. A file in a file system that can't map, such as one inside
     * an archive, is copied to native memory instead.
     *
     * @param path a regular file
     * @param limits {@link Limits#maxModelBytes} is kept
     * @return the mapped bytes
     * @throws ModelFileException if the file can't be read
     * @throws ResourceLimitException if it is too large
     */
    public static ModelBytes map(Path path, Limits limits) {
        return open(path, limits, true);
    }

    /**
     * Copies a file to native memory. Later changes of the file do not touch the copy.
     *
     * @param path a regular file
     * @param limits {@link Limits#maxModelBytes} is kept
     * @return the copied bytes
     * @throws ModelFileException if the file can't be read
     * @throws MalformedModelException if it gets shorter while it is read
     * @throws ResourceLimitException if it is too large, or native memory is short
     */
    public static ModelBytes copy(Path path, Limits limits) {
        return open(path, limits, false);
    }

    private static ModelBytes open(Path path, Limits limits, boolean map) {
        String name = String.valueOf(path.getFileName());
        if (!Files.isRegularFile(path)) {
            boolean exists = Files.exists(path);
            throw new ModelFileException(
                    "file '" + path + "'",
                    Files.isDirectory(path) ? "a folder" : exists ? "not a regular file" : "no such file",
                    "a regular file",
                    "check the path; to read from a pipe or device, pass an InputStream",
                    exists ? null : new NoSuchFileException(path.toString()));
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            checkSize(name, size, limits);
            if (map) {
                try {
                    return new ModelBytes(name, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto()));
                } catch (UnsupportedOperationException e) {
                    return new ModelBytes(name, readFully(name, channel, size));
                }
            }
            return new ModelBytes(name, readFully(name, channel, size));
        } catch (IOException e) {
            throw unreadable(path.toString(), e);
        }
    }

    private static MemorySegment readFully(String name, FileChannel channel, long size) throws IOException {
        MemorySegment target = allocate(name, Arena.ofAuto(), size);
        long at = 0;
        while (at < size) {
            long length = Math.min(size - at, LARGEST_CHUNK);
            int read = channel.read(target.asSlice(at, length).asByteBuffer());
            if (read < 0) {
                throw shrunk(name, "it ends at byte " + at + " of " + size, null);
            }
            at += read;
        }
        return target;
    }

    /**
     * Copies the rest of a stream to native memory. The stream is not closed. Meanwhile, up to twice its length is
     * allocated.
     *
     * @param name what error messages call it
     * @param stream the stream
     * @param limits {@link Limits#maxModelBytes} is kept
     * @return the copied bytes
     * @throws ModelFileException if the stream fails
     * @throws ResourceLimitException if it is too long, or native memory is short
     */
    public static ModelBytes copy(String name, InputStream stream, Limits limits) {
        byte[] buffer = new byte[STREAM_BUFFER];
        List<MemorySegment> chunks = new ArrayList<>();
        long total = 0;
        try (Arena arena = Arena.ofConfined()) {
            long used = 0;
            MemorySegment chunk = allocate(name, arena, FIRST_CHUNK);
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                checkSize(name, total + n, limits);
                int done = 0;
                while (done < n) {
                    if (used == chunk.byteSize()) {
                        chunks.add(chunk);
                        chunk = allocate(name, arena, Math.min(2 * used, LARGEST_CHUNK));
                        used = 0;
                    }
                    int part = (int) Math.min(n - done, chunk.byteSize() - used);
                    MemorySegment.copy(buffer, done, chunk, ValueLayout.JAVA_BYTE, used, part);
                    used += part;
                    done += part;
                }
                total += n;
            }
            chunks.add(chunk.asSlice(0, used));
            MemorySegment all = allocate(name, Arena.ofAuto(), total);
            long at = 0;
            for (MemorySegment part : chunks) {
                MemorySegment.copy(part, 0, all, at, part.byteSize());
                at += part.byteSize();
            }
            return new ModelBytes(name, all);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /**
     * Opens a stream, copies it to native memory and closes it. Meanwhile, up to twice its length is allocated.
     *
     * @param name what error messages call it
     * @param source opens the stream
     * @param limits {@link Limits#maxModelBytes} is kept
     * @return the copied bytes
     * @throws ModelFileException if there is no stream, or it fails
     * @throws ResourceLimitException if it is too long, or native memory is short
     */
    public static ModelBytes copy(String name, StreamSource source, Limits limits) {
        try (InputStream stream = source.open()) {
            if (stream == null) {
                throw new ModelFileException(
                        name,
                        "no stream: its source gives null",
                        "a stream",
                        "check the name of the resource, and that it is in the jar or on the class path");
            }
            return copy(name, stream, limits);
        } catch (IOException e) {
            throw unreadable(name, e);
        } catch (UncheckedIOException e) {
            throw unreadable(name, e.getCause());
        }
    }

    /**
     * Copies the remaining bytes of a buffer to native memory. The position of the buffer does not change.
     *
     * @param name what error messages call it
     * @param buffer the buffer
     * @param limits {@link Limits#maxModelBytes} is kept
     * @return the copied bytes
     * @throws ResourceLimitException if there are too many, or native memory is short
     */
    public static ModelBytes copy(String name, ByteBuffer buffer, Limits limits) {
        MemorySegment source = MemorySegment.ofBuffer(buffer);
        checkSize(name, source.byteSize(), limits);
        MemorySegment target = allocate(name, Arena.ofAuto(), source.byteSize());
        guarded(name, () -> target.copyFrom(source));
        return new ModelBytes(name, target);
    }

    /**
     * The name of these bytes in error messages: for a file its name without the folder.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The bytes, read-only. Use {@link #read} or {@link #guarded} to access a mapped file.
     *
     * @return the segment
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Runs a reader of the bytes as {@link #guarded} does.
     *
     * @param <T> the type of its result
     * @param reader reads the segment
     * @return its result
     * @throws MalformedModelException if the mapped file got shorter
     * @throws ResourceLimitException if memory ran out
     */
    public <T> T read(Function<MemorySegment, T> reader) {
        return guarded(name, () -> reader.apply(segment));
    }

    /**
     * Compares the SHA-256 of the bytes with the one that is expected. All bytes are read once, and none is kept. It is the checksum
     * of the bytes as they are now: those of a mapped file may change later, those of a copy may not.
     *
     * @param expected the checksum, 64 hexadecimal digits in lower case
     * @throws ChecksumException if it differs
     * @throws MalformedModelException if the mapped file got shorter
     * @throws dev.tenon.error.InterruptedPredictionException if the work budget of this thread ends before
     */
    public void requireSha256(String expected) {
        byte[] block = new byte[STREAM_BUFFER];
        SegmentInputStream in = new SegmentInputStream(name, segment);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(expected)) {
                throw new ChecksumException(name, found, expected);
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Runs a task that accesses mapped memory, and turns errors of the JVM into typed exceptions: the
     * {@link InternalError} of a mapped file that got shorter, too little memory, and too small a stack.
     *
     * @param <T> the type of its result
     * @param name what error messages call the bytes
     * @param task the task
     * @return its result
     * @throws MalformedModelException if a mapped file got shorter
     * @throws ResourceLimitException if memory or the stack ran out
     */
    public static <T> T guarded(String name, Supplier<T> task) {
        try {
            T result = task.get();
            awaitErrors();
            return result;
        } catch (InternalError e) {
            if (!isLostPage(e)) {
                throw e;
            }
            throw shrunk(name, "a mapped page is gone", e);
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            throw JvmLimits.typed(name, MORE_MEMORY, e);
        }
    }

    /**
     * Whether an error says that a page of mapped memory is gone. The JVM has no type for it, only words.
     *
     * @param e an error of the JVM
     * @return whether it does
     */
    public static boolean isLostPage(InternalError e) {
        return String.valueOf(e.getMessage()).contains("unsafe memory access operation");
    }

    /**
     * Lets the JVM raise the {@link InternalError} of an access to mapped memory that failed before. It raises the error at
     * its next safepoint, and compiled code may reach that after it has left the method that failed. The return from a
     * native method is a safepoint. Call it at the end of a block that catches the error. It takes a few nanoseconds.
     */
    public static void awaitErrors() {
        if (Thread.holdsLock(SAFEPOINT)) {
            throw new IllegalStateException("the lock of ModelBytes is held");
        }
    }

    /**
     * Refuses to view little-endian numbers of a file as tensors on a processor of the other order.
     *
     * @param thing the file or the tensor, for the message
     * @throws UnsupportedModelException if the processor is big-endian
     */
    public static void requireLittleEndian(String thing) {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedModelException(
                    thing, "a big-endian processor", "little-endian ones", "run on x86-64, AArch64 or RISC-V");
        }
    }

    private static MalformedModelException shrunk(String name, String found, Throwable cause) {
        return new MalformedModelException(
                name,
                "the file got shorter while it was in use: " + found,
                "a file that stays as it is",
                "leave the file alone while it is mapped, or load a copy of it (LoadOptions.copied())",
                cause);
    }

    private static void checkSize(String name, long size, Limits limits) {
        if (size > limits.maxModelBytes()) {
            throw new ResourceLimitException(
                    name,
                    size + " bytes or more",
                    "at most " + limits.maxModelBytes() + " bytes",
                    "raise Limits.maxModelBytes if the source is trusted");
        }
    }

    private static MemorySegment allocate(String name, Arena arena, long size) {
        try {
            return arena.allocate(size);
        } catch (OutOfMemoryError e) {
            throw new ResourceLimitException(
                    name,
                    size + " more bytes of native memory needed",
                    "the memory that -XX:MaxDirectMemorySize leaves (by default as much as the maximum heap, "
                            + Runtime.getRuntime().maxMemory() + " bytes)",
                    "raise -XX:MaxDirectMemorySize, or load from a Path, which maps the file");
        }
    }

    static ModelFileException unreadable(String thing, IOException e) {
        String found = e instanceof NoSuchFileException ? "no such file" : e.toString();
        return new ModelFileException(thing, found, "readable bytes", "check the file and its permissions", e);
    }
}
