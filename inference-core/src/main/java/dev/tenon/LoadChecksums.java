package dev.tenon;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The checksums that {@link LoadOptions} states for one model that is loaded: each byte that is read is covered, or reading fails.
 *
 * @param expected checksums by names of files; empty if nothing is compared
 * @param prefix what comes before the name of a file in the model's folder: a path that ends with a slash, or nothing
 * @param file the name of the model's file among the expected ones
 */
record LoadChecksums(Map<String, String> expected, String prefix, String file) {
    private static final String ONE_FILE = "";

    /** For a model that is no file. */
    static LoadChecksums of(LoadOptions options, String name) {
        return new LoadChecksums(options.sha256(), "", name);
    }

    /**
     * For a file or folder.
     *
     * @param path the path that the caller gave
     * @param file the file that the path stands for
     */
    static LoadChecksums of(LoadOptions options, Path path, Path file) {
        boolean isFolder = Files.isDirectory(path);
        if (options.sha256().containsKey(ONE_FILE) && !file.equals(path)) {
            throw new ModelFileException(
                    path.toString(),
                    isFolder ? "a folder, whose files have a checksum each" : "a model of several files",
                    "a file that is the whole model",
                    "name the file of the model, or set LoadOptions.sha256 of a map with the checksum of each file");
        }
        String prefix = "";
        Path parent = file.getParent();
        if (isFolder && parent != null && !parent.equals(path)) {
            for (Path part : path.relativize(parent)) {
                prefix += part + "/";
            }
        }
        return new LoadChecksums(options.sha256(), prefix, prefix + file.getFileName());
    }

    /** The file of the model, after its checksum was compared. */
    ModelBytes checked(ModelBytes bytes) {
        if (!expected.isEmpty()) {
            bytes.requireSha256(expected.containsKey(ONE_FILE) ? expected.get(ONE_FILE) : expected(file));
        }
        return bytes;
    }

    /** Data whose files are compared when they are opened for the first time. */
    ExternalData checked(ExternalData external) {
        if (expected.isEmpty()) {
            return external;
        }
        Set<String> checked = ConcurrentHashMap.newKeySet();
        return location -> {
            // First, because readers ask for files that there may not be.
            MemorySegment segment = external.open(location);
            if (!checked.contains(location)) {
                ModelBytes.of(location, segment).requireSha256(expected(prefix + location));
                checked.add(location);
            }
            return segment;
        };
    }

    private String expected(String name) {
        String sha256 = expected.get(name);
        if (sha256 == null) {
            throw new ModelFileException(
                    "file '" + name + "'",
                    "no checksum for it in LoadOptions.sha256",
                    expected.containsKey(ONE_FILE) ? "a model in one file" : String.join(", ", expected.keySet()),
                    "if the file belongs to the model, add its name and SHA-256 to LoadOptions.sha256 of a map");
        }
        return sha256;
    }
}
