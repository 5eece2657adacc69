package dev.tenon.samples.springai;

import dev.tenon.samples.embeddings.MiniLmFiles;
import dev.tenon.spring.ai.TenonEmbeddingModel;
import java.util.List;
import java.util.Locale;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.SimpleVectorStore;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Searches a few sentences in a Spring context with an embedding model and a vector store. */
public final class SpringAiMain {
    private static final int MAX_TOKENS = 512;
    private static final int RESULTS = 2;
    private static final List<String> SENTENCES = List.of(
            "The clock of the town hall has stood still since the flood of 1951.",
            "Ferries cross the river from April to October.",
            "Bread makes the swans ill; visitors may give them lettuce and oats.",
            "The copper mine north of the town closed in 1988.",
            "Seven workshops in the street beside the church make violins.");

    private SpringAiMain() {}

    /** The beans. */
    @Configuration(proxyBeanMethods = false)
    static class Beans {
        @Bean
        EmbeddingModel embeddingModel() {
            return new TenonEmbeddingModel(MiniLmFiles.of(MiniLmFiles.NAME).loadEmbedder(MAX_TOKENS), MiniLmFiles.NAME);
        }

        @Bean
        VectorStore vectorStore(EmbeddingModel model) {
            VectorStore store = SimpleVectorStore.builder(model).build();
            store.add(SENTENCES.stream().map(Document::new).toList());
            return store;
        }
    }

    /**
     * Answers questions with the sentences that are nearest to them.
     *
     * @param args questions; without any, one about birds
     */
    public static void main(String[] args) {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Beans.class)) {
            VectorStore store = context.getBean(VectorStore.class);
            for (String question : args.length == 0 ? new String[] {"What do the birds eat?"} : args) {
                System.out.println(question);
                SearchRequest search =
                        SearchRequest.builder().query(question).topK(RESULTS).build();
                for (Document found : store.similaritySearch(search)) {
                    System.out.printf(Locale.ROOT, "  %.3f  %s%n", found.getScore(), found.getText());
                }
            }
        }
    }
}
