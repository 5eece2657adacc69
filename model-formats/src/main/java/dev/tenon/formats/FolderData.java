package dev.tenon.formats;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** External data confined to one folder. */
final class FolderData implements ExternalData {
    private static final Limits UNBOUNDED = Limits.defaults().withMaxModelBytes(Long.MAX_VALUE);

    private final Path folder;
    private final boolean copy;
    private final Map<String, MemorySegment> open = new ConcurrentHashMap<>();

    FolderData(Path folder, boolean copy) {
        this.folder = folder;
        this.copy = copy;
    }

    @Override
    public MemorySegment open(String location) {
        return open.computeIfAbsent(location, this::map);
    }

    private MemorySegment map(String location) {
        String thing = "external data '" + location + "' of " + folder;
        if (location.isEmpty()) {
            throw refused(thing, "an empty location");
        }
        if (isAbsolute(location)) {
            throw refused(thing, "an absolute path");
        }
        if (("/" + location.replace('\\', '/') + "/").contains("/../")) {
            throw refused(thing, "a '..' that leads out of a folder");
        }
        Path real;
        try {
            Path root = folder.toRealPath();
            real = root.resolve(location).toRealPath();
            if (!real.startsWith(root)) {
                throw refused(thing, "a symbolic link that leads out of the folder");
            }
        } catch (InvalidPathException e) {
            throw refused(thing, "not a path (" + e.getReason() + ")");
        } catch (IOException e) {
            throw ModelBytes.unreadable(thing, e);
        }
        return (copy ? ModelBytes.copy(real, UNBOUNDED) : ModelBytes.map(real, UNBOUNDED)).segment();
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
