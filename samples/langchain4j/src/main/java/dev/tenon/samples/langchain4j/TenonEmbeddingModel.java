package dev.tenon.samples.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.tenon.samples.embeddings.TextEmbedder;
import java.nio.file.Path;
import java.util.List;

/**
 * An embedding model in this process, without native code, native memory and threads of its own. {@link #embedAll} runs
 * texts of about
 * the same length together. Safe for any number of threads, virtual ones too.
 */
public final class TenonEmbeddingModel extends DimensionAwareEmbeddingModel {
    private final TextEmbedder embedder;
    private final String name;

    /**
     * Makes a model.
     *
     * @param embedder turns texts into vectors
     * @param name the name of the model in responses
     */
    public TenonEmbeddingModel(TextEmbedder embedder, String name) {
        this.embedder = embedder;
        this.name = name;
    }

    /**
     * Loads a model.
     *
     * @param model a BERT for sentences, in the format ONNX
     * @param tokenizer its tokenizer.json
     * @param maxTokens the most tokens that the model takes; longer texts are cut into rows, whose vectors are averaged
     * @return the model
     */
    public static TenonEmbeddingModel load(Path model, Path tokenizer, int maxTokens) {
        String file = String.valueOf(model.getFileName());
        return new TenonEmbeddingModel(
                TextEmbedder.load(model, tokenizer, maxTokens), file.replaceFirst("\\.[a-z]+$", ""));
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        TextEmbedder.Embedded embedded =
                embedder.embed(segments.stream().map(TextSegment::text).toList());
        List<Embedding> embeddings =
                embedded.vectors().stream().map(Embedding::from).toList();
        return Response.from(embeddings, new TokenUsage(embedded.tokens()));
    }

    @Override
    public String modelName() {
        return name;
    }
}
