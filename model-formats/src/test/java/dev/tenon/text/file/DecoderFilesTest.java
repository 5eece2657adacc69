package dev.tenon.text.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files say about a decoder: tokens that end a text, its context, its tokenizer. */
class DecoderFilesTest {
    @TempDir
    Path folder;

    private static DecoderFiles read(Path path) {
        return DecoderFiles.read(path, Limits.standard());
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void filesOfAFolder() throws IOException {
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("tokenizer.json");
        write("tokenizer.json", "{}");
        assertThat(read(folder).ends()).isEmpty();
        assertThat(read(folder).contextTokens()).isEmpty();
        write("config.json", "{\"eos_token_id\": 7, \"max_position_embeddings\": 4096}");
        assertThat(read(folder).ends()).containsExactly(7);
        assertThat(read(folder).contextTokens()).hasValue(4096);
        write("genai_config.json", "{\"model\": {\"eos_token_id\": [8, 9], \"context_length\": 100}}");
        assertThat(read(folder).ends()).containsExactlyInAnyOrder(8, 9);
        assertThat(read(folder).contextTokens()).hasValue(4096);
        write("generation_config.json", "{\"eos_token_id\": [1, 2]}");
        write("onnx/model.onnx", "no model");
        for (Path path : new Path[] {folder, folder.resolve("onnx/model.onnx"), folder.resolve("config.json")}) {
            assertThat(read(path).ends()).containsExactlyInAnyOrder(1, 2);
            assertThat(read(path).tokenizer()).isEqualTo(folder.resolve("tokenizer.json"));
        }
    }

    @Test
    void settingsThatMakeNoSenseAreNamed() throws IOException {
        write("tokenizer.json", "{}");
        write("config.json", "{\"eos_token_id\": -1}");
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("eos_token_id");
        write("config.json", "{\"max_position_embeddings\": \"long\"}");
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("max_position_embeddings");
        write("config.json", "{\"eos_token_id\": {}");
        assertThatThrownBy(() -> read(folder)).isInstanceOf(MalformedModelException.class);
    }

    @Test
    void metadataOfGguf() {
        Path file = folder.resolve("model.gguf");
        GgufWriter writer = new GgufWriter();
        writer.put("general.architecture", "llama");
        writer.put("llama.context_length", 2048);
        writer.put("tokenizer.ggml.eos_token_id", 2);
        writer.put("tokenizer.ggml.eot_token_id", 5);
        writer.write(file);
        DecoderFiles found = read(file);
        assertThat(found.ends()).containsExactlyInAnyOrder(2, 5);
        assertThat(found.contextTokens()).hasValue(2048);
        assertThat(found.tokenizer()).isEqualTo(file);
        assertThat(found.endNames()).contains("<|im_end|>");
    }
}
