package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A cross-encoder as sentence-transformers saves it. Immutable.
 *
 * @param encoder the model and the tokenizer
 * @param sigmoid whether a score is the sigmoid of the number that the model gives
 */
public record CrossEncoderFolder(EncoderFolder encoder, boolean sigmoid) {
    /**
     * Reads a folder.
     *
     * @param folder the folder that has {@code config.json}
     * @param model the path of the model in the folder; empty for {@code onnx/model.onnx} or {@code model.onnx}
     * @param limits the limits that hold
     * @return the files and their settings
     * @throws dev.tenon.formats.ModelFileException if a file is missing or can't be read
     * @throws dev.tenon.formats.MalformedModelException if a file is not JSON, or a setting is out of range
     * @throws dev.tenon.formats.UnsupportedModelException if scores need another function than the sigmoid
     * @throws dev.tenon.error.ResourceLimitException if a file exceeds a limit
     */
    public static CrossEncoderFolder read(Path folder, Optional<String> model, Limits limits) {
        return EncoderFolder.guarded(folder, () -> {
            JsonValue config = EncoderFolder.read(
                    folder.resolve("config.json"),
                    "the settings of the model, which say how scores are computed",
                    "copy it from where the model comes from, or use CrossEncoder.of(session, tokenizer)",
                    limits);
            Optional<JsonValue> function = config.find("sentence_transformers")
                    .flatMap(json -> json.find("activation_fn"))
                    .or(() -> config.find("sbert_ce_default_activation_function"));
            return new CrossEncoderFolder(
                    EncoderFolder.read(folder, "", model, OptionalInt.empty(), limits),
                    function.map(CrossEncoderFolder::isSigmoid).orElse(true));
        });
    }

    private static boolean isSigmoid(JsonValue function) {
        String name = function.text();
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "Sigmoid" -> true;
            case "Identity" -> false;
            default ->
                throw function.unsupported("torch.nn.modules.activation.Sigmoid, torch.nn.modules.linear.Identity");
        };
    }
}
