package dev.tenon.plan;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.Preparation.UncheckedConstant;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The checksums of constants of a mapped package that reading the package did not compare, because that reads all
 * bytes. They are compared when a constant is read for another reason, to be packed for a kernel. Safe for any number
 * of threads.
 */
public final class DeferredChecksums {
    private static final int CHUNK = 1 << 16;

    private final Map<Tensor, Integer> checksums = new IdentityHashMap<>();

    /**
     * Checksums of which none is compared yet.
     *
     * @param constants the constants with their checksums
     */
    public DeferredChecksums(List<UncheckedConstant> constants) {
        constants.forEach(c -> checksums.put(c.constant(), c.checksum()));
    }

    /**
     * Compares all constants with their checksums.
     *
     * @throws MalformedModelException if the bytes of a constant in the file are not those that were written
     */
    public synchronized void checkAll() {
        new ArrayList<>(checksums.keySet()).forEach(this::check);
    }

    /**
     * Compares a constant with its checksum, unless that was done before or the constant has none.
     *
     * @throws MalformedModelException if its bytes in the file are not those that were written
     */
    synchronized void check(Tensor constant) {
        Integer checksum = checksums.get(constant);
        if (checksum == null) {
            return;
        }
        Tensor stored = constant.narrow() == null ? constant : constant.narrow();
        if (checksum(stored.segment()) != checksum) {
            throw new MalformedModelException(
                    "constant " + constant.type(),
                    "another checksum",
                    "the checksum in the manifest of the package",
                    "save the package again from the model");
        }
        checksums.remove(constant);
    }

    /**
     * Computes the checksum of a copy. If a mapped file shrinks, a copy ends with an exception, but other loops over
     * the memory may end the JVM.
     */
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
