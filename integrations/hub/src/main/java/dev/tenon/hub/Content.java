package dev.tenon.hub;

import dev.tenon.formats.ChecksumException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file on a server, and how to tell it from others.
 *
 * @param name its name in messages
 * @param address where it is
 * @param sha256 the checksum of its bytes, empty if nobody states it
 * @param git its name as a blob of Git, empty if it has none
 * @param size its bytes, below zero if it is not known
 */
record Content(String name, URI address, String sha256, String git, long size) {
    /**
     * Reads a file and compares it.
     *
     * @throws ChecksumException if it is not this content
     */
    void require(Path file) throws IOException {
        long found = Files.size(file);
        if (size >= 0 && found != size) {
            throw new ChecksumException(
                    name, "of a file of " + found + " bytes", "that of a file of " + size + " bytes");
        }
        if (!sha256.isEmpty()) {
            require(Checksums.sha256(file), sha256);
        }
        if (!git.isEmpty()) {
            require(Checksums.git(file), git);
        }
    }

    private void require(String found, String expected) {
        if (!found.equals(expected)) {
            throw new ChecksumException(name, found, expected);
        }
    }
}
