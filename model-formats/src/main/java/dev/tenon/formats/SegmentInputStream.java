package dev.tenon.formats;

import dev.tenon.budget.WorkBudget;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * Reads a memory segment from its first byte to its last.
 *
 * <p>Use it to pass mapped memory to a checksum, a comparison, a decoder or a channel. These run in native code or in
 * code of the JVM itself, and a mapped file that got shorter ends the process there. This stream copies the bytes, and
 * a copy fails with an exception instead.
 *
 * <p>Reading never throws {@link java.io.IOException}. It counts for the {@link WorkBudget} of the thread, so that whoever
 * passes over a long file ends in time. Not safe for several threads.
 */
public final class SegmentInputStream extends InputStream {
    /** Bytes that are copied in about a nanosecond. */
    private static final int BYTES_OF_OPERATION = 8;

    private static final int BLOCK = 1 << 16;

    private final String name;
    private final MemorySegment segment;
    private long position;

    /**
     * A stream of all bytes of a segment.
     *
     * @param name what error messages call the bytes
     * @param segment the bytes: heap, native or mapped
     */
    public SegmentInputStream(String name, MemorySegment segment) {
        this.name = Objects.requireNonNull(name);
        this.segment = Objects.requireNonNull(segment);
    }

    /**
     * Reads one byte.
     *
     * @return 0 to 255, or -1 at the end
     * @throws MalformedModelException if the segment is mapped from a file that got shorter
     */
    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /**
     * Reads as many bytes as there are, at most as many as fit.
     *
     * @param buffer takes the bytes
     * @return the number of bytes, or -1 at the end
     * @throws MalformedModelException if the segment is mapped from a file that got shorter
     */
    @Override
    public int read(byte[] buffer) {
        return read(buffer, 0, buffer.length);
    }

    /**
     * Reads as many bytes as there are, but no more than a given number.
     *
     * @param buffer takes the bytes
     * @param offset where to put the first one
     * @param length how many to read at most
     * @return the number of bytes, or -1 at the end
     * @throws MalformedModelException if the segment is mapped from a file that got shorter
     */
    @Override
    public int read(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        int count = (int) Math.min(length, segment.byteSize() - position);
        if (count == 0) {
            return length == 0 ? 0 : -1;
        }
        WorkBudget.spend(1 + count / BYTES_OF_OPERATION);
        long from = position;
        ModelBytes.guarded(name, () -> {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, from, buffer, offset, count);
            return count;
        });
        position += count;
        return count;
    }

    /**
     * Writes all bytes of a segment to a channel.
     *
     * @param name what error messages call the bytes
     * @param segment the bytes: heap, native or mapped
     * @param target where to write; it is not closed
     * @throws IOException if writing fails
     * @throws MalformedModelException if the segment is mapped from a file that got shorter
     */
    public static void write(String name, MemorySegment segment, WritableByteChannel target) throws IOException {
        byte[] block = new byte[(int) Math.min(BLOCK, segment.byteSize())];
        SegmentInputStream in = new SegmentInputStream(name, segment);
        for (int n = in.read(block); n > 0; n = in.read(block)) {
            ByteBuffer bytes = ByteBuffer.wrap(block, 0, n);
            while (bytes.hasRemaining()) {
                target.write(bytes);
            }
        }
    }
}
