package dev.tenon.formats.protobuf;

import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.SegmentInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds one protobuf message. Small fields are copied to buffers, large ones stay where they are. The size is known
 * before the first byte is written, so a message of any size is written as a stream and is never in memory as a whole.
 *
 * <p>Methods add the values that they are given, including default values. Large segments are not copied, and must not
 * change before the message is written. Not safe for several threads.
 */
public final class WireWriter {
    private static final int BUFFER = 1 << 12;
    private static final int COPIED = 1 << 10;
    private static final int TRANSFER = 1 << 16;

    private final List<MemorySegment> pieces = new ArrayList<>();
    private GrowableBytes tail = new GrowableBytes(64);
    private long sealed;

    /** An empty message. */
    public WireWriter() {}

    /**
     * The encoded length of all fields that were added so far.
     *
     * @return bytes
     */
    public long size() {
        return sealed + tail.size();
    }

    /**
     * Adds an int32, int64, uint64, bool or enum.
     *
     * @param field the field's number
     * @param value the value. A negative one takes ten bytes
     */
    public void int64(int field, long value) {
        tag(field, WireType.VARINT);
        tail.varint(value);
    }

    /**
     * Adds a float.
     *
     * @param field the field's number
     * @param value the value
     */
    public void float32(int field, float value) {
        tag(field, WireType.FIXED32);
        tail.fixed32(Float.floatToRawIntBits(value));
    }

    /**
     * Adds a double.
     *
     * @param field the field's number
     * @param value the value
     */
    public void float64(int field, double value) {
        tag(field, WireType.FIXED64);
        tail.fixed64(Double.doubleToRawLongBits(value));
    }

    /**
     * Adds a bytes field.
     *
     * @param field the field's number
     * @param value the bytes
     */
    public void bytes(int field, MemorySegment value) {
        tag(field, WireType.BYTES);
        tail.varint(value.byteSize());
        piece(value);
    }

    /**
     * Adds a string.
     *
     * @param field the field's number
     * @param value the string. An unpaired surrogate becomes {@code ?}
     */
    public void string(int field, String value) {
        bytes(field, MemorySegment.ofArray(value.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Adds a repeated scalar field, packed. Adds nothing if there are no values.
     *
     * @param field the field's number
     * @param values the values
     */
    public void packed(int field, Scalars values) {
        if (!values.isEmpty()) {
            bytes(field, values.payload());
        }
    }

    /**
     * Adds an embedded message.
     *
     * @param field the field's number
     * @param message the message. It must be complete: fields that are added to it later are not written
     */
    public void message(int field, WireWriter message) {
        tag(field, WireType.BYTES);
        tail.varint(message.size());
        for (MemorySegment piece : message.pieces) {
            piece(piece);
        }
        piece(message.tail.view());
    }

    /**
     * Writes the message.
     *
     * @param out takes the bytes. It is neither flushed nor closed
     * @throws IOException if it fails
     */
    public void writeTo(OutputStream out) throws IOException {
        byte[] buffer = new byte[Math.clamp(size(), 1, TRANSFER)];
        for (MemorySegment piece : all()) {
            SegmentInputStream in = new SegmentInputStream("a tensor of the model that is written", piece);
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        }
    }

    /**
     * Writes the message.
     *
     * @param channel takes the bytes. It is not closed
     * @throws IOException if it fails
     */
    public void writeTo(WritableByteChannel channel) throws IOException {
        writeTo(Channels.newOutputStream(channel));
    }

    /**
     * Writes the message to a file. The file appears or changes when it is complete.
     *
     * @param file the file, made or replaced. Segments of the message may be mapped from it
     * @throws ModelFileException if it can't be written
     */
    public void writeTo(Path file) {
        AtomicFile.write(file, this::writeTo);
    }

    private List<MemorySegment> all() {
        List<MemorySegment> all = new ArrayList<>(pieces);
        all.add(tail.view());
        return all;
    }

    private void tag(int field, int type) {
        tail.varint((long) field << 3 | type);
    }

    private void piece(MemorySegment bytes) {
        if (bytes.byteSize() <= COPIED) {
            tail.add(bytes);
            if (tail.size() > BUFFER) {
                seal();
            }
        } else {
            seal();
            pieces.add(bytes);
            sealed += bytes.byteSize();
        }
    }

    private void seal() {
        if (tail.size() > 0) {
            pieces.add(tail.view());
            sealed += tail.size();
            tail = new GrowableBytes(64);
        }
    }
}
