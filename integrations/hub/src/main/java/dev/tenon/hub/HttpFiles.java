package dev.tenon.hub;

import dev.tenon.formats.ChecksumException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The cache of files that are known by their checksum alone: {@code files/SHA256/NAME}. The name is that at the end of the address'
 * path; nothing of its query, which may be signed, is written anywhere.
 */
final class HttpFiles {
    private static final int LONGEST_NAME = 100;

    private HttpFiles() {}

    static Path file(URI address, String sha256, HubOptions options) {
        Addresses.check("address", address);
        String name = name(address);
        String thing = "'" + name + "' of " + Addresses.text(address);
        String checksum = Checksums.sha256(thing, sha256);
        Path root = options.cache()
                .orElseGet(() -> HubCache.userCache(System.getenv(), Path.of(System.getProperty("user.home")))
                        .resolve("tenon"));
        Path file = root.resolve("files").resolve(checksum).resolve(name);
        Content content = new Content(thing, address, checksum, "", -1);
        try {
            if (Files.isRegularFile(file) && isRight(content, file, options)) {
                return file;
            }
            if (!options.isDownload()) {
                throw HuggingFace.offline(thing, "not in the cache " + root);
            }
            download(content, file, root.resolve(".locks").resolve(checksum + ".lock"), options);
            return file;
        } catch (IOException e) {
            throw HubCache.failure(thing, root, e);
        }
    }

    /** Whether the file of the cache has its checksum. If it may not be replaced, another one is an error. */
    private static boolean isRight(Content content, Path file, HubOptions options) throws IOException {
        try {
            content.require(file);
            return true;
        } catch (ChecksumException e) {
            if (!options.isDownload()) {
                throw e;
            }
            return false;
        }
    }

    private static void download(Content content, Path file, Path lockFile, HubOptions options) throws IOException {
        HuggingFace.refuseOffline(System.getenv("HF_HUB_OFFLINE"), content.name());
        try (Requests requests = new Requests(options);
                CacheLock _ = CacheLock.acquire(lockFile, requests.deadline(), content.name())) {
            if (!Files.isRegularFile(file) || !isRight(content, file, options)) {
                new Transfer(requests, content, file).run();
            }
        }
    }

    /** The last name of a path, of characters that every file system takes. */
    static String name(URI address) {
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]+", "_");
        String name = last.substring(Math.max(0, last.length() - LONGEST_NAME)).replaceFirst("^\\.+", "");
        return name.isEmpty() ? "file" : name;
    }
}
