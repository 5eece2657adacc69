package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import java.nio.file.Path;

/**
 * The result of a compression: a model and a report.
 *
 * @param model the compressed model
 * @param report what changed, and what it cost
 */
public record Compression(Model model, CompressionReport report) {
    /**
     * Saves the model as ONNX. The file appears when all is written.
     *
     * @param path the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void save(Path path) {
        model.save(path, SaveOptions.standard());
    }
}
