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

/** Reads packages. Weights are views of the file. */
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
                && head.asSlice(0, Long.BYTES).asByteBuffer().getLong() == PackageFormat.MAGIC;
    }

    @Override
    public ModelFile read(ModelSource source) {
        return source.bytes().read(file -> {
            String name = source.bytes().name();
            byte[] manifest = manifest(name, file);
            long start = PackageFormat.aligned(PackageFormat.HEADER + (long) manifest.length);
            MemorySegment data = file.asSlice(start);
            return new ManifestReader(name, manifest, data, source).model();
        });
    }

    /** Checks the header and the checksum of the manifest. */
    private static byte[] manifest(String name, MemorySegment file) {
        if (file.byteSize() < PackageFormat.HEADER) {
            throw malformed(name, file.byteSize() + " bytes", "a header of " + PackageFormat.HEADER + " bytes");
        }
        byte[] bytes = file.asSlice(0, PackageFormat.HEADER).toArray(ValueLayout.JAVA_BYTE);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int version = header.getInt(PackageFormat.VERSION_AT);
        if (header.getInt(PackageFormat.HEADER_CHECKSUM_AT) != PackageFormat.headerChecksum(bytes)) {
            throw malformed(name + ", header", "another checksum", "the checksum in it");
        }
        if (version != PackageFormat.VERSION) {
            throw new UnsupportedModelException(
                    name, "a package of version " + version, "version " + PackageFormat.VERSION, CURE);
        }
        boolean little = header.getInt(PackageFormat.ORDER_AT) == 1;
        if (little != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)) {
            throw new UnsupportedModelException(
                    name, "data of another byte order", ByteOrder.nativeOrder().toString(), CURE);
        }
        long fileBytes = header.getLong(PackageFormat.FILE_BYTES_AT);
        long manifestBytes = header.getLong(PackageFormat.MANIFEST_BYTES_AT);
        if (fileBytes != file.byteSize()) {
            throw malformed(name, file.byteSize() + " bytes", fileBytes + ", as the header says");
        }
        if (manifestBytes < 0
                || manifestBytes > Integer.MAX_VALUE - PackageFormat.HEADER
                || PackageFormat.aligned(PackageFormat.HEADER + manifestBytes) > fileBytes) {
            throw malformed(
                    name + ", header", "a manifest of " + manifestBytes + " bytes", "at most the rest of the file");
        }
        byte[] manifest = file.asSlice(PackageFormat.HEADER, manifestBytes).toArray(ValueLayout.JAVA_BYTE);
        if (PackageFormat.checksum(manifest) != header.getInt(PackageFormat.MANIFEST_CHECKSUM_AT)) {
            throw malformed(name + ", manifest", "another checksum", "the checksum in the header");
        }
        return manifest;
    }

    static MalformedModelException malformed(String thing, String found, String allowed) {
        return new MalformedModelException(thing, found, allowed, CURE);
    }
}
