package dev.tenon.formats.tenon;

import dev.tenon.budget.WorkBudget;
import dev.tenon.formats.SegmentInputStream;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** The places of the parts of a package. */
final class PackageFormat {
    /** The first bytes of a package. They are no text, and are damaged if the file is copied as text. */
    static final long MAGIC = 0x8954_4E4E_0D0A_1A0AL;

    /** The version of the format. It covers the layouts in a package and the text form of operators too. */
    static final int VERSION = 2;

    /**
     * The size of the header: magic, version, checksum of the header, length of the file, length and checksum of the
     * manifest, byte order.
     */
    static final int HEADER = 64;

    static final int VERSION_AT = 8;
    static final int HEADER_CHECKSUM_AT = 12;
    static final int FILE_BYTES_AT = 16;
    static final int MANIFEST_BYTES_AT = 24;
    static final int MANIFEST_CHECKSUM_AT = 32;
    static final int ORDER_AT = 36;

    /** Each part of the data starts at a multiple of this size. */
    static final int ALIGNMENT = 64;

    private static final int BLOCK = 1 << 16;

    private PackageFormat() {}

    static long aligned(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    /** The checksum of a header without the bytes of the checksum itself. */
    static int headerChecksum(byte[] header) {
        CRC32C crc = new CRC32C();
        crc.update(header, 0, HEADER_CHECKSUM_AT);
        crc.update(header, HEADER_CHECKSUM_AT + Integer.BYTES, HEADER - HEADER_CHECKSUM_AT - Integer.BYTES);
        return (int) crc.getValue();
    }

    static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** The checksum of bytes that may be mapped. */
    static int checksum(String name, MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        SegmentInputStream in = new SegmentInputStream(name, bytes);
        byte[] block = new byte[(int) Math.min(BLOCK, bytes.byteSize())];
        for (int n = in.read(block); n > 0; n = in.read(block)) {
            crc.update(block, 0, n);
            WorkBudget.spend(n);
        }
        return (int) crc.getValue();
    }
}
