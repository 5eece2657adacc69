package dev.tenon.formats;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** Writes one file format. Found through {@link java.util.ServiceLoader}. Stateless. */
public interface ModelWriter {
    /**
     * The format's name.
     *
     * @return such as {@code ONNX}
     */
    String format();

    /**
     * Writes a model to a file, and large tensors to a second file beside it if the options ask for that. The file
     * appears or changes when all is written. It may be the one that the model is mapped from.
     *
     * @param model the model
     * @param path the file, made or replaced
     * @param options how to write it
     * @throws UnsupportedModelException if the format or the options can't express something in the graph, by name
     * @throws ModelFileException if a file can't be written
     */
    void write(ModelFile model, Path path, WriteOptions options);

    /**
     * Writes a model to a channel, in one piece.
     *
     * @param model the model
     * @param target where to write; it is not closed
     * @param options how to write it
     * @throws UnsupportedModelException if the format or the options can't express something in the graph, by name, or
     *     if they ask for a second file
     * @throws IOException if writing fails
     */
    void write(ModelFile model, WritableByteChannel target, WriteOptions options) throws IOException;
}
