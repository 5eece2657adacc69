package dev.tenon.spark;

import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Copies of the files of models, which Spark hands to executors: their names begin with a hash of their bytes. Spark takes two
 * files of one name for the same file, and reads a file when an executor asks for it, not when it is added. So a copy is needed
 * if the file may be replaced. Copies stay until the JVM of the driver ends.
 */
final class ModelCopy {
    private static final ConcurrentMap<String, Path> COPIES = new ConcurrentHashMap<>();

    private ModelCopy() {}

    /** The copy of a file as it is now. Throws a {@link ModelFileException} if it can't be made. */
    static Path of(Path model) {
        try {
            Path folder = Files.createTempDirectory("tenon-spark");
            folder.toFile().deleteOnExit();
            Path copy = folder.resolve(model.getFileName());
            MessageDigest hash = sha256();
            try (InputStream in = new DigestInputStream(Files.newInputStream(model), hash)) {
                Files.copy(in, copy);
            }
            String name = HexFormat.of().formatHex(hash.digest()) + "-" + model.getFileName();
            Path named = Files.move(copy, folder.resolve(name));
            Path first = COPIES.putIfAbsent(name, named);
            if (first != null) {
                Files.delete(named);
                Files.delete(folder);
                return first;
            }
            named.toFile().deleteOnExit();
            return named;
        } catch (IOException e) {
            throw new ModelFileException("model " + model, "can't be copied: " + e, "a file that can be read", null, e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
