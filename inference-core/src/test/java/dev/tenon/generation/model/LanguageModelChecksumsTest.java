package dev.tenon.generation.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.ChecksumException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checksums of {@link LoadOptions} cover the files with the tokenizer and the settings, as they cover those of the model. */
class LanguageModelChecksumsTest {
    private static final String WRONG = "0123456789abcdef".repeat(4);

    @TempDir
    private Path folder;

    private static String sha256(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> checksums(Path root) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(root.relativize(file).toString().replace('\\', '/'), sha256(file));
            }
        }
        return all;
    }

    private static LoadOptions of(Map<String, String> files) {
        return LoadOptions.standard().sha256(files);
    }

    private static TenonException refused(Path path, LoadOptions options) {
        TenonException mapped = Typed.failure(() -> LanguageModel.load(path, options));
        assertThat(Typed.failure(() -> LanguageModel.load(path, options.copied())))
                .hasSameClassAs(mapped)
                .hasMessage(mapped.getMessage());
        return mapped;
    }

    private void writeSettings() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": []}}");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 1}");
        Files.writeString(folder.resolve("genai_config.json"), "{\"model\": {\"eos_token_id\": 0}}");
    }

    @Test
    void aMapCoversAllFilesOfAFolder() throws IOException {
        TinyDecoders.folder(Family.QWEN2, folder, DType.FLOAT32, 1);
        writeSettings();
        Map<String, String> files = checksums(folder);
        assertThat(files).containsKeys("config.json", "tokenizer.json", "generation_config.json", "genai_config.json");
        assertThat(LanguageModel.load(folder, of(files)).endTokens()).containsExactly(1);
        assertThat(LanguageModel.load(folder, of(files).copied()).endTokens()).containsExactly(1);
        for (String name : files.keySet()) {
            Map<String, String> fewer = new TreeMap<>(files);
            fewer.remove(name);
            assertThat(refused(folder, of(fewer)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("'" + name + "'")
                    .hasMessageContaining("no checksum for it");
            Map<String, String> wrong = new TreeMap<>(files);
            wrong.put(name, WRONG);
            assertThat(refused(folder, of(wrong)))
                    .isInstanceOf(ChecksumException.class)
                    .hasMessageContaining(files.get(name));
        }
    }

    /** A tokenizer that is not the one of the checksums is found before it is read. */
    @Test
    void aChangedTokenizerIsFound() throws IOException {
        TinyDecoders.folder(Family.QWEN2, folder, DType.FLOAT32, 1);
        writeSettings();
        Map<String, String> files = checksums(folder);
        Files.writeString(folder.resolve("tokenizer.json"), "no JSON");
        assertThat(refused(folder, of(files)))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void aTokenizerAboveTheModelHasTheNameThatLeadsToIt() throws IOException {
        Path onnx = Files.createDirectories(folder.resolve("onnx")).resolve("model.onnx");
        Model.load(ByteBuffer.wrap(
                        TinyDecoders.gguf(Family.LLAMA, DType.FLOAT32).bytes()))
                .save(onnx);
        writeSettings();
        Map<String, String> files = new TreeMap<>();
        checksums(folder)
                .forEach((name, sha256) ->
                        files.put(name.startsWith("onnx/") ? name.substring("onnx/".length()) : "../" + name, sha256));
        assertThat(LanguageModel.load(onnx, of(files)).endTokens()).containsExactly(1);
        assertThat(LanguageModel.load(folder, of(checksums(folder))).endTokens())
                .containsExactly(1);
        LoadOptions one = LoadOptions.standard().sha256(sha256(onnx));
        assertThat(refused(onnx, one))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no checksum for it")
                .hasMessageContaining("a model in one file");
    }

    @Test
    void oneChecksumCoversAFileWithItsTokenizer() throws IOException {
        Path file = Files.write(
                folder.resolve("model.gguf"),
                TinyDecoders.gguf(Family.QWEN2, DType.FLOAT32).bytes());
        LanguageModel.load(file, LoadOptions.standard().sha256(sha256(file)));
        LanguageModel.load(file, of(Map.of("model.gguf", sha256(file))).copied());
        assertThat(refused(file, LoadOptions.standard().sha256(WRONG))).isInstanceOf(ChecksumException.class);
        assertThat(refused(file, of(Map.of("model.gguf", WRONG)))).isInstanceOf(ChecksumException.class);
        assertThat(refused(file, of(Map.of("other.gguf", WRONG)))).hasMessageContaining("'model.gguf'");
    }
}
