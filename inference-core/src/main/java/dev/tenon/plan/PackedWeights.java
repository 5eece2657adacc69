package dev.tenon.plan;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.Preparation.PackedConstant;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Packed constants of a package. They stay in the file until the first of them is needed; then all are copied to native
 * memory. Safe for any number of threads.
 */
public final class PackedWeights {
    private static final long CHECKED_AT_ONCE = 1 << 30;

    private final List<PackedConstant> constants;
    private final SessionMemory source;
    private MemorySegment[] copies;

    PackedWeights(List<PackedConstant> constants, SessionMemory source) {
        this.source = source;
        this.constants = List.copyOf(constants);
    }

    /**
     * The size of a packed constant.
     *
     * @param index its index
     * @return bytes
     */
    public long byteSize(int index) {
        return constants.get(index).bytes().byteSize();
    }

    /**
     * A packed constant.
     *
     * @param index its index
     * @return native memory, aligned to 64 bytes; the same at every call
     * @throws MalformedModelException if its bytes in the file are not those that were written
     */
    public synchronized MemorySegment segment(int index) {
        if (copies == null) {
            copies = copy();
        }
        return copies[index];
    }

    private MemorySegment[] copy() {
        MemorySegment all = source.take("packed weights", totalBytes());
        MemorySegment[] segments = new MemorySegment[constants.size()];
        long offset = 0;
        for (int i = 0; i < segments.length; i++) {
            PackedConstant c = constants.get(i);
            segments[i] = all.asSlice(offset, c.bytes().byteSize());
            MemorySegment.copy(c.bytes(), 0, segments[i], 0, c.bytes().byteSize());
            if (checksum(segments[i]) != c.checksum()) {
                throw new MalformedModelException(
                        "packed input " + c.input() + " of node " + c.node(),
                        "another checksum",
                        "the checksum in the manifest of the package",
                        "save the package again from the model");
            }
            offset += MemoryPlan.aligned(c.bytes().byteSize());
        }
        return segments;
    }

    /**
     * The native memory of all constants, once they are copied.
     *
     * @return bytes
     */
    public long totalBytes() {
        long bytes = 0;
        for (PackedConstant c : constants) {
            bytes += MemoryPlan.aligned(c.bytes().byteSize());
        }
        return bytes;
    }

    private static int checksum(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < bytes.byteSize(); at += CHECKED_AT_ONCE) {
            ByteBuffer part = bytes.asSlice(at, Math.min(CHECKED_AT_ONCE, bytes.byteSize() - at))
                    .asByteBuffer();
            crc.update(part);
        }
        return (int) crc.getValue();
    }
}
