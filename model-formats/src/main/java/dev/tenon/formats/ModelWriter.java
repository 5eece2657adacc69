package dev.tenon.formats;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** Writes one file format. Found through {@link java.util.ServiceLoader}. Stateless. */
public interface ModelWriter {
    /**
     * The format's name.
     *
     * @return such as {@code ONNX}
     */
    String format();

    /**
     * Writes a model.
     *
     * @param model the model
     * @param target where to write; it is not closed
     * @param version the version of the main operator set to write for, or 0 to leave it to the writer
     * @throws UnsupportedModelException if the graph holds what the format or the version can't express, by name
     * @throws IOException if writing fails
     */
    void write(ModelFile model, WritableByteChannel target, int version) throws IOException;
}
