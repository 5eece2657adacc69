package dev.tenon.formats;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** External data confined to one folder. */
final class FolderData implements ExternalData {
    private static final Pattern ABSOLUTE = Pattern.compile("^(?:[/\\\\]|[A-Za-z]:).*", Pattern.DOTALL);
    private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]");
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
        if (ABSOLUTE.matcher(location).matches()) {
            throw refused(thing, "an absolute path");
        }
        for (String part : SEPARATOR.split(location, -1)) {
            if (part.equals("..")) {
                throw refused(thing, "a '..' that leads out of a folder");
            }
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

    private static ModelFileException refused(String thing, String found) {
        return new ModelFileException(
                thing,
                found,
                "a relative path to a file in the model's folder",
                "put the file beside the model, or pass an ExternalData of your own that finds it");
    }
}
