package dev.tenon.spring.ai;

import dev.tenon.embedding.Embeddings;
import dev.tenon.embedding.TextEmbedder;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.AbstractEmbeddingModel;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * An embedding model in this process, without native code and native memory. Texts of about the same length run together. Calls are
 * observed as those of Spring AI's own models. Safe for any number of threads, virtual ones too.
 */
public final class TenonEmbeddingModel extends AbstractEmbeddingModel {
    private static final String PROVIDER = "tenon";
    private static final EmbeddingModelObservationConvention CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final TextEmbedder embedder;
    private final String name;
    private final MetadataMode metadata;
    private final ObservationRegistry observations;

    /**
     * Makes a model that embeds the text of documents without their metadata, and is not observed.
     *
     * @param embedder turns texts into vectors
     * @param name the name of the model in responses
     */
    public TenonEmbeddingModel(TextEmbedder embedder, String name) {
        this(embedder, name, MetadataMode.NONE, ObservationRegistry.NOOP);
    }

    /**
     * Makes a model.
     *
     * @param embedder turns texts into vectors
     * @param name the name of the model in responses and observations
     * @param metadata which metadata of a document are embedded with its text
     * @param observations is told about calls
     */
    public TenonEmbeddingModel(
            TextEmbedder embedder, String name, MetadataMode metadata, ObservationRegistry observations) {
        this.embedder = Objects.requireNonNull(embedder, "embedder");
        this.name = Objects.requireNonNull(name, "name");
        this.metadata = Objects.requireNonNull(metadata, "metadata");
        this.observations = Objects.requireNonNull(observations, "observations");
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingOptions options = EmbeddingOptions.builder().model(name).build();
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(new EmbeddingRequest(request.getInstructions(), options))
                .provider(PROVIDER)
                .build();
        return Objects.requireNonNull(EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(null, CONVENTION, () -> context, observations)
                .observe(() -> {
                    EmbeddingResponse response = embed(request.getInstructions(), name);
                    context.setResponse(response);
                    return response;
                }));
    }

    private EmbeddingResponse embed(List<String> texts, String model) {
        Embeddings embedded = embedder.embed(texts);
        List<Embedding> embeddings = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            embeddings.add(new Embedding(embedded.vectors().get(i), i));
        }
        return new EmbeddingResponse(
                embeddings, new EmbeddingResponseMetadata(model, new DefaultUsage(embedded.tokens(), 0)));
    }

    @Override
    public float[] embed(Document document) {
        return embed(getEmbeddingContent(document));
    }

    @Override
    public String getEmbeddingContent(Document document) {
        return document.getFormattedContent(metadata);
    }
}
