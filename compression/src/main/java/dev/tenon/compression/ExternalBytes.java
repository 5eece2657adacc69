package dev.tenon.compression;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the bytes of a model's file and of the files beside it that hold its tensors. */
final class ExternalBytes implements ExternalData {
    private final Path file;
    private final ExternalData folder;
    private final Map<Long, Long> sizes = new ConcurrentHashMap<>();

    ExternalBytes(Path file) {
        this.file = file;
        this.folder = ExternalData.inFolder(file.toAbsolutePath().getParent());
    }

    @Override
    public MemorySegment open(String location) {
        MemorySegment segment = folder.open(location);
        sizes.put(segment.address(), segment.byteSize());
        return segment;
    }

    /** The bytes of all files that were read. */
    long sum() {
        try {
            return Files.size(file)
                    + sizes.values().stream().mapToLong(Long::longValue).sum();
        } catch (IOException e) {
            throw new ModelFileException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
    }
}
