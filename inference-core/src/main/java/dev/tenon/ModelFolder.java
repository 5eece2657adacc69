package dev.tenon;

import dev.tenon.formats.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the file of a model in a folder, as Hugging Face's transformers, Optimum and ONNX Runtime GenAI lay folders out. */
final class ModelFolder {
    private static final String CONFIG = "config.json";
    private static final String TENSORS = ".safetensors";
    private static final List<String> WEIGHTS = List.of("model.safetensors", "model.safetensors.index.json");
    private static final List<String> MODELS = List.of("model.onnx", "onnx/model.onnx");

    private ModelFolder() {}

    /**
     * The file to read.
     *
     * @param path a file, or a folder; a file of tensors stands for its folder
     * @return the path itself if it is neither
     * @throws ModelFileException if it is a folder without a model
     */
    static Path file(Path path) {
        boolean isFolder = Files.isDirectory(path);
        if (!isFolder && !(path.toString().endsWith(TENSORS) && Files.isRegularFile(path))) {
            return path;
        }
        Path folder = isFolder ? path : path.toAbsolutePath().getParent();
        Path config = folder.resolve(CONFIG);
        if (Files.isRegularFile(config) && WEIGHTS.stream().map(folder::resolve).anyMatch(Files::exists)) {
            return config;
        }
        return MODELS.stream()
                .map(folder::resolve)
                .filter(each -> isFolder && Files.isRegularFile(each))
                .findFirst()
                .orElseThrow(() -> new ModelFileException(
                        (isFolder ? "folder '" : "file '") + path + "'",
                        isFolder ? "a folder without a model" : "tensors without " + CONFIG + " beside them",
                        CONFIG + " with " + String.join(" or ", WEIGHTS) + ", or " + String.join(" or ", MODELS),
                        "check the path, or name the file of the model"));
    }
}
