package dev.tenon.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.embedding.Pooling;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.SimpleVectorStore;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The model as a bean, in a vector store, and beside ONNX Runtime with Hugging Face's tokenizer. */
@Tag("vector")
class EmbeddingModelTest {
    private static final double LEAST_COSINE = 0.99999;
    private static final Path FOLDER = Path.of(System.getProperty("tenon.models", "target/models"));
    private static final Path MODEL = FOLDER.resolve("all-minilm-l6-v2.onnx");
    private static final Path TOKENIZER = FOLDER.resolve("all-minilm-l6-v2-tokenizer.json");
    private static final List<String> TEXTS = List.of(
            "a",
            "The clock of the town hall has stood still since the flood of 1951.",
            "Grüße aus Köln, 你好 \uD83D\uDE00!",
            "river ".repeat(300));

    private static AnnotationConfigApplicationContext context;

    /** The beans of an application. */
    @Configuration(proxyBeanMethods = false)
    static class Beans {
        @Bean
        EmbeddingModel embeddingModel() {
            return new TenonEmbeddingModel(embedder(), "all-minilm-l6-v2");
        }

        @Bean
        VectorStore vectorStore(EmbeddingModel model) {
            VectorStore store = SimpleVectorStore.builder(model).build();
            store.add(List.of(
                    new Document("Ferries cross the river from April to October."),
                    new Document("Bread makes the swans ill; visitors may give them lettuce and oats."),
                    new Document("The copper mine north of the town closed in 1988.")));
            return store;
        }
    }

    private static TextEmbedder embedder() {
        Tokenizer tokenizer =
                Tokenizer.load(TOKENIZER, TokenizerOptions.standard().maxLength(512));
        return TextEmbedder.of(Model.load(MODEL).session(), tokenizer, Pooling.MEAN);
    }

    @BeforeAll
    static void start() {
        context = new AnnotationConfigApplicationContext(Beans.class);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @Test
    void embeddingsAreThoseOfOnnxRuntime() throws Exception {
        EmbeddingModel model = context.getBean(EmbeddingModel.class);
        EmbeddingResponse response = model.embedForResponse(TEXTS);
        assertThat(response.getMetadata().getModel()).isEqualTo("all-minilm-l6-v2");
        assertThat(model.dimensions()).isEqualTo(384);
        int tokens = 0;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (HuggingFaceTokenizer tokenizer =
                        HuggingFaceTokenizer.newInstance(TOKENIZER, Map.of("truncation", "false", "padding", "false"));
                OrtSession session = environment.createSession(MODEL.toString())) {
            for (int i = 0; i < TEXTS.size(); i++) {
                Encoding text = tokenizer.encode(TEXTS.get(i));
                tokens += text.getIds().length - 2;
                float[] found = response.getResults().get(i).getOutput();
                assertThat(response.getResults().get(i).getIndex()).isEqualTo(i);
                assertThat(cosine(found, mean(environment, session, text)))
                        .as(TEXTS.get(i))
                        .isGreaterThanOrEqualTo(LEAST_COSINE);
                assertThat(cosine(found, model.embed(TEXTS.get(i)))).isGreaterThanOrEqualTo(LEAST_COSINE);
            }
        }
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isEqualTo(tokens);
    }

    private static float[] mean(OrtEnvironment environment, OrtSession session, Encoding text) throws Exception {
        try (OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {text.getIds()});
                OnnxTensor mask = OnnxTensor.createTensor(environment, new long[][] {text.getAttentionMask()});
                OnnxTensor types = OnnxTensor.createTensor(environment, new long[][] {text.getTypeIds()});
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
            float[][] states = ((float[][][]) result.get(0).getValue())[0];
            float[] sum = new float[states[0].length];
            for (float[] state : states) {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += state[i];
                }
            }
            return sum;
        }
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squaresOfA += (double) a[i] * a[i];
            squaresOfB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(squaresOfA * squaresOfB);
    }

    @Test
    void aVectorStoreSearchesWithIt() {
        VectorStore store = context.getBean(VectorStore.class);
        SearchRequest search =
                SearchRequest.builder().query("What do the birds eat?").topK(1).build();
        assertThat(store.similaritySearch(search))
                .singleElement()
                .satisfies(found -> assertThat(found.getText()).contains("swans"));
    }

    @Test
    void callsAreObserved() {
        Queue<EmbeddingModelObservationContext> ended = new ConcurrentLinkedQueue<>();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new ObservationHandler<EmbeddingModelObservationContext>() {
            @Override
            public void onStop(EmbeddingModelObservationContext c) {
                ended.add(c);
            }

            @Override
            public boolean supportsContext(Observation.Context c) {
                return c instanceof EmbeddingModelObservationContext;
            }
        });
        TenonEmbeddingModel model = new TenonEmbeddingModel(embedder(), "minilm", MetadataMode.EMBED, observations);
        Document document = new Document("A bridge of stone.", Map.of("town", "Aldermere"));
        assertThat(model.getEmbeddingContent(document)).contains("Aldermere", "A bridge of stone.");
        assertThat(model.embed(document)).isEqualTo(model.embed(model.getEmbeddingContent(document)));
        assertThat(ended).hasSize(2).allSatisfy(c -> {
            assertThat(c.getName()).isEqualTo("gen_ai.client.operation");
            assertThat(c.getLowCardinalityKeyValue("gen_ai.request.model").getValue())
                    .isEqualTo("minilm");
            assertThat(c.getResponse()).isNotNull();
            assertThat(c.getError()).isNull();
        });
    }
}
