package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.gguf.GgufFile;
import dev.tenon.formats.json.Members;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The settings in the files of a decoder: where its tokenizer is, the tokens that end its texts, and its context. Immutable.
 * The files are untrusted, but they name no other files: those of a folder have fixed names, and the folder is the caller's.
 *
 * @param tokenizer the file of the tokenizer
 * @param ends the ids of tokens that end a text
 * @param endNames texts of special tokens that end a text too, if the tokenizer has them
 * @param contextTokens the most tokens of a text; empty if no file says so
 */
public record DecoderFiles(Path tokenizer, Set<Integer> ends, List<String> endNames, OptionalInt contextTokens) {
    private static final int MOST_TOKENS = Integer.MAX_VALUE;
    private static final String ENDS = "eos_token_id";

    /** Keys of GGUF: the end of a text, of a turn, of a message. */
    private static final List<String> GGUF_ENDS = List.of("eos", "eot", "eom");

    /** The tokens that end a turn in one family of models or another, as llama.cpp knows them: many files do not name them. */
    private static final List<String> GGUF_NAMES = List.of(
            "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>");

    /**
     * Reads what is said about a decoder.
     *
     * @param path a GGUF file, a folder with {@code tokenizer.json}, or the file of a model in such a folder or in a folder of it
     * @param limits the limits that hold
     * @return the settings
     * @throws ModelFileException if there is no tokenizer, or a file can't be read
     * @throws dev.tenon.formats.MalformedModelException if a file is not well formed, or a setting is out of range
     * @throws dev.tenon.error.ResourceLimitException if a file exceeds a limit
     */
    public static DecoderFiles read(Path path, Limits limits) {
        return read(path, limits, file -> ModelBytes.map(file, limits));
    }

    /**
     * Reads what is said about a decoder.
     *
     * @param path as {@link #read(Path, Limits)} takes it
     * @param limits the limits that hold
     * @param open opens each file that is read
     * @return the settings
     * @throws dev.tenon.error.TenonException as {@link #read(Path, Limits)} and {@code open} say
     */
    public static DecoderFiles read(Path path, Limits limits, Function<Path, ModelBytes> open) {
        return ModelBytes.guarded("files of '" + path + "'", () -> {
            if (!Files.isDirectory(path)) {
                // Another format is not read here.
                if (GgufFile.isGguf(ModelBytes.map(path, limits).segment())) {
                    return ofGguf(path, GgufFile.metadata(open.apply(path), limits));
                }
            }
            return ofFolder(folder(path), limits, open);
        });
    }

    /** The folder of a model: that of its file, or the one above it, as Optimum lays folders out. */
    private static Path folder(Path path) {
        if (Files.isDirectory(path)) {
            return path;
        }
        Path parent = path.toAbsolutePath().getParent();
        Path above = parent.getParent();
        boolean isInner = !Files.exists(parent.resolve("tokenizer.json")) && above != null;
        return isInner && Files.exists(above.resolve("tokenizer.json")) ? above : parent;
    }

    private static DecoderFiles ofGguf(Path path, Members metadata) {
        Set<Integer> ends = new TreeSet<>();
        for (String name : GGUF_ENDS) {
            String key = "tokenizer.ggml." + name + "_token_id";
            if (metadata.has(key)) {
                ends.add((int) metadata.integer(key, 0, MOST_TOKENS - 1L));
            }
        }
        String key = metadata.get("general.architecture", String.class) + ".context_length";
        OptionalInt context =
                metadata.has(key) ? OptionalInt.of((int) metadata.integer(key, 1, MOST_TOKENS)) : OptionalInt.empty();
        return new DecoderFiles(path, Set.copyOf(ends), GGUF_NAMES, context);
    }

    private static DecoderFiles ofFolder(Path folder, Limits limits, Function<Path, ModelBytes> open) {
        Path tokenizer = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(tokenizer)) {
            throw new ModelFileException(
                    "file '" + tokenizer + "'",
                    "no such file",
                    "the tokenizer of the model",
                    "copy it from where the model comes from, or use LanguageModel.of(model, tokenizer, ...)");
        }
        Optional<JsonValue> config = EncoderFolder.find(folder.resolve("config.json"), limits, open);
        Optional<JsonValue> generation = EncoderFolder.find(folder.resolve("generation_config.json"), limits, open);
        Optional<JsonValue> runtime = EncoderFolder.find(folder.resolve("genai_config.json"), limits, open)
                .flatMap(json -> json.find("model"));
        Set<Integer> ends = new TreeSet<>();
        generation
                .flatMap(json -> json.find(ENDS))
                .or(() -> runtime.flatMap(json -> json.find(ENDS)))
                .or(() -> config.flatMap(json -> json.find(ENDS)))
                .ifPresent(found -> addIds(found, ends));
        Optional<JsonValue> context = config.flatMap(json -> json.find("max_position_embeddings"))
                .or(() -> runtime.flatMap(json -> json.find("context_length")));
        return new DecoderFiles(
                tokenizer,
                Set.copyOf(ends),
                List.of(),
                context.isEmpty()
                        ? OptionalInt.empty()
                        : OptionalInt.of(context.get().integer(1, MOST_TOKENS)));
    }

    /** One id, or an array of them. */
    private static void addIds(JsonValue found, Set<Integer> ends) {
        if (found.value() instanceof List) {
            found.items().forEach(item -> ends.add(item.id()));
        } else {
            ends.add(found.id());
        }
    }
}
