package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A text embedder as sentence-transformers saves it: {@code modules.json} and the files that it names. Immutable.
 *
 * @param encoder the model and the tokenizer
 * @param lowerCase whether texts are written in lower case before they are encoded
 * @param pooling how tokens become a vector; empty if the model has no pooling
 * @param normalized whether vectors are scaled to length 1
 * @param prompts texts that go before a text, by name
 * @param prompt the name of the prompt that is used unless another is chosen
 */
public record EmbedderFolder(
        EncoderFolder encoder,
        boolean lowerCase,
        Optional<PoolingSettings> pooling,
        boolean normalized,
        Map<String, String> prompts,
        Optional<String> prompt) {
    /** The files in which versions of sentence-transformers keep the settings of the encoder. */
    private static final List<String> SETTINGS = List.of(
            "sentence_bert_config.json",
            "sentence_roberta_config.json",
            "sentence_distilbert_config.json",
            "sentence_camembert_config.json",
            "sentence_albert_config.json",
            "sentence_xlm-roberta_config.json",
            "sentence_xlnet_config.json");

    private static final String OWN_PARTS =
            "load the parts yourself, and join them by TextEmbedder.of(session, tokenizer, pooling)";

    /**
     * The settings of a pooling.
     *
     * @param modes the names of the modes, as the file has them
     * @param width the numbers of a token; empty if the file does not say so
     * @param withPrompt whether the tokens of a prompt count
     */
    public record PoolingSettings(List<String> modes, OptionalInt width, boolean withPrompt) {
        private static final String FLAG = "pooling_mode_";
        /** The flag that is set unless the file says otherwise. */
        private static final String STANDARD = FLAG + "mean_tokens";

        private static PoolingSettings read(JsonValue json, Collection<String> known) {
            Optional<JsonValue> width =
                    json.find("word_embedding_dimension").or(() -> json.find("embedding_dimension"));
            return new PoolingSettings(
                    modes(json, known),
                    width.isEmpty()
                            ? OptionalInt.empty()
                            : OptionalInt.of(width.get().integer(1, Integer.MAX_VALUE)),
                    json.flag("include_prompt", true));
        }

        private static List<String> modes(JsonValue json, Collection<String> known) {
            Optional<JsonValue> named = json.find("pooling_mode");
            if (named.isPresent()) {
                List<JsonValue> all =
                        named.get().value() instanceof List ? named.get().items() : List.of(named.get());
                return all.stream()
                        .map(mode -> checked(mode, mode.text(), known))
                        .toList();
            }
            List<String> modes = new ArrayList<>();
            if (!json.members().containsKey(STANDARD)) {
                modes.add(STANDARD);
            }
            for (String name : json.members().keySet()) {
                if (name.startsWith(FLAG) && json.flag(name, false)) {
                    modes.add(checked(json.get(name), name, known));
                }
            }
            if (modes.isEmpty()) {
                throw new MalformedModelException(
                        json.thing(), "no mode of pooling", String.join(", ", known), "set one of them to true");
            }
            return modes;
        }

        private static String checked(JsonValue place, String mode, Collection<String> known) {
            if (!known.contains(mode)) {
                throw place.unsupported(String.join(", ", known));
            }
            return mode;
        }
    }

    /**
     * Reads a folder.
     *
     * @param folder the folder that has {@code modules.json}
     * @param model the path of the model in the folder; empty for {@code onnx/model.onnx} or {@code model.onnx}
     * @param poolings the names of the modes of pooling that are known
     * @param limits the limits that hold
     * @return the files and their settings
     * @throws dev.tenon.formats.ModelFileException if a file is missing or can't be read
     * @throws MalformedModelException if a file is not JSON, or a setting is missing or out of range
     * @throws UnsupportedModelException if it has a module or a pooling that is not supported
     * @throws dev.tenon.error.ResourceLimitException if a file exceeds a limit
     */
    public static EmbedderFolder read(Path folder, Optional<String> model, Collection<String> poolings, Limits limits) {
        return EncoderFolder.guarded(folder, () -> {
            JsonValue modules = EncoderFolder.read(
                    folder.resolve("modules.json"),
                    "the list of the parts of a text embedder, which sentence-transformers saves",
                    "copy it from where the model comes from; without it nothing says how tokens become a vector: "
                            + OWN_PARTS,
                    limits);
            String encoder = "";
            Optional<PoolingSettings> pooling = Optional.empty();
            boolean normalized = false;
            List<JsonValue> parts = modules.items();
            for (int i = 0; i < parts.size(); i++) {
                String kind = kind(parts.get(i), i, pooling.isPresent());
                String inner = inner(parts.get(i).get("path"));
                switch (kind) {
                    case "Transformer" -> encoder = inner;
                    case "Pooling" -> pooling = Optional.of(pooling(folder.resolve(inner), poolings, limits));
                    default -> normalized = true;
                }
            }
            Optional<JsonValue> settings = settings(folder.resolve(encoder), limits);
            Optional<JsonValue> prompting =
                    EncoderFolder.find(folder.resolve("config_sentence_transformers.json"), limits);
            return new EmbedderFolder(
                    EncoderFolder.read(folder, encoder, model, maxLength(settings), limits),
                    settings.map(json -> json.flag("do_lower_case", false)).orElse(false),
                    pooling,
                    normalized,
                    prompts(prompting),
                    prompting.flatMap(json -> json.find("default_prompt_name")).map(JsonValue::text));
        });
    }

    /** The name of the type of a module: the first is the encoder, one is the pooling, others normalise. */
    private static String kind(JsonValue module, int index, boolean pooled) {
        JsonValue type = module.get("type");
        String name = type.text();
        String kind = name.startsWith("sentence_transformers.") ? name.substring(name.lastIndexOf('.') + 1) : "";
        List<String> allowed =
                index == 0 ? List.of("Transformer") : pooled ? List.of("Normalize") : List.of("Pooling", "Normalize");
        if (!allowed.contains(kind)) {
            throw new UnsupportedModelException(
                    type.thing(),
                    "\"" + name + "\"",
                    "sentence_transformers.models." + String.join(" or ", allowed),
                    OWN_PARTS);
        }
        return kind;
    }

    /** The name of a folder in the folder of the model; empty for that folder itself. */
    private static String inner(JsonValue path) {
        String name = path.text();
        boolean plain = name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
        if (!plain || name.contains("..")) {
            throw path.wrong("the name of a folder beside modules.json");
        }
        return name;
    }

    private static PoolingSettings pooling(Path folder, Collection<String> known, Limits limits) {
        return PoolingSettings.read(
                EncoderFolder.read(
                        folder.resolve("config.json"),
                        "the settings of the pooling",
                        "copy it from where the model comes from",
                        limits),
                known);
    }

    private static Optional<JsonValue> settings(Path home, Limits limits) {
        return SETTINGS.stream()
                .map(home::resolve)
                .filter(Files::exists)
                .findFirst()
                .flatMap(file -> EncoderFolder.find(file, limits));
    }

    private static OptionalInt maxLength(Optional<JsonValue> settings) {
        Optional<JsonValue> length = settings.flatMap(json -> json.find("max_seq_length"));
        return length.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(length.get().integer(1, Integer.MAX_VALUE - 1));
    }

    private static Map<String, String> prompts(Optional<JsonValue> prompting) {
        Map<String, String> prompts = new LinkedHashMap<>();
        prompting
                .flatMap(json -> json.find("prompts"))
                .ifPresent(all -> all.members()
                        .forEach((name, text) -> prompts.put(name, all.get(name).text())));
        Optional<JsonValue> chosen = prompting.flatMap(json -> json.find("default_prompt_name"));
        if (chosen.isPresent() && !prompts.containsKey(chosen.get().text())) {
            throw chosen.get().wrong("the name of a prompt: " + prompts.keySet());
        }
        return Collections.unmodifiableMap(prompts);
    }
}
