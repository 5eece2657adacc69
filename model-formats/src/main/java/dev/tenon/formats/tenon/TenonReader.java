package dev.tenon.formats.tenon;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads packages. Weights stay where they lie in the file. */
public final class TenonReader implements ModelReader {
    private static final String CURE = "save the package again from the model";

    /** The reader. */
    public TenonReader() {}

    @Override
    public String format() {
        return "Tenon";
    }

    @Override
    public boolean accepts(MemorySegment head) {
        return head.byteSize() >= Long.BYTES
                && head.asSlice(0, Long.BYTES).asByteBuffer().getLong() == PackageLayout.MAGIC;
    }

    @Override
    public ModelFile read(ModelSource source) {
        return source.bytes().read(file -> {
            String name = source.bytes().name();
            byte[] head = head(name, file);
            long start = PackageLayout.aligned(PackageLayout.HEADER + (long) head.length);
            MemorySegment data = file.asSlice(start);
            return new PackageHead(name, head, data, source).model();
        });
    }

    /** Checks the header and the checksum of the head. */
    private static byte[] head(String name, MemorySegment file) {
        if (file.byteSize() < PackageLayout.HEADER) {
            throw malformed(name, file.byteSize() + " bytes", "a header of " + PackageLayout.HEADER + " bytes");
        }
        byte[] bytes = file.asSlice(0, PackageLayout.HEADER).toArray(ValueLayout.JAVA_BYTE);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int version = header.getInt(PackageLayout.VERSION_AT);
        if (header.getInt(PackageLayout.HEADER_CHECKSUM_AT) != PackageLayout.headerChecksum(bytes)) {
            throw malformed(name + ", header", "another checksum", "the checksum that stands in it");
        }
        if (version != PackageLayout.VERSION) {
            throw new UnsupportedModelException(
                    name, "a package of version " + version, "version " + PackageLayout.VERSION, CURE);
        }
        boolean little = header.getInt(PackageLayout.ORDER_AT) == 1;
        if (little != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)) {
            throw new UnsupportedModelException(
                    name, "data of another byte order", ByteOrder.nativeOrder().toString(), CURE);
        }
        long fileBytes = header.getLong(PackageLayout.FILE_BYTES_AT);
        long headBytes = header.getLong(PackageLayout.HEAD_BYTES_AT);
        if (fileBytes != file.byteSize()) {
            throw malformed(name, file.byteSize() + " bytes", fileBytes + ", as the header says");
        }
        if (headBytes < 0
                || headBytes > Integer.MAX_VALUE - PackageLayout.HEADER
                || PackageLayout.aligned(PackageLayout.HEADER + headBytes) > fileBytes) {
            throw malformed(name + ", header", "a head of " + headBytes + " bytes", "what the file has room for");
        }
        byte[] head = file.asSlice(PackageLayout.HEADER, headBytes).toArray(ValueLayout.JAVA_BYTE);
        if (PackageLayout.checksum(head) != header.getInt(PackageLayout.HEAD_CHECKSUM_AT)) {
            throw malformed(name + ", head", "another checksum", "the checksum that stands in the header");
        }
        return head;
    }

    static MalformedModelException malformed(String thing, String found, String allowed) {
        return new MalformedModelException(thing, found, allowed, CURE);
    }
}
