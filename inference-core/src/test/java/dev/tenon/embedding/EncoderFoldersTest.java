package dev.tenon.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.LoadOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders whose files are missing, damaged or not supported: found before the model is read, or at least before it is compiled. */
class EncoderFoldersTest {
    @TempDir
    private Path folder;

    /** The model is no model: whoever reads it before the settings fails for another reason. */
    @BeforeEach
    void files() {
        SmallEncoders.folder(folder, SmallEncoders.embedder());
        SmallEncoders.write(folder.resolve("onnx/model.onnx"), "no model");
        SmallEncoders.write(folder.resolve("config.json"), "{}");
    }

    private TenonException failure() {
        return Typed.failure(() -> TextEmbedder.load(folder));
    }

    @Test
    void theModelIsReadLast() {
        assertThat(failure()).isInstanceOf(MalformedModelException.class).hasMessageContaining("model.onnx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"modules.json", "1_Pooling/config.json", "tokenizer.json", "onnx/model.onnx"})
    void aMissingFileIsNamed(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertThat(failure())
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(folder.resolve(file).toString())
                .hasMessageContaining("no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "onnx/model.onnx"})
    void aMissingFileOfACrossEncoderIsNamed(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertThat(Typed.failure(() -> CrossEncoder.load(folder)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(folder.resolve(file).toString());
    }

    @Test
    void foldersThatAreNone() {
        assertThat(Typed.failure(() -> TextEmbedder.load(folder.resolve("nothing"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no such folder");
        assertThat(Typed.failure(() -> CrossEncoder.load(folder.resolve("modules.json"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a file");
    }

    @Test
    void aNamedModelIsTheOneThatIsRead() {
        assertThat(Typed.failure(() ->
                        TextEmbedder.load(folder, EncoderOptions.standard().model("onnx/model_q8.onnx"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model_q8.onnx");
        SmallEncoders.save(SmallEncoders.embedder(), folder.resolve("onnx/model_q8.onnx"));
        EncoderOptions options = EncoderOptions.standard().model("onnx/model_q8.onnx");
        assertThat(TextEmbedder.load(folder, options).embed("alpha")).hasSize(SmallEncoders.WIDTH);
    }

    @Test
    void theModelMayBeBesideTheOtherFiles() throws IOException {
        Files.delete(folder.resolve("onnx/model.onnx"));
        SmallEncoders.save(SmallEncoders.embedder(), folder.resolve("model.onnx"));
        assertThat(TextEmbedder.load(folder).embed("alpha")).hasSize(SmallEncoders.WIDTH);
    }

    /** Older versions of sentence-transformers save the encoder in a folder of its own. */
    @Test
    void theEncoderMayHaveAFolderOfItsOwn() {
        SmallEncoders.tokenizer(folder.resolve("0_Transformer"));
        SmallEncoders.write(folder.resolve("0_Transformer/sentence_bert_config.json"), "{\"max_seq_length\":7}");
        SmallEncoders.save(SmallEncoders.embedder(), folder.resolve("0_Transformer/model.onnx"));
        SmallEncoders.write(folder.resolve("modules.json"), """
            [{"idx":0,"name":"0","path":"0_Transformer","type":"sentence_transformers.models.Transformer"},
             {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]
            """);
        TextEmbedder embedder =
                TextEmbedder.load(folder, EncoderOptions.standard().model("model.onnx"));
        assertThat(embedder.maxLength()).hasValue(7);
        assertThat(embedder.embed("alpha")).hasSize(SmallEncoders.WIDTH);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"pooling_mode\":\"attention\"} | pooling_mode: \"attention\"",
                "{\"pooling_mode\":[\"mean\",\"attention\"]} | pooling_mode[1]: \"attention\"",
                "{\"pooling_mode_mean_tokens\":false,\"pooling_mode_attention\":true} | pooling_mode_attention: true",
            })
    void anUnknownPoolingIsRefused(String json, String named) {
        SmallEncoders.write(folder.resolve("1_Pooling/config.json"), json);
        assertThat(failure())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining(named)
                .hasMessageContaining("mean")
                .hasMessageContaining("lasttoken");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1_Pooling/config.json | {\"pooling_mode_mean_tokens\":false} | no mode of pooling",
                "1_Pooling/config.json | {\"pooling_mode_mean_tokens\":1} | pooling_mode_mean_tokens",
                "1_Pooling/config.json | {\"pooling_mode\":\"mean\",\"word_embedding_dimension\":0} | dimension: 0",
                "1_Pooling/config.json | [] | an array",
                "1_Pooling/config.json | {\"pooling_mode\": | config.json",
                "modules.json | {} | an object",
                "modules.json | [{\"type\":\"sentence_transformers.models.Transformer\"}] | path",
                "sentence_bert_config.json | {\"max_seq_length\":\"many\"} | max_seq_length: \"many\"",
                "sentence_bert_config.json | {\"max_seq_length\":0} | max_seq_length: 0",
                "tokenizer_config.json | {\"pad_token\":7} | pad_token",
                "tokenizer_config.json | {\"model_max_length\":-3} | model_max_length: -3",
                "config_sentence_transformers.json | {\"prompts\":{\"query\":1}} | prompts.query",
                "config_sentence_transformers.json | {\"default_prompt_name\":\"query\"} | default_prompt_name",
            })
    void aSettingThatIsWrongIsNamed(String file, String json, String named) {
        SmallEncoders.write(folder.resolve(file), json);
        assertThat(failure())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining(folder.resolve(file).getFileName().toString())
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "/etc", "a/b", "C:x", "..", "a\\\\b", "a\\u0000b"})
    void modulesStayInTheFolder(String path) {
        SmallEncoders.write(folder.resolve("modules.json"), """
            [{"path":"","type":"sentence_transformers.models.Transformer"},
             {"path":"%s","type":"sentence_transformers.models.Pooling"}]
            """.formatted(path));
        assertThat(failure()).isInstanceOf(MalformedModelException.class).hasMessageContaining("[1].path");
    }

    @Test
    void modulesThatAreNotSupportedAreNamed() {
        List<String[]> lists = List.of(
                new String[] {"Transformer", "Pooling", "Dense"},
                new String[] {"Transformer", "Pooling", "Pooling"},
                new String[] {"Transformer", "WordWeights", "Pooling"},
                new String[] {"Pooling"},
                new String[] {"Transformer", "Transformer"},
                new String[] {"Transformer", "own.code.Pooling"});
        for (String[] modules : lists) {
            SmallEncoders.modules(folder, modules);
            assertThat(failure())
                    .as("%s", (Object) modules)
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("type")
                    .hasMessageContaining("TextEmbedder.of");
        }
    }

    @Test
    void filesThatDoNotBelongTogether() {
        SmallEncoders.save(SmallEncoders.embedder(), folder.resolve("onnx/model.onnx"));
        SmallEncoders.pooling(folder, 384, "cls_token");
        assertThat(failure())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("384")
                .hasMessageContaining("last_hidden_state");
    }

    @Test
    void limitsHoldForSettingsToo() {
        SmallEncoders.write(folder.resolve("config_sentence_transformers.json"), "[".repeat(100) + "]".repeat(100));
        assertThat(failure()).isInstanceOf(ResourceLimitException.class);
        Limits small = Limits.standard().maxModelBytes(100);
        EncoderOptions options =
                EncoderOptions.standard().loading(LoadOptions.standard().limits(small));
        assertThat(Typed.failure(() -> TextEmbedder.load(folder, options))).isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void aMaximumLengthWithoutRoomForATextIsRefused() {
        EncoderOptions options = EncoderOptions.standard().maxLength(1);
        assertThat(Typed.failure(() -> TextEmbedder.load(folder, options)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("special tokens");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(%input_ids: i64[n,t], %position_ids: i64[n,t]) | position_ids",
                "(%input_ids: i32[n,t]) | input_ids",
                "(%input_ids: i64[1,128]) | input_ids",
                "(%input_ids: i64[n]) | input_ids",
                "(%token_type_ids: i64[n,t]) | input_ids",
            })
    void modelsOfOtherInputsAreRefused(String inputs, String named) {
        String first = inputs.substring(1, inputs.indexOf(':'));
        SmallEncoders.save(
                "graph g" + inputs + " {\n%y = Cast<to=1>(" + first + ")\nreturn last_hidden_state=%y\n}",
                folder.resolve("onnx/model.onnx"));
        assertThat(failure()).isInstanceOf(UnsupportedModelException.class).hasMessageContaining(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y = Cast<to=7>(%input_ids)",
                "%a = const i64[] {0}\n%b = Cast<to=1>(%input_ids)\n%y = Gather(%b, %a)"
            })
    void modelsOfOtherOutputsAreRefused(String body) {
        SmallEncoders.save(
                "graph g(%input_ids: i64[n,t]) {\n" + body + "\nreturn last_hidden_state=%y\n}",
                folder.resolve("onnx/model.onnx"));
        assertThat(failure()).isInstanceOf(UnsupportedModelException.class).hasMessageContaining("last_hidden_state");
    }

    /** Bytes of the settings that are changed at random give a typed exception, or an embedder. */
    @Test
    void damagedSettings() throws IOException {
        SmallEncoders.save(SmallEncoders.embedder(), folder.resolve("onnx/model.onnx"));
        SmallEncoders.write(
                folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\":64,\"do_lower_case\":true}");
        SmallEncoders.write(
                folder.resolve("config_sentence_transformers.json"),
                "{\"prompts\":{\"query\":\"query: \"},\"default_prompt_name\":\"query\"}");
        long seed = 11;
        Random random = new Random(seed);
        int failed = 0;
        for (String file : List.of(
                "modules.json",
                "1_Pooling/config.json",
                "sentence_bert_config.json",
                "tokenizer_config.json",
                "config_sentence_transformers.json")) {
            Path path = folder.resolve(file);
            byte[] whole = Files.readAllBytes(path);
            for (int i = 0; i < 40; i++) {
                byte[] changed = whole.clone();
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                Files.write(path, changed);
                TenonException failure = Typed.failureOrNull(() -> TextEmbedder.load(folder));
                failed += failure == null ? 0 : 1;
            }
            Files.write(path, whole);
        }
        assertThat(failed).as("seed %d", seed).isPositive();
        assertThat(new String(Files.readAllBytes(folder.resolve("modules.json")), StandardCharsets.UTF_8))
                .contains("Transformer");
        assertThat(TextEmbedder.load(folder).embed("alpha")).hasSize(SmallEncoders.WIDTH);
    }
}
