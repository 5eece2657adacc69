package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The files of an encoder as sentence-transformers saves it, and the settings that embedders and cross-encoders share.
 * Immutable. The files of a folder are untrusted, but the folder is the caller's: symbolic links are followed, since the
 * caches of Hugging Face consist of them.
 *
 * @param model the file of the model
 * @param tokenizer the file {@code tokenizer.json}
 * @param maxLength the most tokens of a row, special tokens included; empty if no file says so
 * @param paddingToken the text of the token that fills short rows; empty if no file says so
 */
public record EncoderFolder(Path model, Path tokenizer, OptionalInt maxLength, Optional<String> paddingToken) {
    private static final List<String> MODELS = List.of("onnx/model.onnx", "model.onnx");
    /** A maximum length above it stands for none. */
    private static final double NO_MAX = 1 << 30;

    /**
     * Finds the files of an encoder.
     *
     * @param folder the folder
     * @param inner the folder in it that has the tokenizer; empty for the folder itself
     * @param model the path of the model in the folder; empty to look for it
     * @param given the maximum length that a file of its own sets; empty for that of the model and the tokenizer
     * @param limits the limits that hold
     * @return the files
     */
    static EncoderFolder read(Path folder, String inner, Optional<String> model, OptionalInt given, Limits limits) {
        Path home = folder.resolve(inner);
        Path tokenizer = home.resolve("tokenizer.json");
        if (!Files.isRegularFile(tokenizer)) {
            throw missing(
                    tokenizer,
                    "the tokenizer of the model",
                    "copy it from where the model comes from; tokenizers of other formats are not read");
        }
        Optional<JsonValue> settings = find(home.resolve("tokenizer_config.json"), limits);
        OptionalInt most = given;
        if (most.isEmpty()) {
            OptionalLong positions = length(find(home.resolve("config.json"), limits), "max_position_embeddings");
            OptionalLong tokens = length(settings, "model_max_length");
            long least = Math.min(positions.orElse(Long.MAX_VALUE), tokens.orElse(Long.MAX_VALUE));
            most = least == Long.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) least);
        }
        Optional<String> padding = settings.flatMap(json -> json.find("pad_token"))
                .map(token -> token.value() instanceof String ? token : token.get("content"))
                .map(JsonValue::text);
        return new EncoderFolder(model(folder, home, model), tokenizer, most, padding);
    }

    private static OptionalLong length(Optional<JsonValue> json, String name) {
        Optional<JsonValue> value = json.flatMap(found -> found.find(name));
        return value.isEmpty() || value.get().number() > NO_MAX
                ? OptionalLong.empty()
                : OptionalLong.of(value.get().integer(1, (int) NO_MAX));
    }

    private static Path model(Path folder, Path home, Optional<String> name) {
        List<String> names = name.map(List::of).orElse(MODELS);
        return names.stream()
                .flatMap(each -> Stream.of(home.resolve(each), folder.resolve(each)))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(
                        () -> missing(
                                folder.resolve(names.getFirst()),
                                "the model in the format ONNX: " + String.join(" or ", names),
                                "name the file of the folder by EncoderOptions.model, or export the model: optimum-cli export onnx"));
    }

    /** Reads an object from a JSON file. */
    static JsonValue read(Path file, String purpose, String cure, Limits limits) {
        return find(file, limits).orElseThrow(() -> missing(file, purpose, cure));
    }

    /** Reads a JSON file; empty if there is none. */
    static Optional<JsonValue> find(Path file, Limits limits) {
        return find(file, limits, path -> ModelBytes.map(path, limits));
    }

    /** Reads a JSON file that {@code open} opens; empty if there is none. */
    static Optional<JsonValue> find(Path file, Limits limits, Function<Path, ModelBytes> open) {
        return Files.exists(file)
                ? Optional.of(JsonValue.read("file '" + file + "'", open.apply(file), limits))
                : Optional.empty();
    }

    private static ModelFileException missing(Path file, String purpose, String cure) {
        return new ModelFileException("file '" + file + "'", "no such file", purpose, cure);
    }

    /** Reads files of a folder. Memory that runs out, and a file that gets shorter, end in a typed exception. */
    static <T> T guarded(Path folder, Supplier<T> reader) {
        if (!Files.isDirectory(folder)) {
            throw new ModelFileException(
                    "folder '" + folder + "'",
                    Files.exists(folder) ? "a file" : "no such folder",
                    "the folder of a model",
                    "check the path");
        }
        return ModelBytes.guarded("folder '" + folder + "'", reader);
    }
}
