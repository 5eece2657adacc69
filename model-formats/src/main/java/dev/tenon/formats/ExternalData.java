package dev.tenon.formats;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Finds the bytes of the files in which a model keeps its large tensors. ONNX names each by a <i>location</i>, a path
 * relative to the model's folder, and the tensors in it by offset and length.
 *
 * <p>A resolver is called once for each tensor that refers to a location: it keeps what is costly to make. It may be
 * called from several threads.
 */
@FunctionalInterface
public interface ExternalData {
    /**
     * All bytes of one location.
     *
     * @param location what the model file says; untrusted
     * @return the bytes, which stay valid and unchanged while reachable
     * @throws ModelFileException if there are none, or the model may not have them
     */
    MemorySegment open(String location);

    /**
     * Maps files of one folder and its subfolders, each once. A location that is empty, absolute, has a {@code ..} in it,
     * names a folder, or leads out of the folder by a symbolic link is refused.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData inFolder(Path folder) {
        return new FolderData(folder, false);
    }

    /**
     * As {@link #inFolder}, but copies each file to native memory instead of mapping it: for files that may change.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData copiedFromFolder(Path folder) {
        return new FolderData(folder, true);
    }

    /**
     * Refuses every location: for models that come from a stream or a buffer.
     *
     * @return the resolver
     */
    static ExternalData none() {
        return location -> {
            throw new ModelFileException(
                    "external data '" + location + "'",
                    "a model that did not come from a file",
                    "tensors stored in the model itself",
                    "load the model from its Path, or pass an ExternalData that finds the location");
        };
    }
}
