package dev.tenon.compression;

import dev.tenon.Model;
import java.nio.file.Path;

/**
 * The result of a compression: a model and a report.
 *
 * @param model the compressed model
 * @param report what changed, and what it cost
 */
public record Compression(Model model, CompressionReport report) {
    /**
     * Saves the model as ONNX, with the operator set of the model before compression, or the least one above it that expresses
     * the result. The file appears when all is written.
     *
     * @param path the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void save(Path path) {
        model.save(path, ModelSize.saveOptions(model));
    }
}
