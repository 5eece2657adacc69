package dev.tenon.plan;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.Preparation.UncheckedConstant;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Constants of a mapped package that were not compared with their checksums when it was read, since that reads them
 * whole: it is done when they are read anyway, to be laid out for kernels. Safe for any number of threads.
 */
final class UncheckedConstants {
    private static final int CHUNK = 1 << 16;

    private final Map<Tensor, Integer> checksums = new IdentityHashMap<>();

    UncheckedConstants(List<UncheckedConstant> constants) {
        constants.forEach(c -> checksums.put(c.constant(), c.checksum()));
    }

    /**
     * Compares a constant with its checksum, unless that was done before.
     *
     * @throws MalformedModelException if its bytes in the file are not those that were written
     */
    synchronized void check(Tensor constant) {
        Integer checksum = checksums.get(constant);
        if (checksum == null) {
            return;
        }
        if (checksum(constant.segment()) != checksum) {
            throw new MalformedModelException(
                    "constant " + constant.type(),
                    "another checksum",
                    "the checksum in the manifest of the package",
                    "save the package again from the model");
        }
        checksums.remove(constant);
    }

    /** Of copied bytes: a file that shrinks while it is mapped ends a copy with an exception, other loops with the JVM. */
    private static int checksum(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        byte[] chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            int length = (int) Math.min(CHUNK, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
            crc.update(chunk, 0, length);
        }
        return (int) crc.getValue();
    }
}
