package dev.tenon.samples.embeddings;

import dev.tenon.Model;
import dev.tenon.embedding.Pooling;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;

/**
 * The sentence encoder all-MiniLM-L6-v2, which the build unpacks: a model and a tokenizer beside each other, without the folder
 * that {@link TextEmbedder#load(Path)} reads. Immutable.
 *
 * @param model the file of the model
 * @param tokenizer the file of the tokenizer
 */
public record MiniLmFiles(Path model, Path tokenizer) {
    /** The name of the model in float32. */
    public static final String NAME = "all-minilm-l6-v2";

    /** The tokens of the texts that the model was trained with. It takes up to 512. */
    public static final int MAX_TOKENS = 256;

    /**
     * Files of the folder that the build unpacks models into, or of the one that {@code -Dtenon.models} names.
     *
     * @param name the name of the model
     * @return its files
     */
    public static MiniLmFiles of(String name) {
        Path folder = Path.of(System.getProperty("tenon.models", "target/models"));
        return new MiniLmFiles(folder.resolve(name + ".onnx"), folder.resolve(name + "-tokenizer.json"));
    }

    /**
     * Loads the tokenizer.
     *
     * @return the tokenizer, which pads batches to their longest text
     */
    public Tokenizer loadTokenizer() {
        return Tokenizer.load(
                tokenizer, TokenizerOptions.standard().maxLength(MAX_TOKENS).padding(Padding.longest()));
    }

    /**
     * Loads the model as an embedder.
     *
     * @param maxTokens the most tokens of a text
     * @return an embedder by the mean of the tokens, for which the model was trained
     */
    public TextEmbedder loadEmbedder(int maxTokens) {
        Tokenizer cut = Tokenizer.load(tokenizer, TokenizerOptions.standard().maxLength(maxTokens));
        return TextEmbedder.of(Model.load(model).session(), cut, Pooling.MEAN);
    }
}
