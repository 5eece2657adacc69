package dev.tenon.hub;

import dev.tenon.error.InvalidOptionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/** The two checksums by which files are known: SHA-256, and SHA-1 of a blob of Git. */
final class Checksums {
    static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

    private static final int BLOCK = 1 << 16;

    private Checksums() {}

    /** A checksum that a caller states, in lower case. */
    static String sha256(String thing, String hexadecimal) {
        String lower = hexadecimal.toLowerCase(Locale.ROOT);
        if (!SHA256.matcher(lower).matches()) {
            throw new InvalidOptionException(
                    "SHA-256 of " + thing, "'" + hexadecimal + "'", "64 hexadecimal digits", null);
        }
        return lower;
    }

    static String sha256(Path file) throws IOException {
        return digest(file, started("SHA-256"));
    }

    /** As Git names a file by its content: SHA-1 of {@code blob}, a space, the length, a zero byte and the content. */
    static String git(Path file) throws IOException {
        MessageDigest digest = started("SHA-1");
        digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        return digest(file, digest);
    }

    private static String digest(Path file, MessageDigest digest) throws IOException {
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest started(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
