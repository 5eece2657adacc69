package dev.tenon.text;

import java.nio.file.Files;
import java.nio.file.Path;

/** The paths of the files that the build unpacks. */
final class TokenizerModels {
    private static final String FOLDER_PROPERTY = "tenon.models";

    private TokenizerModels() {}

    static Path folder() {
        return Path.of(System.getProperty(FOLDER_PROPERTY, "../target/models"));
    }

    static Path miniLm() {
        Path file = folder().resolve("all-minilm-l6-v2-tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(file.toAbsolutePath() + " is missing: the build unpacks it; -D"
                    + FOLDER_PROPERTY + " names another folder");
        }
        return file;
    }
}
