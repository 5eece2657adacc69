package dev.tenon.formats;

import dev.tenon.error.ResourceLimitException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Finds external data in one folder and nowhere else, but for the blobs of a snapshot. */
final class FolderExternalData implements ExternalData {
    private static final int COMMIT_DIGITS = 40;

    private static final Limits UNBOUNDED = Limits.standard().maxModelBytes(Long.MAX_VALUE);

    private final Path folder;
    private final boolean copy;
    private final int maxFiles;

    /** The files that were opened, by their real paths. Locations with different spellings may lead to one file. */
    private final Map<Path, MemorySegment> files = new HashMap<>();

    /** The location that was opened last. Most models keep all tensors in one file. */
    private String lastLocation = "";

    private MemorySegment lastFile;

    FolderExternalData(Path folder, boolean copy, Limits limits) {
        this.folder = folder;
        this.copy = copy;
        this.maxFiles = limits.maxExternalFiles();
    }

    @Override
    public synchronized MemorySegment open(String location) {
        if (lastFile == null || !lastLocation.equals(location)) {
            lastFile = file(location);
            lastLocation = location;
        }
        return lastFile;
    }

    private MemorySegment file(String location) {
        String thing = "external data '" + location + "' of " + folder;
        Path path = realPath(thing, location);
        MemorySegment known = files.get(path);
        if (known != null) {
            return known;
        }
        if (files.size() >= maxFiles) {
            throw new ResourceLimitException(
                    thing,
                    "more external files",
                    "at most " + maxFiles,
                    "put the tensors into fewer files, or raise Limits.maxExternalFiles if the source is trusted");
        }
        MemorySegment segment = (copy ? ModelBytes.copy(path, UNBOUNDED) : ModelBytes.map(path, UNBOUNDED)).segment();
        Placeholders.refusePages(thing, segment, "the tensors of the model");
        files.put(path, segment);
        return segment;
    }

    private Path realPath(String thing, String location) {
        if (location.isEmpty()) {
            throw refused(thing, "an empty location");
        }
        if (isAbsolute(location)) {
            throw refused(thing, "an absolute path");
        }
        if (("/" + location.replace('\\', '/') + "/").contains("/../")) {
            throw refused(thing, "a '..' that leads out of a folder");
        }
        try {
            Path root = folder.toRealPath();
            Path real = root.resolve(location).toRealPath();
            if (!real.startsWith(root) && !isBlobOfSnapshot(root, real)) {
                throw refused(thing, "a symbolic link that leads out of the folder");
            }
            return real;
        } catch (InvalidPathException e) {
            throw refused(thing, "not a path (" + e.getReason() + ")");
        } catch (NoSuchFileException e) {
            throw new ModelFileException(
                    thing,
                    "no such file",
                    "a file beside the model, which keeps tensors in it",
                    "copy '" + location + "' from where the model is from to " + folder,
                    e);
        } catch (IOException e) {
            throw ModelBytes.unreadable(thing, e);
        }
    }

    /**
     * Whether a folder is a snapshot in the cache of Hugging Face, or a folder in one, and a file is one of the blobs to which the
     * files of snapshots lead: {@code snapshots/COMMIT/...} and {@code blobs/NAME} of one repository. Blobs have no other content than
     * what was downloaded as such files.
     */
    private static boolean isBlobOfSnapshot(Path root, Path real) {
        Path blobs = real.getParent();
        for (Path each = root; each != null && each.getParent() != null; each = each.getParent()) {
            if (each.getParent().endsWith("snapshots")) {
                String commit = each.getFileName().toString();
                return commit.length() == COMMIT_DIGITS
                        && commit.chars().allMatch(HexFormat::isHexDigit)
                        && each.getParent().resolveSibling("blobs").equals(blobs);
            }
        }
        return false;
    }

    /** Whether a location begins as absolute paths do on any system. */
    private static boolean isAbsolute(String location) {
        char first = location.charAt(0);
        boolean letter = first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z';
        return first == '/' || first == '\\' || letter && location.startsWith(":", 1);
    }

    private static ModelFileException refused(String thing, String found) {
        return new ModelFileException(
                thing,
                found,
                "a relative path to a file in the model's folder",
                "put the file beside the model, or pass an ExternalData of your own that finds it");
    }
}
