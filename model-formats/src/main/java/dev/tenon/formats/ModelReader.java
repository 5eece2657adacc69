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
     * Whether a file looks like this format, judged by its first bytes. Cheap. A file that is accepted may still turn
     * out to be malformed.
     *
     * @param head the first bytes of the file, at most 4096
     * @return true if this reader should try
     */
    boolean accepts(MemorySegment head);

    /**
     * Reads a model. Does not optimise it.
     *
     * @param source the file and what belongs to it
     * @return the model
     * @throws MalformedModelException if the file is not well formed
     * @throws UnsupportedModelException if it needs a feature or an operator that is not there
     * @throws dev.tenon.error.TenonException if types in the graph do not fit, or a limit is exceeded
     */
    ModelFile read(ModelSource source);
}
