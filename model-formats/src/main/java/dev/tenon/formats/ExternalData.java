package dev.tenon.formats;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Finds the files in which a model keeps its large tensors. ONNX names a file by a <i>location</i>, a path relative to
 * the folder of the model, and a tensor in it by offset and length.
 *
 * <p>{@link #open} is called once for each tensor, so it should remember the files that it has opened. It may be called
 * from several threads.
 */
@FunctionalInterface
public interface ExternalData {
    /**
     * All bytes of one location.
     *
     * @param location the location in the model file, untrusted
     * @return the bytes, which stay valid and unchanged while reachable
     * @throws ModelFileException if there is no such file, with a {@link java.nio.file.NoSuchFileException} as its cause; or
     *     if the model may not read it
     */
    MemorySegment open(String location);

    /**
     * Finds files in one folder and its subfolders, and maps each of them once, however its location is spelled. A
     * location is refused if it is empty, absolute, has a {@code ..} in it, names a folder, or leads out of the folder
     * by a symbolic link. Links of a snapshot in the cache of Hugging Face to blobs of the same repository are followed.
     *
     * @param folder the folder, usually the model's
     * @param limits {@link Limits#maxExternalFiles} holds, with a {@link dev.tenon.error.ResourceLimitException}
     *     beyond it
     * @return the resolver
     */
    static ExternalData inFolder(Path folder, Limits limits) {
        return new FolderExternalData(folder, false, limits);
    }

    /**
     * As {@link #inFolder(Path, Limits)} with the {@linkplain Limits#standard() standard limits}.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData inFolder(Path folder) {
        return inFolder(folder, Limits.standard());
    }

    /**
     * As {@link #inFolder(Path, Limits)}, but copies each file to native memory instead of mapping it: for files that
     * may change.
     *
     * @param folder the folder, usually the model's
     * @param limits {@link Limits#maxExternalFiles} holds
     * @return the resolver
     */
    static ExternalData copiedFromFolder(Path folder, Limits limits) {
        return new FolderExternalData(folder, true, limits);
    }

    /**
     * As {@link #copiedFromFolder(Path, Limits)} with the {@linkplain Limits#standard() standard limits}.
     *
     * @param folder the folder, usually the model's
     * @return the resolver
     */
    static ExternalData copiedFromFolder(Path folder) {
        return copiedFromFolder(folder, Limits.standard());
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
                    "load the model from its Path, save it in one file, or pass LoadOptions.externalData with an"
                            + " ExternalData that finds the location");
        };
    }
}
