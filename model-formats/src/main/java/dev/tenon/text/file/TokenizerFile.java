package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.Placeholders;
import dev.tenon.formats.gguf.GgufFile;
import dev.tenon.text.decode.Decoders;
import dev.tenon.text.model.AddedTokens;
import dev.tenon.text.normalize.Normalizers;
import dev.tenon.text.post.PaddingRule;
import dev.tenon.text.post.PostProcessing;
import dev.tenon.text.post.Truncation;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Decoder;
import dev.tenon.text.stage.PreTokenizer;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.stage.TokenModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The stages and settings in a {@code tokenizer.json}, or among the metadata of a GGUF file. Immutable.
 *
 * @param normalizer the normalizer
 * @param preTokenizer the pre-tokenizer
 * @param model the model
 * @param added the tokens that are added to the vocabulary of the model
 * @param processing the post-processing
 * @param decoder the decoder
 * @param truncation the truncation of long texts; empty for none
 * @param padding the padding of short rows
 */
public record TokenizerFile(
        TextNormalizer normalizer,
        PreTokenizer preTokenizer,
        TokenModel model,
        AddedVocabulary added,
        PostProcessing processing,
        Decoder decoder,
        Optional<Truncation> truncation,
        PaddingRule padding) {
    /**
     * Reads a file.
     *
     * @param bytes the file
     * @param limits the limits that hold
     * @return its stages and settings
     * @throws dev.tenon.formats.MalformedModelException if it is neither JSON nor GGUF, or a setting is missing or out of range
     * @throws dev.tenon.formats.UnsupportedModelException if it has a stage that is not supported
     * @throws dev.tenon.error.ResourceLimitException if it exceeds a limit
     */
    public static TokenizerFile read(ModelBytes bytes, Limits limits) {
        if (GgufFile.isGguf(bytes.segment())) {
            return GgufTokenizer.read(GgufFile.metadata(bytes, limits), limits);
        }
        Placeholders.refuse("tokenizer file '" + bytes.name() + "'", bytes.segment(), "a tokenizer.json");
        JsonValue json = JsonValue.read("tokenizer file '" + bytes.name() + "'", bytes, limits);
        if (json.members().containsKey("version")) {
            json.get("version").oneOf("1.0");
        }
        TextNormalizer normalizer = json.find("normalizer")
                .map(stage -> NormalizerReader.read(Stages.checked(stage, "normalizers")))
                .orElse(Normalizers.none());
        TokenModel model = TokenModelReader.read(json.get("model"));
        List<JsonValue> added = json.find("added_tokens").map(JsonValue::items).orElse(List.of());
        return new TokenizerFile(
                normalizer,
                json.find("pre_tokenizer")
                        .map(stage -> PreTokenizerReader.read(Stages.checked(stage, "pretokenizers")))
                        .orElse(Splits.none()),
                model,
                AddedVocabulary.read(added, model.vocabulary(), normalizer),
                json.find("post_processor")
                        .map(stage -> PostProcessorReader.read(Stages.checked(stage, "processors")))
                        .orElse(PostProcessing.plain(List.of())),
                json.find("decoder")
                        .map(stage -> DecoderReader.read(Stages.checked(stage, "decoders")))
                        .orElse(Decoders.spaces()),
                json.find("truncation").map(TokenizerFile::truncation),
                json.find("padding").map(TokenizerFile::padding).orElse(PaddingRule.OFF));
    }

    private static Truncation truncation(JsonValue json) {
        String direction = json.find("direction")
                .map(value -> value.oneOf("Right", "Left"))
                .orElse("Right");
        int stride = json.get("stride").integer(0, Integer.MAX_VALUE);
        Truncation.Strategy strategy =
                switch (json.get("strategy").oneOf("LongestFirst", "OnlyFirst", "OnlySecond")) {
                    case "OnlyFirst" -> Truncation.Strategy.ONLY_FIRST;
                    case "OnlySecond" -> Truncation.Strategy.ONLY_SECOND;
                    default -> Truncation.Strategy.LONGEST_FIRST;
                };
        int most = json.get("max_length").integer(0, Integer.MAX_VALUE);
        return new Truncation(most, direction.equals("Left"), strategy, stride);
    }

    private static PaddingRule padding(JsonValue json) {
        JsonValue strategy = json.get("strategy");
        boolean longest = "BatchLongest".equals(strategy.value());
        if (!longest && !(strategy.value() instanceof Map)) {
            throw strategy.wrong("\"BatchLongest\" or {\"Fixed\": length}");
        }
        return new PaddingRule(
                longest ? PaddingRule.Kind.LONGEST : PaddingRule.Kind.FIXED,
                longest ? 0 : strategy.get("Fixed").integer(0, PaddingRule.MAX_LENGTH),
                json.get("direction").oneOf("Right", "Left").equals("Left"),
                json.find("pad_to_multiple_of")
                        .map(value -> value.integer(0, PaddingRule.MAX_LENGTH))
                        .orElse(0),
                json.get("pad_id").id(),
                json.get("pad_type_id").id());
    }

    /**
     * The text of an id.
     *
     * @param id any number
     * @return the text of the token, or null if there is none
     */
    public String token(int id) {
        String content = added.contents().get(id);
        return content == null ? model.vocabulary().token(id) : content;
    }

    /** {@return the tokens that are found in the text before normalization} */
    public AddedTokens rawTokens() {
        return added.raw();
    }

    /** {@return the tokens that are found in normalized text} */
    public AddedTokens normalizedTokens() {
        return added.normalized();
    }
}
