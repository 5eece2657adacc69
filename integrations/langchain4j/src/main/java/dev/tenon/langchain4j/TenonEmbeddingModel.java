package dev.tenon.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.tenon.embedding.Embeddings;
import dev.tenon.embedding.TextEmbedder;
import java.nio.file.Path;
import java.util.List;

/**
 * An embedding model in this process, without native libraries and threads of its own. {@link #embedAll} runs texts of about
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
     * Loads a model. A text that is longer than the model takes is cut, as sentence-transformers does.
     *
     * @param folder a folder that sentence-transformers saved, with the model in the format ONNX
     * @return the model, which has the name of the folder
     * @throws dev.tenon.error.TenonException if the folder has no such model
     */
    public static TenonEmbeddingModel load(Path folder) {
        return new TenonEmbeddingModel(TextEmbedder.load(folder), String.valueOf(folder.getFileName()));
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        Embeddings found =
                embedder.embed(segments.stream().map(TextSegment::text).toList());
        List<Embedding> embeddings =
                found.vectors().stream().map(Embedding::from).toList();
        return Response.from(embeddings, new TokenUsage(found.tokens()));
    }

    @Override
    public String modelName() {
        return name;
    }
}
