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
     * Finds files in one folder and its subfolders, and maps each of them once, however its location is spelled. A
     * location is refused if it is empty, absolute, has a {@code ..} in it, names a folder, or leads out of the folder by
     * a symbolic link.
     *
     * @param folder the folder, usually the model's
     * @param limits {@link Limits#maxExternalFiles} holds, with a {@link dev.tenon.tensor.ResourceLimitException} beyond
     *     it
     * @return the resolver
     */
    static ExternalData inFolder(Path folder, Limits limits) {
        return new FolderData(folder, false, limits);
    }

    /**
     * As {@link #inFolder(Path, Limits)} with the {@linkplain Limits#defaults() default limits}.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData inFolder(Path folder) {
        return inFolder(folder, Limits.defaults());
    }

    /**
     * As {@link #inFolder(Path, Limits)}, but copies each file to native memory instead of mapping it: for files that may
     * change.
     *
     * @param folder the folder, usually the model's
     * @param limits {@link Limits#maxExternalFiles} holds
     * @return the resolver
     */
    static ExternalData copiedFromFolder(Path folder, Limits limits) {
        return new FolderData(folder, true, limits);
    }

    /**
     * As {@link #copiedFromFolder(Path, Limits)} with the {@linkplain Limits#defaults() default limits}.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData copiedFromFolder(Path folder) {
        return copiedFromFolder(folder, Limits.defaults());
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
