package dev.tenon.hub;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The files of one repository in the cache that Python's huggingface_hub uses:
 *
 * <pre>
 * CACHE/models--ORG--NAME/blobs/ETAG                      the bytes: ETAG is SHA-256, or SHA-1 of Git for small files
 * CACHE/models--ORG--NAME/snapshots/COMMIT/PATH           a link to ../../blobs/ETAG, or a file where links can't be made
 * CACHE/models--ORG--NAME/refs/REVISION                   the commit of a branch or tag, without an end of line
 * CACHE/.locks/models--ORG--NAME/ETAG.lock                locked while a blob is made
 * </pre>
 *
 * @param root the folder of the cache
 * @param folder that of the repository
 * @param symbolicLinks whether links are tried
 * @see <a href="https://huggingface.co/docs/hub/local-cache">Hub Local Cache</a>, where the layout is described
 */
record HubCache(Path root, Path folder, boolean symbolicLinks) {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]{1,96}");

    /** A cache for a repository, whose name was checked. */
    static HubCache of(String repository, HubOptions options) {
        Path root = options.cache().orElseGet(() -> root(System.getenv(), Path.of(System.getProperty("user.home"))));
        return new HubCache(root, root.resolve("models--" + repository.replace("/", "--")), options.isSymbolicLinks());
    }

    /** Makes the typed error of a fault in the files of a cache. An interrupt closes the file that is written or locked. */
    static TenonException failure(String thing, Path folder, IOException e) {
        if (e instanceof ClosedByInterruptException || e instanceof FileLockInterruptionException) {
            return Deadline.interrupted(thing, e);
        }
        return new ModelFileException(
                folder.toString(),
                e.toString(),
                "a cache that can be read, and written for a download",
                "check folder, permissions and space, or set HubOptions.cache",
                e);
    }

    /** The folder of the cache, as huggingface_hub finds it. */
    static Path root(Map<String, String> environment, Path home) {
        String hub = environment.getOrDefault("HF_HUB_CACHE", environment.get("HUGGINGFACE_HUB_CACHE"));
        if (hub != null) {
            return expanded(hub, home);
        }
        String own = environment.get("HF_HOME");
        return (own == null ? userCache(environment, home).resolve("huggingface") : expanded(own, home)).resolve("hub");
    }

    /** The folder for caches of this user. */
    static Path userCache(Map<String, String> environment, Path home) {
        String caches = environment.get("XDG_CACHE_HOME");
        return caches == null ? home.resolve(".cache") : expanded(caches, home);
    }

    private static Path expanded(String path, Path home) {
        boolean isHome = path.equals("~") || path.startsWith("~/");
        return isHome ? home.resolve(path.substring(Math.min(2, path.length()))) : Path.of(path);
    }

    /**
     * Refuses what is no name of a repository, as huggingface_hub does.
     *
     * @return the name
     */
    static String repository(String name) {
        String[] parts = name.split("/", -1);
        boolean isName = parts.length <= 2 && name.length() <= 96 && !name.contains("--") && !name.contains("..");
        for (String part : parts) {
            isName &= PART.matcher(part).matches()
                    && !part.startsWith("-")
                    && !part.startsWith(".")
                    && !part.endsWith("-")
                    && !part.endsWith(".");
        }
        if (!isName) {
            throw new InvalidOptionException(
                    "repository",
                    "'" + name + "'",
                    "ORG/NAME of letters, digits, '_', '.', '-', without '--' and '..', at most 96",
                    "copy it from the page of the model");
        }
        return name;
    }

    /**
     * Refuses what leads out of the folder of a repository.
     *
     * @param thing what it is
     * @param path a path of a file, or a revision
     * @return the path
     */
    static String inside(String thing, String path) {
        boolean isInside =
                path.length() <= 1024 && path.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':' || c == 127);
        for (String part : path.split("/", -1)) {
            isInside &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
        }
        if (!isInside) {
            throw new InvalidOptionException(
                    thing,
                    "'" + path + "'",
                    "names with '/' between them, none of which is empty, '.' or '..', without '\\', ':' and control characters",
                    null);
        }
        return path;
    }

    /** The commit of a revision, as the cache knows it. */
    Optional<String> commit(String revision) throws IOException {
        if (Checksums.GIT.matcher(revision).matches()) {
            return Optional.of(revision);
        }
        Path ref = ref(revision);
        String commit = Files.isRegularFile(ref) ? Files.readString(ref).strip() : "";
        return Optional.of(commit).filter(text -> Checksums.GIT.matcher(text).matches());
    }

    /** Notes the commit of a revision. */
    void note(String revision, String commit) throws IOException {
        if (!revision.equals(commit) && !commit(revision).equals(Optional.of(commit))) {
            Path ref = ref(revision);
            Files.createDirectories(ref.getParent());
            AtomicFile.writeText(ref, commit);
        }
    }

    private Path ref(String revision) {
        return folder.resolve("refs").resolve(revision);
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    Path blob(String etag) {
        return folder.resolve("blobs").resolve(etag);
    }

    Path lock(String etag) {
        return root.resolve(".locks").resolve(folder.getFileName()).resolve(etag + ".lock");
    }

    /**
     * Puts a blob into a snapshot. A file that is there is replaced in one step.
     *
     * @param blob the blob
     * @param isNew whether no other file of a snapshot may lead to it, so that it may be moved if there can be no link
     * @param pointer the place in the snapshot
     */
    void link(Path blob, boolean isNew, Path pointer) throws IOException {
        Files.createDirectories(pointer.getParent());
        Path made = pointer.resolveSibling(pointer.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            if (!isLinked(made, pointer.getParent().relativize(blob))) {
                if (isNew) {
                    Transfer.move(blob, pointer);
                    return;
                }
                Files.copy(blob, made, StandardCopyOption.REPLACE_EXISTING);
            }
            Transfer.move(made, pointer);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    private boolean isLinked(Path link, Path target) throws IOException {
        if (!symbolicLinks) {
            return false;
        }
        try {
            Files.createSymbolicLink(link, target);
            return true;
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // This file system has none, or this user may not make any.
            return false;
        }
    }
}
