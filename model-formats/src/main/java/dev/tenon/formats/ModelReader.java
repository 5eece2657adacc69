package dev.tenon.formats;

import java.lang.foreign.MemorySegment;

/**
 * Reads one file format. Found through {@link java.util.ServiceLoader}. Stateless.
 */
public interface ModelReader {
    /**
     * The format's name, for messages.
     *
     * @return such as {@code ONNX}
     */
    String format();

    /**
     * Whether a file looks like this format, judged by its first bytes. Cheap; a yes is no promise that it can be read.
     *
     * @param head the first bytes of the file, at most 4096
     * @return true if this reader should try
     */
    boolean accepts(MemorySegment head);

    /**
     * Reads a model. Does not optimise.
     *
     * @param source the file and what belongs to it
     * @return the model
     * @throws MalformedModelException if the file is not well formed
     * @throws UnsupportedModelException if it needs what this reader or the operators do not have
     * @throws dev.tenon.error.TenonException if the graph does not type-check or a limit is reached
     */
    ModelFile read(ModelSource source);
}
